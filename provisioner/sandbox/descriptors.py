"""How many file descriptors a process has left."""

import os

SERVER_DESCRIPTORS = 8
"""Of a running server: its listener, its event loop and its database; found by counting."""

SPARE_DESCRIPTORS = 12
"""For everything else that a process opens meanwhile: files, pipes to git, a lock, a record."""


def descriptors_for_connections(most: int) -> int:
    """Return how many descriptors may become connections of a server that starts now.

    Args:
        most: enough of them; more are not looked for.
    """
    wanted = most + SERVER_DESCRIPTORS + SPARE_DESCRIPTORS
    taken: list[int] = []
    try:
        while len(taken) < wanted:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:  # there are no more
        pass
    finally:
        for descriptor in taken:
            os.close(descriptor)
    return max(0, len(taken) - SERVER_DESCRIPTORS - SPARE_DESCRIPTORS)
