"""The ready-made pipelines, as package data for `provisioner init --ci`.

The folder is `examples/pipelines/` in the repository and `provisioner.pipelines` when installed.
This file makes an editable install find it, too.
"""
