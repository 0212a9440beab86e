"""Codes of diagnostics: stable names, each with the reason why the problem matters."""

CODES: dict[str, str] = {
    # Reading files
    "path-missing": "Without the project folder there is nothing to compare with the account.",
    "not-a-directory": "A project is a folder that can hold several files.",
    "empty-project": "A project that declares nothing usually means a wrong path. Applying it "
    "could delete every agent.",
    "no-project": "A run without PATH does not guess which of several projects is meant.",
    "project-of-another-user": "Settings decide which program prints a key, and which host gets "
    "it.",
    "file-unreadable": "An unreadable file might declare anything, so nothing is planned.",
    "file-too-large": "A file of this size was not written by hand.",
    "link-outside": "A review does not cover files outside the project, and error messages would "
    "show their content.",
    "encoding": "Project files must be UTF-8, so that every machine reads the same names.",
    "invisible-character": "A reviewer can't see this character.",
    "yaml-syntax": "The text after a syntax error is ambiguous, so the whole file is ignored.",
    "yaml-tab": "YAML forbids tabs in indentation because their width depends on the editor.",
    "yaml-space": "YAML indents only with ordinary spaces; any other space is text.",
    "yaml-duplicate-key": "Only one of the two values would be used, and the other would be lost "
    "silently.",
    "yaml-unknown-tag": "Tags can run code or change types; a project needs none.",
    "yaml-alias": "An alias needs a complete anchor before it in the same document.",
    "yaml-too-deep": "No declaration needs this much nesting; it is a mistake or an attack.",
    "yaml-alias-bomb": "Aliases of aliases could exhaust the memory of the machine.",
    "yaml-key": "The keys of a project are plain text.",
    "yaml-merge": "A merge key (<<) takes a mapping or a list of mappings.",
    "yaml-number": "The number can't be stored without losing digits.",
    # Shape of the files
    "unknown-key": "An unknown key is usually a typing error; if it were ignored, its value would "
    "not be managed.",
    "missing-key": "The object can't be identified or created without this key.",
    "wrong-type": "YAML reads this value as another type than the field has.",
    "invalid-value": "The field does not accept this value.",
    "invalid-email": "The email is the login and the identity of an agent.",
    "invalid-length": "LiveAgent would refuse or shorten the text.",
    "null-not-allowed": "null resets a field to the account's default, and this field has none.",
    "secret-in-project": "Everybody who can read the files or their history knows the key.",
    "many-findings": "A list of thousands of errors hides the first ones.",
    # Edits of the files
    "edit-impossible": "An edit changes only the lines of its entry; a person does the rest.",
    "edit-refused": "An edit must leave a valid project that has the wanted meaning.",
    "not-accepted": "A value of the account that the files can't have is left for a person.",
    "webhook": "The webhook only repeats what the run has printed.",
    # References between files
    "duplicate-agent": "An account has one agent per email, regardless of letter case.",
    "duplicate-role": "The name identifies a role, regardless of letter case.",
    "duplicate-department": "The name identifies a department, regardless of letter case.",
    "duplicate-profile": "Agents that extend this name could get either profile.",
    "unknown-profile": "The fields of a missing profile would not be managed, and nobody would "
    "notice.",
    "too-many-profiles": "Profiles that extend many others could exhaust the memory of the "
    "machine.",
    "profile-circle": "A profile can't extend itself.",
    "attachment-unreadable": "The value is unknown without the file.",
    "attachment-outside": "A review does not cover files outside the project, and other machines "
    "may have other files there.",
    "attachment-too-large": "A file of this size is probably not the intended one.",
    "attachment-changed": "Only reviewed content may be uploaded.",
    "attachment-type": "LiveAgent can't use a file of this type.",
    "unknown-timezone": "In another zone the hours would be at another time of the day.",
    "hours-without-department": "LiveAgent stores hours per department.",
    "hours-without-membership": "LiveAgent stores hours with the membership of a department.",
    "hours-of-another-zone": "LiveAgent stores one week of hours in the account's zone, and the "
    "offset between the zones changes during the year.",
    "hours-form": "With other numbers of days the hours are on the wrong days.",
    "hours-unconfirmed": "LiveAgent does not document the numbers of days; with the wrong ones the "
    "hours are on the wrong days, and reading them back shows no difference.",
    "unknown-role": "An undeclared role may be a typing error that grants the wrong rights.",
    "unknown-department": "An undeclared department may be a typing error that takes work away "
    "from an agent.",
    "reference-to-absent": "An agent can't use an object that is to be deleted.",
    "reserved-role": "agent, admin and owner are built in and can't be changed.",
    "role-id-twice": "An id belongs to exactly one role.",
    "unknown-field": "The rule has no effect, so the intended field is still enforced.",
    "freeze-window": "A window that is read in two ways could let a run write when it must not.",
    "misplaced-config": "Only one document, provisioner.yaml in the root, holds targets and "
    "policy.",
    "outside-scope": "Another project manages what is outside of the scope.",
    "mode-and-state": "An object that only records the account can't be deleted or suspended.",
    "excluded-objects": "Objects of a file that is not read are not declared. With "
    "`undeclared: delete`, a run would delete them.",
    "claimed-twice": "Two entries refer to one object, and one of them would rename or delete the "
    "object of the other.",
    "rename-circle": "Each new name is still in use by another object of the circle.",
    "duplicate-rule": "Findings and tests name a rule by its id.",
    "data-unusable": "Rules that read the file would have no result.",
    "rule-invalid": "A condition that can't be read protects nothing.",
    # Dates of agents
    "dates-order": "There is no day on which this could hold.",
    "dates-without-timezone": "Near midnight the day depends on the zone.",
    "end-without-date": "Without a last day nothing ever ends.",
    "temporary-overlap": "It would not be clear which value holds, and when it ends.",
    "temporary-base": "A value with an end needs another one that holds afterwards.",
    # Planning
    "rule": "The team has agreed on this condition.",
    "rule-failed": "Without a result, it is unknown whether the plan conforms to the rule.",
    "id-mismatch": "With a wrong id, the account of one person would be changed into that of "
    "another.",
    "rename-conflict": "Both objects exist, so this is not a rename.",
    "rename-applied": "If the renamed object were deleted later, the object that now has its old "
    "name would be renamed.",
    "rename-unclear": "The rename could give one person's account to another person.",
    "email-of-deleted": "An email belongs to one account, and deleted accounts keep theirs.",
    "nothing-to-delete": "The agent may still have access under another name.",
    "suspected-rename": "A new object has none of the tickets, members or settings of the old one.",
    "protected": "The change could lock people out or leave nobody who can undo it.",
    "too-few-owners": "An account without an owner can't be managed.",
    "too-many-deletes": "So many deletions are probably an accident.",
    "too-many-updates": "So many updates are probably an accident.",
    "no-live-agent-declared": "A project that declares none of the account's agents is probably "
    "meant for another account.",
    "not-confirmed": "The effect is severe, so each run must name how often it may happen.",
    "frozen": "Nobody may be there to notice or undo a mistake.",
    "department-in-use": "Its members would stop receiving its tickets, chats and calls.",
    "default-department": "LiveAgent does not delete its default department.",
    "role-in-use": "LiveAgent does not delete a role that an agent has.",
    "unknown-permission": "The account has no such permission, so it could not be granted.",
    "permission-needs": "The account refuses a permission without the one that it requires.",
    "unknown-slack-user": "The account refuses a Slack user that its workspace does not have.",
    "unknown-sound": "The account refuses a sound that it does not have.",
    "unknown-alert": "The account refuses a sound for an alert that it does not have.",
    "unknown-level": "The account refuses a level that it does not have.",
    "unchecked-name": "The account may refuse the name in the middle of an apply.",
    "service-off": "The account does not have this service, so its agents get no such work.",
    "plugin-off": "Without its plugin the setting has no effect, and LiveAgent may not store it.",
    "plugin-unknown": "The account does not show its plugins, so the setting may have no effect.",
    "roles-not-in-plan": "Only the larger LiveAgent subscriptions include custom roles.",
    "too-many-roles": "LiveAgent would refuse to create the role.",
    "owner-by-owner": "Only an owner can make another agent an owner.",
    "priority-ignored": "The account's chat routing ignores priorities.",
    "to-solve-only-role": "LiveAgent offers 'to solve only' only for the role agent.",
    "slack-without-user": "Slack notifications need a Slack user as their recipient.",
    "signature-markup": "The signature section of LiveAgent's panel is plain text.",
    "selector-without-object": "A selector that matches nothing is usually a typing error.",
    "used-by-others": "A change of a role or department changes the access of all who use it.",
    "partial-plan": "Objects outside this part of the plan may differ, too.",
    "acknowledgement-agents": "An acknowledgement holds only for the agents that it was made for.",
    "not-acknowledged": "A person can answer only for what the API does not show, and only for the "
    "values of the plan.",
    "stale-acknowledgement": "An acknowledgement covers one step with its exact values; other "
    "values need a new one.",
    "version-unusable": "Only a valid version of the files can be listed or compared.",
    "no-history": "The git history is needed to separate the branch's changes from earlier drift.",
    "unknown-base": "The base is needed to separate the branch's changes from earlier drift.",
    "base-unusable": "A valid plan of the base is needed to separate the branch's changes from "
    "earlier drift.",
    "plan-file": "Only a reviewed plan may be applied.",
    "snapshot-file": "A plan from a damaged snapshot, or from one of another account, would be "
    "wrong.",
    "stale-plan": "The reviewed plan no longer describes the changes.",
    "not-read-back": "The written values could not be verified.",
    "changed-meanwhile": "Somebody changed the same value after the account was read; writing "
    "would revert that change.",
    "creation-refused": "LiveAgent does not document the call that creates agents.",
    "role-id-unknown": "API v3 shows a role only as an id.",
    "maybe-created": "Retrying could create a duplicate.",
    "gave-up": "Further requests would fail too.",
    "not-taken": "The account reported success but shows another value.",
    "locked": "Two runs at once would overwrite each other's changes.",
    "lock-place": "Without the shared lock, a run on another machine could overwrite the changes.",
    "lock-lost": "Another run may hold the lock now, so nothing more is written.",
    "workspace-untrusted": "Records and databases in this folder control runs, so they must not "
    "come from a branch.",
    "run-record": "Nothing is known about a run without its record.",
    "run-record-unwritable": "A change without a record can be neither reported nor undone.",
    "run-record-edited": "An undo would write the values of an edited record, and a report of it "
    "would be false.",
    "run-record-missing": "Nobody can look up what the run without a record did.",
    "run-record-reordered": "An undo of one run would revert another one.",
    "run-record-head": "Somebody who can write to the folder can remove the last records, or write "
    "all of them anew.",
    "unknown-run": "Only a run with a record can be shown or undone.",
    "another-account": "Values from one account must not be written to another.",
    "cannot-come-back": "An undo restores values, but not the effects that they had.",
    "create-needs": "LiveAgent does not create an agent without this field.",
    "ambiguous-live": "Two live objects share this identity, so the declared one is unclear.",
    # Targets
    "unknown-target": "A run against the wrong account can lock people out.",
    "no-target": "Without a target there is no account to compare with.",
    "api-key-missing": "LiveAgent requires an API key for every request.",
    "target-url": "The address of an account must be an http or https URL without credentials.",
    "target-unreachable": "Without an answer the live state is unknown, so nothing is planned.",
    "target-untrusted": "Without a valid certificate the API key could go to another server.",
    "ca-bundle": "Certificates can't be verified without the list of trusted authorities.",
    "rate-limited": "Other programs use up the account's request limit, so the run can't continue.",
    "unexpected-answer": "The API does not document this value, and a wrong guess could grant or "
    "remove rights.",
    "target-refused": "The account does not accept this API key for this request.",
    "target-error": "The account answered with an error, so the live state is unknown.",
    "target-not-liveagent": "The answer does not come from API v3, so the live state is unknown.",
    "short-read": "Agents missing from an incomplete list would look deleted.",
    "not-read": "A value that is not understood may be one that somebody needs, so it is neither "
    "compared nor overwritten.",
    "unread-agent": "An agent that one list of the account lacks may be deleted, or a bot, and its "
    "rights are unknown.",
    "empty-account": "Every account has an agent, so the answer must be wrong.",
    "unknown-agent": "Only an existing agent can be shown or disconnected.",
    "probe-agent": "A probe changes and deletes its agent, so it must not be the account of a "
    "person.",
    "probe-leftover": "An account that nobody uses must not stay behind.",
    "no-device": "LiveAgent stores availability in a device per service, and the agent has none "
    "for this service.",
    "insecure-url": "Anybody on the network path could read the API key and personal data.",
    "host-not-pinned": "A changed address could send the API key to another server.",
    "target-not-in-base": "An unreviewed address or command would get the API key.",
    "insecure-target": "The API key and personal data are sent unencrypted.",
    "sandbox-not-installed": "The embedded sandbox needs the packages of the extra 'sandbox'.",
    "sandbox-failed": "The sandbox could not start.",
    # Running
    "confirmation-needed": "The run would change the account, and no terminal is available to ask "
    "for confirmation.",
    "usage": "The command line is not valid.",
    "file-exists": "provisioner does not overwrite your files.",
    "file-unwritable": "The result could not be saved.",
    "interrupted": "The run was stopped early; running it again completes it.",
    "system-limit": "The operating system refused a resource that the run needs.",
    "internal": "This is a fault in provisioner, not in your project.",
}
"""Each code with the reason why it matters. `docs/diagnostics.md` lists the same codes."""
