"""Keeps one comment of a pull request up to date.

The comment is found by its hidden first line and by its author: anybody can write the line, so a
comment of somebody else is never touched.
"""

import re
from enum import StrEnum

from provisioner.platforms.pull_comments import CommentList
from provisioner.render.markdown.comment_cut import cut
from provisioner.render.markdown.size_budget import size

MARK = re.compile(r"<!-- ([^\n]{1,300}) -->")
"""A hidden first line; its text is the name of the comment."""


class CommentOutcome(StrEnum):
    """What was done."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    NOTHING = "there is none, and none is needed"


def keep_comment(
    comments: CommentList, text: str, foot: str = "", author: str = ""
) -> CommentOutcome:
    """Create, update or delete the one comment with the first line of a text.

    A text that has only its first line deletes the comment.

    Args:
        comments: of the pull request.
        text: the comment; its first line matches `MARK`.
        foot: the end of the comment, which is never cut.
        author: the author of own comments; "" to ask the platform.

    Raises:
        TargetError: the platform declined a call, or gave no usable answer.
    """
    mark, _, content = text.partition("\n")
    if not comments.takes_html:
        mark = MARK.sub(r"[//]: # (\1)", mark)
        content, foot = _without_html(content), _without_html(foot)
    me = author or comments.own_author()
    own = [
        comment
        for comment in comments.comments()
        if comment.author == me and comment.text.split("\n", 1)[0].rstrip("\r") == mark
    ]
    if not content.strip():
        for comment in own:
            comments.delete(comment)
        return CommentOutcome.DELETED if own else CommentOutcome.NOTHING
    head = f"{mark}\n" if comments.takes_html else f"{mark}\n\n"
    room = comments.limit - size(head + foot)
    new = head + cut(content, room) + foot
    if not own:
        comments.create(new)
        return CommentOutcome.CREATED
    if own[0].text.replace("\r\n", "\n").rstrip() == new.rstrip():
        return CommentOutcome.UNCHANGED
    comments.update(own[0], new)
    return CommentOutcome.UPDATED


def _without_html(text: str) -> str:
    """Return Markdown of this program for a platform that shows tags as text."""
    text = re.sub(r"<details><summary>([^\n]*)</summary>", r"**\1**", text)
    return re.sub(r"</?(?:details|sub)>", "", text)
