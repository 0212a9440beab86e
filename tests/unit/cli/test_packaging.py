"""The wheel holds every package and every schema."""

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
    assert (resources.files("provisioner.pipelines") / "gitlab/.gitlab-ci.yml").is_file()
