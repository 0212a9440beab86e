"""Counts the file descriptors that a process may still open."""

import os

SERVER_DESCRIPTORS = 8
"""Descriptors of a running server: its listener, event loop and database (measured)."""

SPARE_DESCRIPTORS = 12
"""Descriptors for all else that the process opens: files, pipes to git, a lock, a record."""


def descriptors_for_connections(most: int) -> int:
    """Return the number of descriptors for connections of a server that starts now.

    Args:
        most: the largest number to return.
    """
    wanted = most + SERVER_DESCRIPTORS + SPARE_DESCRIPTORS
    taken: list[int] = []
    try:
        while len(taken) < wanted:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:  # none is left
        pass
    finally:
        for descriptor in taken:
            os.close(descriptor)
    return max(0, len(taken) - SERVER_DESCRIPTORS - SPARE_DESCRIPTORS)
