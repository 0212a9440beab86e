"""Discovery and safe reading of the files of a project."""
