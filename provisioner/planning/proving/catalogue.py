"""The known mistakes that `guards prove` injects.

The table of docs/proving.md and the names in the schema of provisioner.yaml are those of this one.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownMistake:
    """A mistake that happens to teams.

    Attributes:
        name: its name in `prove.must_stop`.
        title: what went wrong, in one sentence.
        must_stop: whether it must be stopped if the project does not list which must.
    """

    name: str
    title: str
    must_stop: bool = False


_MUST, _MAY = True, False

CATALOGUE = (
    # In the text of files
    KnownMistake("file-dropped", "The file with the most people is deleted.", _MAY),
    KnownMistake("list-emptied", "The list of agents in that file is empty.", _MAY),
    KnownMistake("conflict-markers", "The markers of a merge conflict are left in a file.", _MUST),
    KnownMistake("unknown-key", "A key is misspelt.", _MUST),
    KnownMistake("unquoted-no", "A value that is true or false is written as no.", _MUST),
    KnownMistake("key-in-files", "The API key is written into provisioner.yaml.", _MUST),
    KnownMistake("overlay-elsewhere", "An overlay is for a target that does not exist.", _MUST),
    KnownMistake("address-unencrypted", "The address of the target has no encryption.", _MUST),
    KnownMistake("undeclared-deleted", "Whatever no file declares is to be deleted.", _MAY),
    KnownMistake("zone-changed", "The zone of the account is another one.", _MAY),
    # In people
    KnownMistake("half-missing", "The entries of half of the people are gone.", _MAY),
    KnownMistake("half-absent", "Half of the people are to be deleted.", _MAY),
    KnownMistake("all-suspended", "Everybody is suspended.", _MAY),
    KnownMistake("domain-typo", "The domain of all emails is misspelt.", _MUST),
    KnownMistake("email-typo", "The domain of one email is misspelt.", _MUST),
    KnownMistake("email-case", "An email is written in capital letters.", _MAY),
    KnownMistake("duplicate-agent", "A person has two entries.", _MUST),
    KnownMistake("renamed-agent", "An email changes, and previously is missing.", _MAY),
    KnownMistake("role-owner", "A person becomes an owner.", _MAY),
    KnownMistake("wildcard-admin", "A selector with * makes everybody an admin.", _MAY),
    KnownMistake("owner-demoted", "The owners lose their role.", _MUST),
    KnownMistake("key-owner-removed", "The person whom the API key belongs to is deleted.", _MUST),
    KnownMistake("services-off", "Nobody takes tickets, chats or calls any more.", _MAY),
    KnownMistake("dates-swapped", "A person ends before the start.", _MUST),
    KnownMistake("wrong-year", "A person ends in the wrong year, which is over.", _MAY),
    # In departments, roles and profiles
    KnownMistake("department-typo", "A membership names a department that does not exist.", _MUST),
    KnownMistake("department-emptied", "Everybody leaves a department.", _MAY),
    KnownMistake("department-renamed", "A department changes, and previously is missing.", _MAY),
    KnownMistake("department-deleted", "A department with members is to be deleted.", _MUST),
    KnownMistake("profile-emptied", "The profile of the most people loses its values.", _MAY),
    KnownMistake("profile-weakened", "That profile gives everybody a manager's rights.", _MAY),
    KnownMistake("lock-broken", "A person has another value than a profile locks.", _MUST),
    KnownMistake("role-opened", "A custom role may manage agents.", _MAY),
    # In the account
    KnownMistake("other-account", "The key is that of another account.", _MAY),
    KnownMistake("wrong-target", "The target is a new account without people.", _MAY),
    KnownMistake("failed-page", "A page of the list of agents fails.", _MUST),
    KnownMistake("cut-answer", "The answer with the list of agents is cut short.", _MUST),
    KnownMistake("stale-snapshot", "Somebody changes a person after the plan was made.", _MUST),
)
"""All mistakes, in the order of the report."""

MUST_STOP = tuple(one.name for one in CATALOGUE if one.must_stop)
"""The mistakes that must be stopped if `prove.must_stop` is left out."""
