"""The wheel holds every package and every schema."""

import re
from configparser import ConfigParser
from importlib import resources
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_schema_is_found_as_package_data() -> None:
    installed = {file.name for file in resources.files("provisioner.schemas").iterdir()}
    assert {file.name for file in (ROOT / "schemas").glob("*.json")} <= installed


def test_every_template_is_package_data() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    assert config["options.package_data"]["provisioner.render.html"] == "templates/*"
    found = {
        file.name for file in (resources.files("provisioner.render.html") / "templates").iterdir()
    }
    assert found == {
        *("plan.html.jinja", "plan.css", "plan.js"),
        *("access.html.jinja", "access.css", "access.js"),
        *("manual.html.jinja", "manual.css", "manual.js"),
        *("fleet.html.jinja", "fleet.css", "fleet.js"),
        "filters.js",
    }


def test_every_pipeline_is_package_data() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    patterns = config["options.package_data"]["provisioner.pipelines"].split(", ")
    top = ROOT / "examples/pipelines"
    packaged = {file for pattern in patterns for file in top.glob(pattern)}
    assert packaged == {
        file for file in top.rglob("*") if file.is_file() and file.suffix not in {".py", ".pyc"}
    }
    for folder in ("gitlab", "gitlab-fleet"):
        pipeline = resources.files("provisioner.pipelines") / folder / ".gitlab-ci.yml"
        assert pipeline.is_file()


def test_no_hint_installs_another_program_of_the_same_name() -> None:
    """On the package index, `provisioner` belongs to another program."""
    files = [*ROOT.glob("*.*"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.*")]
    files += [*(ROOT / "provisioner").rglob("*.py"), ROOT / "Makefile"]
    wrong = re.compile(r"""pip install [^\n`]*?[ '"]provisioner(?![\w/.-])|(?<!-)\bprovisioner\[""")
    assert [file for file in files if file.is_file() and wrong.search(text_of(file))] == []


def text_of(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "replace")
