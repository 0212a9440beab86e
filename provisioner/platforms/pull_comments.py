"""A comment of a pull request, and what is done with the list of them, on every platform."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment.

    Attributes:
        place: its path in the API.
        author: the id or login of its author, in the form of `CommentList.own_author`.
        text: its Markdown.
    """

    place: str
    author: str
    text: str


class CommentList(Protocol):
    """The comments of one pull request.

    Attributes:
        limit: the most bytes of a comment.
        takes_html: whether the platform hides comments of HTML, and folds `<details>`.
    """

    limit: int
    takes_html: bool

    def own_author(self) -> str:
        """Return the author of comments that are written with the token."""

    def comments(self) -> Iterator[Comment]:
        """Yield all comments, the oldest first."""

    def create(self, text: str) -> None:
        """Write a new comment."""

    def update(self, comment: Comment, text: str) -> None:
        """Replace the text of a comment."""

    def delete(self, comment: Comment) -> None:
        """Delete a comment."""
