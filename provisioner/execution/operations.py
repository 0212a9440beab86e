"""The operations of steps on the API, and the lists that show what they overwrite."""

from enum import StrEnum


class Operation(StrEnum):
    """What a step does on the API. The writer has a method for each operation."""

    CREATE_ROLE = "create-role"
    UPDATE_ROLE = "update-role"
    DELETE_ROLE = "delete-role"
    CREATE_DEPARTMENT = "create-department"
    UPDATE_DEPARTMENT = "update-department"
    DELETE_DEPARTMENT = "delete-department"
    CREATE_AGENT = "create-agent"
    RESTORE_AGENT = "restore-agent"
    UPDATE_AGENT = "update-agent"
    DELETE_AGENT = "delete-agent"
    ADD_MEMBER = "add-member"
    REMOVE_MEMBER = "remove-member"
    READ_DEVICES = "read-devices"
    READ_PAGE = "read-page"
    READ_AGENT_SETTINGS = "read-profile"
    SET_AVAILABILITY = "set-availability"
    SET_MEMBERSHIP = "set-membership"
    SET_HOURS = "set-hours"
    SET_VOICE = "set-voice"
    UPDATE_AGENT_SETTINGS = "update-profile"
    SET_SERVICE = "set-service"
    END_LOGIN = "end-login"

    @property
    def batched(self) -> bool:
        """Whether one call can carry out several steps of this operation."""
        return self is Operation.SET_SERVICE

    @property
    def creates(self) -> bool:
        """Whether the operation creates or restores an object."""
        return self.startswith(("create-", "restore-"))

    @property
    def sends_whole(self) -> bool:
        """Whether the operation sends an object back with all its fields."""
        return self in {Operation.UPDATE_AGENT, Operation.SET_AVAILABILITY}

    @property
    def writes(self) -> bool:
        """Whether the operation changes the account."""
        return not self.startswith("read-")


class LookList(StrEnum):
    """The lists of which a page is the look for many writes, in the order of these writes."""

    AGENTS = "agents"
    AGENT_SETTINGS = "agent_settings"
    DEVICES = "devices"
    SERVICES = "statuses"
