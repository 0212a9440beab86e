"""From the name of a target to a connection: address, key, limits, trust."""
