"""docs/adr/README.md lists every decision record by its title."""

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs/adr"
INDEX = FOLDER / "README.md"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))


def entry(record: Path) -> str:
    """Return the line of a record, made from its first heading."""
    heading = record.read_text(encoding="utf-8").partition("\n")[0]
    number, _, title = heading.removeprefix("# ").partition(". ")
    assert record.name.startswith(f"{int(number):04}-"), heading
    return f"{number}. [{title}]({record.name})"


def test_the_index_lists_each_record(*, update_golden: bool) -> None:
    text = INDEX.read_text(encoding="utf-8")
    introduction = text[: text.index("\n1. ") + 1]
    wanted = introduction + "".join(f"{entry(record)}\n" for record in RECORDS)
    if update_golden:
        INDEX.write_text(wanted, encoding="utf-8")
    assert INDEX.read_text(encoding="utf-8") == wanted


def test_records_are_numbered_without_gaps() -> None:
    numbers = [int(record.name[:4]) for record in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))
