"""Files of a run: the project, its base, its folder `.provisioner`, saved plans, output files."""
