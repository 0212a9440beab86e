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


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Return a valid project, with every field left out, null or given."""
    departments = draw(st.lists(st.sampled_from(DEPARTMENTS), unique=True, max_size=4))
    roles = draw(st.lists(st.sampled_from(ROLES), unique=True, max_size=2))
    emails = draw(st.lists(st.sampled_from(EMAILS), unique=True, min_size=1, max_size=4))
    permissions = st.dictionaries(
        st.sampled_from(PERMISSIONS), st.sampled_from(["grant", "revoke", None])
    )
    membership = services(st.sampled_from([True, False, None]))
    agent = optional(
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
            {"email": email, "name": email.split("@")[0], **draw(agent)} for email in emails
        ],
    }
