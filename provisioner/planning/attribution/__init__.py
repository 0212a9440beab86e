"""Attribution of changes with `plan --base`: this branch or earlier drift, and the commit."""
