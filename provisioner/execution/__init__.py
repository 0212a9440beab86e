"""From a plan to steps, and the steps to the target in the right order."""
