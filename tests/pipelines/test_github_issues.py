"""What workflows of GitHub keep up to date: pull requests and issues of drift and manual steps."""

from tests.panel import Panel
from tests.pipelines.github import PROJECT, UNKNOWN, GitHub
from tests.pipelines.runner import filled, holds, workflow
from tests.platform_issues import KeptIssues
from tests.support import account, write_project

BY_HAND = """
    departments: [{name: Support}, {name: Sales}]
    agents:
      - {email: mia@acme.example, name: Mia, departments: {Support: {tickets: true}}}
      - {email: bob@acme.example, name: Bob, alias: %s, departments: {Sales: {}}}
"""
"""A team with two settings that API v3 can't write, of which it shows one."""


def report(github: GitHub) -> KeptIssues:
    """Run both jobs of the drift workflow, and return the pull requests, issues and comments."""
    found = github.job("drift", "drift")
    code = found.context["steps"]["drift"]["outputs"]["code"]
    done = github.job("drift", "report", needs={"drift": {"outputs": {"code": code}}}, key="")
    assert not done.failed, done.log
    return github.issues


def test_a_pull_request_accepts_drift_and_a_clean_run_closes_it(github: GitHub) -> None:
    assert report(github).pulls == {}
    bob = github.live.agent("bob@acme.example")
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "Bobby"})
    [pull] = report(github).pulls.values()
    assert (pull["state"], pull["base"]) == ("open", "main")
    assert pull["head"] == "provisioner/drift-production"
    assert pull["body"].startswith("<!-- provisioner-drift: production -->\n## ")
    assert "changed in the account since run 1" in pull["body"]
    github.author.git("fetch", "--quiet", "origin")
    change = github.author.git("diff", "--unified=0", "origin/main", f"origin/{pull['head']}")
    assert change.count("diff --git") == 1
    assert [line for line in change.split("\n") if line[:1] in "+-" and line[1:2] == " "] == [
        "-  - {email: bob@acme.example, name: Bob}",
        "+  - {email: bob@acme.example, name: Bobby}",
    ]
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "Robby"})
    [pull] = report(github).pulls.values()
    assert "Robby" in pull["body"]
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "Bob"})
    posts = report(github)
    [pull] = posts.pulls.values()
    assert pull["state"] == "closed"
    assert posts.comments == [(40, "The account is as the files declare.")]


def test_an_issue_names_what_the_files_can_not_have(github: GitHub) -> None:
    """A membership that a profile gives is for a person to remove."""
    file = github.author.folder / "team.yaml"
    before = file.read_text()
    profile = "profiles: [{name: all, departments: {Sales: {}}}]\n"

    def push(text: str) -> None:
        file.write_text(text)
        github.author.commit("Change the team")
        github.author.git("push", "--quiet", "origin", "main")

    push(profile + before.replace("name: Bob}", "name: Bob, extends: [all]}"))
    [issue] = report(github).issues.values()
    assert issue["state"] == "open"
    assert issue["title"] == "Drift of the account of production"
    assert "| departments | Sales | (none) |" in issue["body"]
    push(before)
    posts = report(github)
    [issue] = posts.issues.values()
    assert issue["state"] == "closed"
    assert posts.pulls == {}


def list_by_hand(github: GitHub, name: str, **inputs: str) -> tuple[str, bool]:
    """Run a workflow with the one that it calls, and return its result and whether it listed."""
    jobs = workflow(name)["jobs"]
    first, call = jobs[name], jobs["manual"]
    found = github.job(name, name, inputs=inputs)
    outputs = {key: filled(value, found.context) for key, value in first["outputs"].items()}
    needs = {call["needs"]: {"outputs": outputs}}
    if listed := holds(call["if"], {"needs": needs}):
        [path] = [path for path in ("manual",) if call["uses"].endswith(f"/{path}.yml")]
        done = github.job(path, "issue", needs=needs, key="")
        assert not done.failed, done.log
    return outputs.get("code", found.summary), listed


