"""Finds the packages; everything else about the distribution is in setup.cfg."""

from setuptools import find_packages, setup

DATA = ["provisioner.schemas", "provisioner.pipelines"]

setup(packages=[*find_packages(include=["provisioner", "provisioner.*"]), *DATA])
