"""Checks of our own for checkov, which loads the modules that `__all__` lists."""

from pathlib import Path

__all__ = [file.stem for file in Path(__file__).parent.glob("[!_]*.py")]
