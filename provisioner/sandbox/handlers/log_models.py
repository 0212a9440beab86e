"""The models of the system log and of reported working times (D: vendor's clients)."""

from provisioner.sandbox.fields import Field, Model

EVENT_LOG_ROW = Model(
    "EventLogRow",
    tuple(
        Field(name)
        for name in (
            *("id", "logid", "line", "filename", "created"),
            *("level", "type", "message", "ip", "groupid"),
        )
    ),
)
TIME_REPORT_ROW = Model(
    "TimeReportRow",
    (
        Field("id", "integer"),
        *(
            Field(name)
            for name in (
                *("agentid", "agent", "conversationid", "ticket", "contactid", "customer"),
                *("reportdate", "reportedtime", "spenttime", "note", "type"),
            )
        ),
    ),
)
