"""What an apply costs, in words for people who don't know the API."""

OPERATIONS = {
    "create-role": "create roles",
    "update-role": "change roles",
    "delete-role": "delete roles",
    "create-department": "create departments",
    "update-department": "rename departments",
    "delete-department": "delete departments",
    "create-agent": "create agents",
    "restore-agent": "restore deleted agents",
    "update-agent": "change names and roles of agents",
    "delete-agent": "delete agents",
    "add-member": "add agents to departments",
    "remove-member": "take agents out of departments",
    "read-devices": "read who can take calls where",
    "read-profile": "read agents' settings",
    "read-services": "read which services agents take",
    "set-availability": "switch agents online or offline",
    "set-membership": "set what agents do in departments",
    "set-hours": "set planned hours",
    "set-voice": "set how agents take calls",
    "update-profile": "change agents' settings",
    "set-service": "switch services of departments",
}
"""What requests do, in people's words."""
