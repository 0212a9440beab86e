"""Projects as data: departments, roles and agents that refer to each other."""

from typing import Any

from hypothesis import strategies as st

DEPARTMENTS = ["Support", "Sales", "Billing & Returns", "Türkçe", "NO", "2026"]
ROLES = ["Team lead", "Analyst"]
EMAILS = [f"{name}@acme.example" for name in ("mia", "bob", "Ann.Lee", "o'neil", "x+y")]
PERMISSIONS = ["manage_agents", "view_rankings_of_other_agents", "perform_mass_action"]

Project = dict[str, list[dict[str, Any]]]


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return mappings with any subset of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def services(value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return optional(tickets=value, chats=value, calls=value)


def _consistent(agent: dict[str, Any]) -> dict[str, Any]:
    """Make an agent a member of every department that the hours name."""
    used = [name for block in agent.get("hours") or [] for name in block["departments"]]
    if used and agent.get("departments", {}) is not None:
        agent["departments"] = {
            **{name: {} for name in used if name in DEPARTMENTS},
            **agent.get("departments", {}),
        }
    if used and (agent.get("departments") is None or "General" in used):
        del agent["hours"]
    return agent


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Return a valid project, with every field left out, null or given."""
    departments = draw(st.lists(st.sampled_from(DEPARTMENTS), unique=True, max_size=4))
    roles = draw(st.lists(st.sampled_from(ROLES), unique=True, max_size=2))
    emails = draw(st.lists(st.sampled_from(EMAILS), unique=True, min_size=1, max_size=4))
    permissions = st.dictionaries(
        st.sampled_from(PERMISSIONS), st.sampled_from(["grant", "revoke", None])
    )
    flag = st.sampled_from([True, False, None])
    text = st.sampled_from([None, "", "Mia", "two\nlines", "{$firstname} ünï", "NO", "012"])
    membership = optional(
        tickets=flag,
        chats=flag,
        calls=flag,
        role=st.sampled_from([None, "reader", "solver", "supervisor", "manager"]),
        change_own_status=flag,
        signature=text,
    )
    events = {"ticket_assigned": flag, "customer_reply": flag, "new_ticket": flag}
    clock = st.sampled_from(["00:00", "09:30", "17:00"])
    block = st.fixed_dictionaries(
        {
            "days": st.lists(st.sampled_from(["mon", "fri", "sun"]), min_size=1, unique=True),
            "from": clock,
            "to": clock | st.just("24:00"),
            "departments": st.lists(
                st.sampled_from(departments or ["General"]), min_size=1, unique=True
            ),
        },
        optional={
            "services": st.lists(
                st.sampled_from(["tickets", "chats", "calls"]), min_size=1, unique=True
            ),
            "timezone": st.sampled_from(["Europe/Prague", "Europe/London"]),
        },
    )
    agent = optional(
        alias=text.map(lambda value: value and value.replace("\n", " ")),
        gender=st.sampled_from([None, "male", "female", "unspecified"]),
        voice_status=st.sampled_from([None, "both", "outgoing"]),
        notifications=st.none()
        | optional(
            email=st.none() | optional(**events),
            slack=st.none() | optional(**events).map(lambda on: {"user": "U02ABC", **on}),
        ),
        signature=text,
        chat=st.none()
        | optional(max_load=st.none() | st.integers(0, 9), priority=st.none() | st.integers(1, 9)),
        panel=st.none() | optional(theme=st.sampled_from([None, "bright", "dark"])),
        level=st.sampled_from([None, "", "Expert", "Hero"]),
        sounds=st.none()
        | st.dictionaries(
            st.sampled_from(["new_chat", "new_ticket"]), st.sampled_from([None, "chime", "muted"])
        ),
        two_factor=st.just(False),
        hours=st.none() | st.lists(block, max_size=3),
        role=st.sampled_from([None, "agent", "admin", *roles]),
        availability=st.none() | services(st.sampled_from(["online", "offline", None])),
        departments=st.none() | st.dictionaries(st.sampled_from(departments), membership)
        if departments
        else st.none(),
        state=st.just("absent"),
    )
    return {
        "departments": [{"name": name} for name in departments],
        "roles": [
            {"name": name, **draw(optional(permissions=st.none() | permissions))} for name in roles
        ],
        "agents": [
            {"email": email, "name": email.split("@")[0], **_consistent(draw(agent))}
            for email in emails
        ],
    }
