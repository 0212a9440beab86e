"""The result of a command that edits files: the edits, and what the user should know of them."""

from dataclasses import dataclass

from provisioner.address import Address, Kind
from provisioner.app.file_edits.project_edits import FileEdit
from provisioner.diagnostics import Diagnostic, InvalidProjectError, Span, UsageError
from provisioner.model.desired import DesiredState, Resource
from provisioner.suggestions import did_you_mean


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Edits of a project.

    Attributes:
        edits: the edits.
        notes: sentences for the user.
        addresses: the objects that the edits are about, for the plan.
    """

    edits: tuple[FileEdit, ...]
    notes: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()


def declared_agent(desired: DesiredState, email: str) -> Resource:
    """Return a declared agent that is not absent.

    Raises:
        UsageError: no file declares the agent.
        InvalidProjectError: the agent is declared as absent.
    """
    resource = desired.find(Kind.AGENT, email)
    if resource is None:
        raise not_declared(desired, Kind.AGENT, email)
    if resource.absent:
        raise refused(
            f"agent {email} is declared as absent", resource.span("state"), "edit the entry by hand"
        )
    return resource


def not_declared(desired: DesiredState, kind: Kind, name: str) -> UsageError:
    """Return the error for an object that no file declares."""
    known = [resource.address.key for resource in desired.of(kind)]
    return UsageError(
        Diagnostic(
            code="usage",
            summary=f'{kind} "{name}" is not declared',
            hint=did_you_mean(name, known),
        )
    )


def refused(summary: str, span: Span | None = None, hint: str = "") -> InvalidProjectError:
    """Return the error for an edit that is not made."""
    return InvalidProjectError(
        Diagnostic(code="edit-refused", summary=summary, span=span, hint=hint)
    )
