"""Files that commands write: plans, snapshots, and the folder of a project's records."""
