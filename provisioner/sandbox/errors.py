"""Errors of the sandbox, and the HTTP status of each.

SandboxError                 the sandbox cannot start
ApiError                     a request is answered with {"message": ...}
├── InvalidError             400
├── BlockedError             401
├── ForbiddenError           403
├── MissingError             404
├── NotAllowedError          405
├── TooLargeError            413
├── SecondFactorNeededError  424
├── SecondFactorWrongError   425
└── TooManyRequestsError     429
"""


class SandboxError(Exception):
    """The sandbox cannot start, or a setting is unknown."""


class ApiError(Exception):
    """A request is refused; the caller gets the text as `message`."""


class InvalidError(ApiError):
    """The request is wrong, or the state of the account forbids it."""


class BlockedError(ApiError):
    """The key may not be used from this address."""


class ForbiddenError(ApiError):
    """The key is missing or wrong, or its agent may not do this."""


class MissingError(ApiError):
    """The path or the object does not exist."""


class NotAllowedError(ApiError):
    """The path does not have this method."""


class TooLargeError(ApiError):
    """The body of the request is larger than the sandbox accepts."""


class SecondFactorNeededError(ApiError):
    """The login needs a two-factor code."""


class SecondFactorWrongError(ApiError):
    """The two-factor code is wrong."""


class TooManyRequestsError(ApiError):
    """The key has reached its limit of requests.

    Attributes:
        retry_after: seconds until the next request is accepted.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many requests")
        self.retry_after = retry_after


# The page that the vendor's framework sends for an uncaught fault (C: phone app, PHP client).
FAULT_PAGE = (
    "<html><head><title>Slim Application Error</title></head><body>"
    "<h1>Slim Application Error</h1><p>A website error has occurred.</p></body></html>"
)

# The documented codes (D: scala client, changelog 2019-02-13); 403 also for a wrong or missing key.
STATUS: dict[type[ApiError], int] = {
    InvalidError: 400,
    BlockedError: 401,
    ForbiddenError: 403,
    MissingError: 404,
    NotAllowedError: 405,
    TooLargeError: 413,
    SecondFactorNeededError: 424,
    SecondFactorWrongError: 425,
    TooManyRequestsError: 429,
}
