"""The form in which an account holds planned hours: numbers of days, and the text of times.

No document has it (U), so it comes from the target's settings, from `capabilities.yaml`, or from
rows that the account already has. What none of them shows is assumed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from provisioner.model.assumptions import AccountCapabilities
from provisioner.model.kinds import DAYS

_BASE, _FIRST_DAY = "plan_day_base", "plan_first_day"
_TIMES, _MIDNIGHT = "plan_time_format", "plan_midnight"
HOURS_FACTS = (_BASE, _FIRST_DAY, _TIMES, _MIDNIGHT)
"""The assumptions that make up the form."""

_WEEK = len(DAYS)


@dataclass(frozen=True, slots=True)
class HoursForm:
    """The form of planned hours in one account.

    Attributes:
        first_day: the first day of the week, `mon` or `sun`.
        first_number: the number of that day, 0 or 1.
        times: `HH:MM:SS` or `HH:MM`.
        midnight: the end of a shift to midnight, as HH:MM.
        is_confirmed: whether a person or a probe confirmed the numbers of days.
        is_contradicted: whether rows of the account contradict the assumed numbers.
    """

    first_day: str
    first_number: int
    times: str
    midnight: str
    is_confirmed: bool = False
    is_contradicted: bool = False

    def number_of(self, day: str) -> int:
        """Return the number of a day of the YAML."""
        return (DAYS.index(day) - DAYS.index(self.first_day)) % _WEEK + self.first_number

    def day_of(self, number: int) -> str | None:
        """Return the day with a number, or None if no day can have it.

        Where Monday is 1, Sunday may be 0 or 7.
        """
        monday = self.number_of("mon")
        numbers = range(1 if monday > 1 else 0, _WEEK + (monday > 0))
        return DAYS[(number - monday) % _WEEK] if number in numbers else None

    def time_of(self, clock: str) -> str:
        """Return a time `HH:MM` as the account holds it."""
        written = self.midnight if clock == "24:00" else clock
        return written + ":00" * (self.times == "HH:MM:SS")

    def described(self) -> str:
        """Return the numbers of days in words."""
        first, last = DAYS.index(self.first_day), self.first_number + _WEEK - 1
        return f"{DAYS[first]} = {self.first_number} to {DAYS[first - 1]} = {last}"


def hours_form(
    capabilities: AccountCapabilities, numbers: Collection[int], times: Collection[str]
) -> HoursForm:
    """Return the form of an account's hours.

    A row with day 7 shows that the account does not count from 0. It does not show the first day
    of the week, so the form stays unconfirmed.
    """
    times_form = _times(times)
    if capabilities.confirms(_TIMES) or times_form is None:
        times_form = capabilities[_TIMES]
    first_days = _values(capabilities, _FIRST_DAY, "mon", "sun")
    bases = _values(capabilities, _BASE, 0, 1)
    forms = [
        HoursForm(first_day, base, times_form, capabilities[_MIDNIGHT])
        for first_day, base in product(first_days, bases)
    ]
    fitting = [form for form in forms if None not in map(form.day_of, numbers)]
    form = fitting[0] if fitting else forms[0]
    return replace(form, is_confirmed=len(forms) == 1, is_contradicted=form is not forms[0])


def _values(capabilities: AccountCapabilities, name: str, *values: Any) -> tuple[Any, ...]:
    """Return the values that an assumption may have, the assumed one first."""
    assumed = capabilities[name]
    if capabilities.confirms(name):
        return (assumed,)
    return (assumed, *(value for value in values if value != assumed))


def _times(times: Collection[str]) -> str | None:
    """Return the form that all times have, or None if they differ or there are none."""
    forms = {"HH:MM:SS" if text.count(":") > 1 else "HH:MM" for text in times}
    return forms.pop() if len(forms) == 1 else None


def hours_facts(capabilities: AccountCapabilities) -> dict[str, Any]:
    """Return the confirmed facts about an account's hours, by the name of their assumption."""
    return {name: capabilities[name] for name in HOURS_FACTS if capabilities.confirms(name)}


def facts_of_setting(setting: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts in the setting `hours` of a target, by the name of their assumption."""
    names = {
        "first_day": _FIRST_DAY,
        "first_number": _BASE,
        "times": _TIMES,
        "midnight": _MIDNIGHT,
    }
    return {names[key]: value for key, value in setting.items()}


ASSUMED_HOURS_FORM = hours_form(AccountCapabilities(), (), ())
"""The form of an account of which nothing is known."""
