"""Commands for pipelines that write to the platform of the repository, and never to an account."""
