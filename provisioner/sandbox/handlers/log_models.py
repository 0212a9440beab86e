"""The models of the system log, reported working times and plugins (D: vendor's clients)."""

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

PLUGIN_PURPOSE = Field("pluginPurpose", help="Selects plugins; its values are unknown (U).")
PLUGIN_ROW = Model(
    "PluginRow",
    (
        Field("code_name", help="The words are unknown (U)."),
        Field("name", help="The name in the panel."),
        Field("description"),
        Field("active", "boolean"),
        Field("help"),
        Field("multiple", "boolean"),
        Field("config_file"),
        Field("price", "integer"),
    ),
)
