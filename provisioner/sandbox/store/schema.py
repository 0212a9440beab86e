"""The tables. Rows of agents, departments and roles are never deleted, so ids stay unique."""

from provisioner.sandbox.store import reports

VERSION = 4

SCHEMA = f"""
CREATE TABLE roles (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX role_names ON roles (name_key) WHERE NOT deleted;

CREATE TABLE role_permissions (
    role_id TEXT NOT NULL REFERENCES roles (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (role_id, name)
) WITHOUT ROWID;

CREATE TABLE agents (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    role_id TEXT REFERENCES roles (id),
    gender TEXT NOT NULL DEFAULT 'X',
    avatar_url TEXT,
    status TEXT NOT NULL DEFAULT 'A',
    online_status TEXT NOT NULL DEFAULT 'F',
    voice_status TEXT NOT NULL DEFAULT 'N',
    twofactor_auth TEXT NOT NULL DEFAULT 'N',
    last_pswd_change TEXT,
    sip_phone_id TEXT,
    api_phone_id TEXT,
    is_creator INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX agents_of_role ON agents (role_id);

CREATE TABLE departments (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    mailaccount_id TEXT,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX department_names ON departments (name_key) WHERE NOT deleted;

CREATE TABLE memberships (
    department_id TEXT NOT NULL REFERENCES departments (id),
    agent_id TEXT NOT NULL REFERENCES agents (id),
    role TEXT NOT NULL,
    change_own_status TEXT NOT NULL DEFAULT 'N',
    signature TEXT,
    PRIMARY KEY (department_id, agent_id)
) WITHOUT ROWID;
CREATE INDEX departments_of_agent ON memberships (agent_id);

CREATE TABLE former_memberships (
    department_id TEXT NOT NULL REFERENCES departments (id),
    agent_id TEXT NOT NULL REFERENCES agents (id),
    role TEXT NOT NULL,
    change_own_status TEXT NOT NULL,
    signature TEXT,
    PRIMARY KEY (agent_id, department_id)
) WITHOUT ROWID;

CREATE TABLE devices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_id TEXT NOT NULL REFERENCES agents (id),
    phone_id TEXT,
    type TEXT NOT NULL,
    service_type TEXT NOT NULL,
    online_status TEXT NOT NULL,
    preset_status TEXT NOT NULL,
    route_if_offline TEXT NOT NULL DEFAULT 'Y',
    app_key_id INTEGER REFERENCES api_keys (id) ON DELETE CASCADE
);
CREATE INDEX devices_of_agent ON devices (agent_id);
CREATE INDEX devices_of_key ON devices (app_key_id);

CREATE TABLE device_departments (
    device_id INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    department_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    online_status TEXT NOT NULL,
    preset_status TEXT NOT NULL,
    work_allocation_allowed INTEGER NOT NULL,
    PRIMARY KEY (device_id, department_id),
    FOREIGN KEY (department_id, agent_id) REFERENCES memberships ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX devices_of_membership ON device_departments (department_id, agent_id);

CREATE TABLE device_plans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id INTEGER NOT NULL,
    department_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    start TEXT NOT NULL,
    end TEXT NOT NULL,
    title TEXT NOT NULL,
    FOREIGN KEY (device_id, department_id) REFERENCES device_departments ON DELETE CASCADE
);
CREATE INDEX plans_of_device ON device_plans (device_id, department_id);

CREATE TABLE phones (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    number TEXT,
    name TEXT NOT NULL,
    agent_id TEXT NOT NULL REFERENCES agents (id)
);
CREATE INDEX phones_of_agent ON phones (agent_id);

CREATE TABLE extensions (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    number TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL DEFAULT 'E',
    agent_id TEXT REFERENCES agents (id),
    department_id TEXT REFERENCES departments (id)
);

CREATE TABLE visitors (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE
);

CREATE TABLE slack_users (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    real_name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    image TEXT NOT NULL DEFAULT '',
    color TEXT NOT NULL DEFAULT ''
);

CREATE TABLE slack_conversations (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
);

CREATE TABLE files (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    content BLOB NOT NULL,
    sha256 TEXT NOT NULL
);

CREATE TABLE profiles (
    agent_id TEXT PRIMARY KEY REFERENCES agents (id),
    alias TEXT,
    to_solve_only TEXT,
    notifications TEXT,
    signature TEXT,
    max_chat_load INTEGER,
    chat_priority INTEGER,
    panel_theme TEXT,
    level TEXT,
    sounds TEXT,
    photo TEXT REFERENCES files (id)
) WITHOUT ROWID;

CREATE TABLE api_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    agent_id TEXT NOT NULL REFERENCES agents (id),
    name TEXT NOT NULL,
    type TEXT NOT NULL DEFAULT 'A',
    valid_to_date TEXT,
    installid TEXT,
    whitelist TEXT NOT NULL DEFAULT '*',
    privileges TEXT NOT NULL DEFAULT '[]'
);

CREATE TABLE account_keys (
    kind TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE activity (
    agent_id TEXT NOT NULL REFERENCES agents (id),
    day TEXT NOT NULL,
    {", ".join(f"{column} INTEGER" for column in reports.STORED)},
    PRIMARY KEY (agent_id, day)
) WITHOUT ROWID;

CREATE TABLE mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_id TEXT NOT NULL REFERENCES agents (id),
    kind TEXT NOT NULL,
    sent_at TEXT NOT NULL
);

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_id TEXT NOT NULL REFERENCES agents (id),
    kind TEXT NOT NULL,
    caller_id TEXT NOT NULL,
    happened_at TEXT NOT NULL
)
"""
