"""Finds the number of rows that a page of a list may have: the account's limit is unpublished."""

import threading
from collections.abc import Callable
from typing import TypeVar

from provisioner.diagnostics import TargetError

SMALLEST = 10
"""The rows of a page of a request that asks for no number (D), so no account refuses it."""

_REFUSALS = {400, 413, 422}
"""The statuses of a request for too many rows (U): invalid, too large, or not processable."""

Result = TypeVar("Result")


class PageSize:
    """The rows to request in a page, for all threads of a run.

    A refused number is halved, and the account's lists are read with what it has accepted. Until
    the first list is accepted, others wait for it, so that only one of them is refused.

    Attributes:
        size: the rows of the largest page that the account has not refused.
        refused: how many requests were refused because of their number of rows.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.refused = 0
        self._is_accepted = False
        self._lock = threading.RLock()

    def fit(self, request: Callable[[int], Result]) -> tuple[int, Result]:
        """Request the first page of a list, with fewer rows if the account refuses their number.

        Args:
            request: requests the page with a number of rows.

        Returns:
            The accepted number of rows, and the result of the request.

        Raises:
            TargetError: the request failed; if it was refused, then with the fewest rows, too.
        """
        if self._is_accepted:
            return self._fit(request)
        with self._lock:
            return self._fit(request)

    def _fit(self, request: Callable[[int], Result]) -> tuple[int, Result]:
        size, refused = self.size, 0
        while True:
            try:
                result = request(size)
            except TargetError as error:
                if error.status not in _REFUSALS or size <= SMALLEST:
                    raise
                size, refused = max(SMALLEST, size // 2), refused + 1
            else:
                with self._lock:
                    self.size = min(self.size, size)
                    self.refused += refused
                    self._is_accepted = True
                return size, result
