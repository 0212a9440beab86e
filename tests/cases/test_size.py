"""Golden files are short enough to be read."""

from pathlib import Path

CASES = Path(__file__).parent
PUBLISHED = {"sarif-2.1.0-rtm.5.schema.json"}
LINES = 1000


def test_a_golden_file_is_short_enough_to_be_read() -> None:
    files = [file for file in CASES.rglob("*") if file.is_file() and file.suffix != ".pyc"]
    lines = {file.name: file.read_bytes().count(b"\n") for file in files}
    assert [name for name in lines if lines[name] > LINES and name not in PUBLISHED] == []