def test_one_issue_has_the_manual_steps_until_none_is_open(github: GitHub) -> None:
    """What the API does not show is acknowledged; what it shows is done in the panel."""
    mark = "<!-- provisioner-manual: production -->\n"
    with account(github.folder.parent, surface="v3") as live:

        def push(**files: str) -> None:
            github.author.commit("Change the team", **files)
            github.author.git("push", "--quiet", "origin", "main")

        def tick(body: str) -> None:
            github.issues.issues[40]["body"] = body.replace("\n", "\r\n")

        push(provisioner=PROJECT % live.server.url, team=BY_HAND % "Bobby")
        refused, listed = list_by_hand(github, "apply", digest=UNKNOWN)
        assert not listed
        digest = refused.rsplit("the digest `", 1)[1].split("`")[0]
        assert list_by_hand(github, "apply", digest=digest)[1]
        [issue] = github.issues.issues.values()
        assert (issue["state"], issue["title"]) == ("open", "Manual steps of production")
        assert issue["body"].startswith(mark)
        assert "- [ ] **1** add Bob, *ticks itself off*\n" in issue["body"]
        assert "- [ ] **2** Alias: Bobby\n" in issue["body"]

        # The account shows that nobody has added Bob, so this tick does not count.
        tick(issue["body"].replace("[ ]", "[x]"))
        # Nor has anybody removed him, so there is nothing to accept.
        assert list_by_hand(github, "drift")[0] == "by-hand"
        [issue] = github.issues.issues.values()
        assert "- [ ] **1** add Bob, *ticks itself off*\n" in issue["body"]
        assert "- [x] **2** Alias: Bobby\n" in issue["body"]

        Panel(github.live).join("bob@acme.example", "Sales")
        push(team=BY_HAND % "Robby")
        code, _ = list_by_hand(github, "drift")
        [issue] = github.issues.issues.values()
        assert "- [ ] **1** Alias: Robby\n" in issue["body"]
        needs = {"drift": {"outputs": {"code": code}}}
        assert holds(workflow("drift")["jobs"]["report"]["if"], {"needs": needs})
        assert not github.job("drift", "report", needs=needs, key="").failed
        assert github.issues.pulls == {}
        assert len(github.issues.issues) == 1

        [step] = live.plan(github.author.folder)["manual_steps"]
        push(acknowledged=f'[{{step: "{step["id"]}", by: Mia, on: 2026-11-26}}]')
        code, _ = list_by_hand(github, "drift")
        assert code == "0"
        [issue] = github.issues.issues.values()
        assert issue["state"] == "closed"
        assert github.issues.comments == [(40, "Nothing is left to do by hand.")]


LAPSED = """
    departments: [{name: Support}, {name: Sales}]
    agents:
      - email: mia@acme.example
        name: Mia
        role: agent
        departments: {Support: {tickets: true}}
        temporary: [{from: 2001-01-01, until: 2001-01-31, reason: Covers for Priya, role: admin}]
      - {email: bob@acme.example, name: Bob}
"""


def test_the_scheduled_run_takes_away_what_has_lapsed(github: GitHub) -> None:
    live, settings = github.live, PROJECT % github.live.server.url
    raised = LAPSED.replace("role: agent", "role: admin").replace("name: Bob", "name: Rob")
    live.apply(write_project(github.folder / "before", team=raised))
    github.author.commit("End", team=LAPSED, provisioner=settings)
    github.author.git("push", "--quiet", "origin", "main")
    records = len(github.artifacts)
    found = github.job("drift", "drift")
    # What has lapsed is gone; the other difference is drift, and waits for a person.
    assert "role: admin → agent" in found.log
    assert live.plan(github.author.folder)["lapsed"] == []
    assert found.context["steps"]["lapsed"]["outcome"] == "success"
    assert found.context["steps"]["drift"]["outputs"]["code"] == "2"
    assert live.agent("bob@acme.example")["name"] == "Rob"
    assert "provisioner-records" in [one["name"] for one in github.artifacts[records:]]
    writes = len(live.writes())
    assert github.job("drift", "drift").context["steps"]["lapsed"]["outcome"] == "success"
    assert len(live.writes()) == writes
