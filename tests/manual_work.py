"""Manual steps for tests of the work list."""

from typing import Any

from provisioner import address
from provisioner.address import Address, Kind
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep

MIA, BEN, LI = (address.agent(f"{name}@acme.example") for name in ("mia", "ben", "li"))
SIGNATURE = "Kind regards,\n{$firstname}\n\nAcme: support"


def step(who: Address, section: str, todo: list[str], /, **values: Any) -> ManualStep:
    name = who.key.partition("@")[0].title() if who.kind is Kind.AGENT else who.key
    return ManualStep(who, name, section, tuple(todo), values, verifiable=section in VERIFIABLE)


VERIFIABLE = {"department", "create", "role", "departments"}


def department(name: str, action: str = "create") -> ManualStep:
    return step(address.department(name), "department", [f"{action} it"], name=name, action=action)


def membership(who: Address, join: list[str], leave: list[str]) -> ManualStep:
    lines = [f'join "{name}"' for name in join] + [f'leave "{name}"' for name in leave]
    return step(who, "departments", lines, join=join, leave=leave)


def creation(who: Address, role: str = "agent") -> ManualStep:
    values = {"email": who.key, "name": who.key.partition("@")[0].title(), "role": role}
    return step(who, "create", [f"{key}: {value}" for key, value in values.items()], **values)


def signature(who: Address, text: str = SIGNATURE) -> ManualStep:
    return step(who, "signature", [f"Signature: {manual_step.on_one_line(text)}"], signature=text)


def load(who: Address, number: int) -> ManualStep:
    return step(who, "chat", [f"Load: {number}"], chat={"max_load": number})
