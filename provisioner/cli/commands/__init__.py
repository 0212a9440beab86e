"""The commands of `provisioner`: the module `plan` holds the command `plan`."""
