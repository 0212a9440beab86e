"""What can go wrong, and the one map from each fault to its HTTP status.

SandboxError                 the sandbox cannot start
ApiError                     a request is answered with {"message": ...}
├── InvalidError             400
├── BlockedError             401
├── ForbiddenError           403
├── MissingError             404
├── TooLargeError            413
├── SecondFactorNeededError  424
├── SecondFactorWrongError   425
└── TooManyRequestsError     429
"""


class SandboxError(Exception):
    """The sandbox cannot start or was given a setting that it does not know."""


class ApiError(Exception):
    """A request that is refused; the text goes to the caller as `message`."""


class InvalidError(ApiError):
    """The request itself is wrong, or the state of the account forbids it."""


class BlockedError(ApiError):
    """The key may not be used from this address."""


class ForbiddenError(ApiError):
    """No key, a wrong key, or a key whose owner may not do this."""


class MissingError(ApiError):
    """There is no such path or object."""


class TooLargeError(ApiError):
    """The body of a request is longer than the sandbox reads."""


class SecondFactorNeededError(ApiError):
    """The login needs a two-factor code."""


class SecondFactorWrongError(ApiError):
    """The two-factor code is wrong."""


class TooManyRequestsError(ApiError):
    """The key has used up its requests.

    Attributes:
        retry_after: seconds until the next request is let through.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many requests")
        self.retry_after = retry_after


# What the vendor's framework shows for a fault that nobody caught (C: phone app, PHP client).
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
    TooLargeError: 413,
    SecondFactorNeededError: 424,
    SecondFactorWrongError: 425,
    TooManyRequestsError: 429,
}
