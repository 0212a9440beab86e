"""The ready-made pipelines of Bitbucket, Azure DevOps, Jenkins and Forgejo, against stand-ins."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipelines.cloned import TEAM, merge, run_script
from tests.platform_host import TOKEN, Host, platform_host, variables
from tests.repository import Repository
from tests.support import Account

EXAMPLES = Path(__file__).parents[2] / "examples/pipelines"
HOSTS = {"bitbucket": "bitbucket", "azure": "azure", "jenkins": "gitea", "forgejo": "gitea"}
"""Mapping from platform of the pipeline to the one that has the pull request."""

RECORDS = "refs/heads/provisioner-records"


def read(name: str) -> Any:
    return yaml.safe_load((EXAMPLES / name).read_text("utf-8"))


def scripts(platform: str) -> dict[str, str]:
    """Return the scripts for a pull request, for the plan of main and for its apply."""
    match platform:
        case "bitbucket":
            steps = [
                one["step"]
                for one in read("bitbucket/bitbucket-pipelines.yml")["definitions"]["steps"]
            ]
            found = {
                step["name"]: "\n".join(line for line in step["script"] if " -m pip " not in line)
                for step in steps
            }
            names = ("Plan", "Plan to apply", "Apply")
        case "azure":
            plan, apply = read("azure/azure-pipelines.yml")["stages"]
            steps = (
                plan["jobs"][0]["steps"]
                + apply["jobs"][0]["strategy"]["runOnce"]["deploy"]["steps"]
            )
            found = {step["displayName"]: step["bash"] for step in steps if "bash" in step}
            names = ("Plan", "Plan", "Apply")
        case "jenkins":
            text = (EXAMPLES / "jenkins/Jenkinsfile").read_text("utf-8")
            blocks = re.findall(r"stage\('([^']+)'\).*?sh '''(.*?)'''", text, re.DOTALL)
            found = {name: script.replace("\\\\", "\\") for name, script in blocks}
            names = ("Plan the pull request", "Plan to apply", "Apply")
        case _:
            [job] = read("forgejo/provisioner.yml")["jobs"].values()
            found = {step["id"]: step["run"] for step in job["steps"] if "run" in step}
            names = ("plan", "plan", "apply")
    return {key: found[name] for key, name in zip(("request", "plan", "apply"), names, strict=True)}


class Pipeline:
    """A pipeline with its pull request and the folder of its runner."""

    def __init__(self, platform: str, url: str, host: Host, clone: Repository) -> None:
        self.platform = platform
        self.host = host
        self.clone = clone
        self.scripts = scripts(platform)
        self.temporary = clone.folder.parent / "temporary"
        (self.temporary / "plan").mkdir(parents=True)
        self.request = variables(HOSTS[platform], url, self.temporary)
        if platform == "jenkins":
            self.request = {
                "JENKINS_URL": "https://ci.acme.example",
                "CHANGE_URL": f"{url}/acme/helpdesk/pulls/3",
                "CHANGE_ID": "3",
                "CHANGE_TARGET": "main",
                "GIT_COMMIT": "abcdef0123456789",
                "PROVISIONER_COMMENT_TOKEN": TOKEN,
            }

    def run(self, name: str, **more: str) -> tuple[int, str]:
        target = {
            "BITBUCKET_PR_DESTINATION_BRANCH": "main",
            "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
            "BASE": "main",
        }
        return run_script(
            self.scripts[name],
            self.clone,
            PROJECT=".",
            TARGET="production",
            AGENT_TEMPDIRECTORY=str(self.temporary),
            PIPELINE_WORKSPACE=str(self.temporary),
            RUNNER_TEMP=str(self.temporary),
            BITBUCKET_BRANCH="main",
            **({**self.request, **target} if name == "request" else {}),
            **more,
        )

    def digest(self) -> str:
        """Return the digest that a person looked at; only Forgejo asks for it."""
        code, log = run_script(
            f"provisioner show --digest {self.temporary}/plan/plan.json", self.clone
        )
        return log.strip() if code == 0 else ""


@contextmanager
def pipeline(platform: str, clone: Repository) -> Iterator[Pipeline]:
    with platform_host(HOSTS[platform]) as (url, host):
        yield Pipeline(platform, url, host, clone)


@pytest.mark.parametrize("platform", HOSTS)
def test_a_change_goes_from_the_comment_to_the_account(
    platform: str, clone: Repository, live: Account
) -> None:
    with pipeline(platform, clone) as made:
        code, log = made.run("request")
        assert code == 0, log
        [comment] = made.host.own
        assert "Robert" in comment
        assert "Planned at abcdef01" in comment

        merge(clone)
        code, log = made.run("plan")
        assert code == 0, log
        # Somebody changes the account after the plan was looked at.
        digest = made.digest()
        bob = live.agent("bob@acme.example")
        live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "Bobby"})
        if platform == "forgejo":  # it plans in the same job
            made.run("plan")
        code, log = made.run("apply", DIGEST=digest)
        assert (code, "not the plan that was reviewed" in log) == (1, True)
        assert live.agent("bob@acme.example")["name"] == "Bobby"

        live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "Bob"})
        if platform == "forgejo":
            made.run("plan")
        code, log = made.run("apply", DIGEST=digest)
        assert code == 0, log
        assert live.agent("bob@acme.example")["name"] == "Robert"
    kept = clone.git("ls-remote", "origin", RECORDS)
    assert bool(kept) == (platform in {"bitbucket", "forgejo"})
    if kept:
        clone.git("fetch", "--quiet", "origin", RECORDS)
        assert clone.git("ls-tree", "--name-only", "FETCH_HEAD").endswith(".jsonl")


@pytest.mark.parametrize("platform", HOSTS)
def test_a_commit_that_can_not_be_planned_replaces_the_comment(
    platform: str, clone: Repository
) -> None:
    clone.commit("Mistake", team="agents: [{email: a@acme.example, nome: A}]")
    with pipeline(platform, clone) as made:
        code, log = made.run("request")
        assert code == 1, log
        [comment] = made.host.own
        assert "Could not be planned at abcdef01" in comment


@pytest.mark.parametrize("platform", ["azure", "jenkins"])
def test_nobody_is_asked_to_apply_a_plan_without_changes(platform: str, clone: Repository) -> None:
    def asked() -> bool:
        code, log = made.run("plan")
        assert code == 0, log
        return "isOutput=true]true" in log or (clone.folder / "changes").exists()

    merge(clone)
    with pipeline(platform, clone) as made:
        assert asked()
        clone.commit("Revert", team=TEAM % "Bob")
        merge(clone)
        assert not asked()


def test_a_run_of_an_older_commit_writes_nothing(clone: Repository, live: Account) -> None:
    """Bitbucket: the script of the others is the same."""
    merge(clone)
    with pipeline("bitbucket", clone) as made:
        assert made.run("plan")[0] == 0
        older = clone.git("rev-parse", "HEAD")
        clone.commit("Another", team=TEAM % "Bobby")
        merge(clone)
        clone.git("checkout", "--quiet", older)
        code, log = made.run("apply")
        assert (code, "this is not the last commit of main" in log) == (1, True)
    assert live.agent("bob@acme.example")["name"] == "Bob"
