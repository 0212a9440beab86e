"""Export of an account as the files of a project, as a person would have written them."""
