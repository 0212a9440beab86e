"""A checked request for a handler, its answer, and the description of an operation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from provisioner.sandbox.database import Database, Row
from provisioner.sandbox.errors import MissingError
from provisioner.sandbox.fields import Field, JsonObject, Model
from provisioner.sandbox.switches import Switches

NO_ROW = "Row does not exist"  # D: changelog 2026-03-16

# The largest row number of SQLite; a larger number is no id.
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Call:
    """A request as its handler gets it.

    Attributes:
        database: inside the request's transaction.
        switches: the behaviour of the sandbox.
        path: the variable parts of the path.
        query: the checked query parameters of the operation, with defaults.
        body: the received JSON object, checked against the operation's model.
        caller: the key's row: id, type, agent_id, role, role_id, privileges; empty where no key is
            needed.
    """

    database: Database
    switches: Switches
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: JsonObject
    caller: Row

    def number(self, name: str) -> int:
        """Return a variable part of the path as a numeric id.

        Raises:
            MissingError: it is not a number, so no row has this id.
        """
        text = self.path[name]
        if not (text.isascii() and text.isdigit()) or len(text) > len(str(_LARGEST_ID)):
            raise MissingError(NO_ROW)
        number = int(text)
        if number > _LARGEST_ID:
            raise MissingError(NO_ROW)
        return number


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer other than JSON with status 200.

    Attributes:
        value: JSON, or a text or bytes where there is a media type.
        status: the status of the answer.
        headers: the headers of the answer, in addition to the usual ones.
        media_type: the media type of a text or of bytes; empty for JSON.
    """

    value: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = ""


Handler = Callable[[Call], object]
Shape = Model | Field


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path: its handler, and its description for the OpenAPI document.

    Attributes:
        method: the HTTP method.
        path: below /api/v3.
        handler: answers the call with JSON, or with an `Answer`; its docstring is the title.
        answer: the model of the answer; inside a list for an array.
        body: the model of the request's JSON object.
        body_optional: whether the body may be missing.
        keeps_missing: whether missing properties keep their values, unless a switch resets them.
        form: the fields of the request's form.
        query: the query parameters.
        status: the status of a successful answer.
        public: whether it needs no key.
        creates: whether a GET writes.
        switch: the switch that must be on for the operation to exist.
        alias: another path of the operation, from the root.
        answers_fully: whether a write is answered with the object, whatever the switches are.
        scopes: the scopes of a key of which one suffices; empty for any key. Those for own objects
            count only for objects of the key's own agent.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    handler: Handler
    answer: Shape | list[Model]
    body: Model | None = None
    body_optional: bool = False
    keeps_missing: bool = False
    form: Model | None = None
    query: tuple[Field, ...] = ()
    status: int = 200
    public: bool = False
    creates: bool = False
    switch: str = ""
    alias: str = ""
    answers_fully: bool = False
    scopes: tuple[str, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether the request needs a transaction that writes."""
        return self.method != "GET" or self.creates

    @property
    def title(self) -> str:
        """One line that describes the operation."""
        return (self.handler.__doc__ or "").partition("\n")[0].rstrip(".")
