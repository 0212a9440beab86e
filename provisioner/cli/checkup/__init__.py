"""The checks of `provisioner doctor`: of this machine, of the project, and of the account."""
