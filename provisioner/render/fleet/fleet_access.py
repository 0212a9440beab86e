"""Who has access anywhere: each person over all accounts of a fleet."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from provisioner.fleet.waves import named_accounts
from provisioner.planning.access.access_list import AccessList
from provisioner.render import readable
from provisioner.render.access import access_words as words
from provisioner.render.access.access_csv import csv_text
from provisioner.render.json_text import json_text
from provisioner.render.markdown import tables
from provisioner.render.markdown.comment import LIMIT
from provisioner.render.markdown.foreign_text import cell, quoted
from provisioner.render.markdown.size_budget import Section

Row = dict[str, Any]


def rows_of(report: AccessList) -> list[Row]:
    """Return the people with access to one account, as data of a worker's result."""
    return [
        {
            "email": person.address.key,
            "name": person.name,
            "role": words.role_text(person),
            "departments": words.departments_text(person),
            "declared": words.declared_text(person.newest),
            "notes": [*words.notes(person)],
            "target": report.target,
            "person": person.as_data(),
        }
        for person in report.people
    ]


def is_asked_for(person: str, email: str, name: str) -> bool:
    """Return whether somebody is the person: the email, or a part of the email or of the name."""
    wanted = person.casefold()
    return wanted in email.casefold() or wanted in name.casefold()


def by_person(accounts: Mapping[str, Iterable[Row]], person: str) -> list[list[Row]]:
    """Return the rows of each person, by email; each row has the name of its account.

    `person` is whom to list; "" for everybody.
    """
    people: dict[str, list[Row]] = {}
    for account, rows in accounts.items():
        for row in rows:
            if is_asked_for(person, row["email"], row["name"]):
                people.setdefault(row["email"].casefold(), []).append({"account": account, **row})
    return [people[email] for email in sorted(people)]


def as_text(people: list[list[Row]], total: int, failed: Sequence[str]) -> str:
    """Return the access for reading in a terminal.

    `total` is the number of accounts read, and `failed` has the names of the others.
    """
    lines = []
    for rows in people:
        lines.append(f"{readable.harmless(_named(rows))}: {readable.count(len(rows), 'account')}")
        for row in rows:
            lines.append(f"  {_line(row)}")
            lines += [f"      {readable.harmless(note)}" for note in row["notes"]]
    lines.append(summary(people, total, failed))
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    parts = (row["account"], row["role"], row["departments"], row["declared"])
    return "  ".join(readable.harmless(part) for part in parts if part)


def _named(rows: list[Row]) -> str:
    email = rows[0]["email"]
    name = next((row["name"] for row in rows if row["name"]), "")
    return f"{name} <{email}>" if name else email


def summary(people: list[list[Row]], total: int, failed: Sequence[str]) -> str:
    """Return how many people have access to how many accounts, and which were not read."""
    names = named_accounts([readable.harmless(name) for name in failed])
    unread = f", {len(failed)} not read: {names}" if failed else ""
    read = readable.count(total, "account")
    return f"Access: {readable.people(len(people))}, {read} read{unread}."


def as_markdown(people: list[list[Row]], total: int, failed: Sequence[str]) -> str:
    """Return the access as a table, which is always shorter than `LIMIT`; see `as_text`."""
    rows = tuple(
        tables.row(
            cell(_named(one)),
            cell(row["account"]),
            cell(row["role"]),
            cell(row["departments"]),
            cell(row["declared"]),
            "; ".join(map(cell, row["notes"])),
        )
        for one in people
        for row in one
    )
    columns = ("Person", "Account", "Role", "Departments", "Declared", "Notes")
    title = quoted(summary(people, total, failed), 2 * readable.LONGEST)
    head = f"## {title}\n\n{tables.head(*columns)}"
    return Section(LIMIT, head, rows, more="\nRows left out here: {}.\n").within(LIMIT)


def as_json(people: list[list[Row]], failed: Iterable[str], total: int) -> str:
    """Return the access as JSON; `failed` has the names of accounts that could not be read."""
    return json_text(
        {
            "format_version": "1.0",
            "accounts": total,
            "not_read": [*failed],
            "people": [
                {
                    "email": rows[0]["email"],
                    "accounts": [
                        {"account": row["account"], "target": row["target"], **row["person"]}
                        for row in rows
                    ],
                }
                for rows in people
            ],
        }
    )


def as_csv(accounts: Mapping[str, str], person: str) -> str:
    """Return the rows of `provisioner access --format csv` with the account before each."""
    return csv_text(_csv_rows(accounts, person))


def _csv_rows(accounts: Mapping[str, str], person: str) -> Iterator[tuple[str, ...]]:
    for number, (account, text) in enumerate(accounts.items()):
        head, *rows = csv.reader(StringIO(text))
        if number == 0:
            yield "account", *head
        email, name = head.index("email"), head.index("name")
        for row in rows:
            if is_asked_for(person, row[email], row[name]):
                yield account, *row
