"""One request on its way through the sandbox, and what an operation is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from provisioner.sandbox.database import Database, Row
from provisioner.sandbox.errors import MissingError
from provisioner.sandbox.fields import Field, JsonObject, Model
from provisioner.sandbox.switches import Switches

NO_ROW = "Row does not exist"  # D: changelog 2026-03-16

# The largest row number of SQLite; a longer number can be no id.
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler gets to see of one request.

    Attributes:
        database: inside the request's transaction.
        switches: how the sandbox behaves.
        path: the path's variable parts.
        query: the query parameters that the operation knows, checked, defaults filled in.
        body: the JSON object received, checked against the operation's model.
        caller: the key's row: id, type, agent_id, role, role_id; empty where none is needed.
    """

    database: Database
    switches: Switches
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: JsonObject
    caller: Row

    def number(self, name: str) -> int:
        """Read a variable part of the path that is a numeric id.

        Raises:
            MissingError: it is no number, so no row has it.
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
    """An answer that is more than JSON with status 200.

    Attributes:
        value: JSON, or what is sent as it is where it has a media type.
        status: of the answer.
        headers: of the answer, beside the usual ones.
        media_type: of a text or of bytes; empty for JSON.
    """

    value: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = ""


Handler = Callable[[Call], object]
Shape = Model | Field


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path: who answers it, and its description for the OpenAPI document.

    Attributes:
        method: the HTTP method.
        path: below /api/v3.
        handler: answers the call with JSON, or with an `Answer`; its docstring is the title.
        answer: the model of the answer; in a list where the answer is an array.
        body: the model of the request's JSON object.
        body_optional: whether the body may be left out.
        keeps_missing: whether a switch decides what becomes of properties left out.
        form: the fields of the request's form.
        query: the query parameters.
        status: of an answer that went well.
        public: whether it works without a key.
        creates: whether it writes although it is a GET.
        switch: the switch that must be on for the operation to exist.
        alias: another path, from the root, where it is answered too.
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

    @property
    def writes(self) -> bool:
        """Whether the request needs a transaction that writes."""
        return self.method != "GET" or self.creates

    @property
    def title(self) -> str:
        """One line for people."""
        return (self.handler.__doc__ or "").partition("\n")[0].rstrip(".")
