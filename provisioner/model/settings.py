"""Settings of a project: the typed content of `provisioner.yaml`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from provisioner.address import Kind, fold
from provisioner.diagnostics import Diagnostic
from provisioner.documents import Document, FileSelection
from provisioner.model.account_urls import (
    account_address,
    address_problem,
    is_unencrypted,
    unencrypted,
)
from provisioner.model.acknowledgements import (
    Acknowledgement,
    check_acknowledgements,
    read_acknowledgements,
)
from provisioner.model.assumptions import AccountCapabilities, read_capabilities
from provisioner.model.consent import ConsentPolicy, check_consent
from provisioner.model.hours_form import facts_of_setting
from provisioner.model.policy import (
    FieldRule,
    Guards,
    LockSetting,
    ManagedScope,
    Moves,
    Protection,
    check_lock,
    check_role_ids,
    field_rule,
    known_fields,
)
from provisioner.model.team.minimums import BUILT_IN, Minimums, read_minimums
from provisioner.model.team.waivers import Waiver, check_waivers, read_waivers
from provisioner.model.team_rules import TeamRules, check_rules, read_team_rules
from provisioner.model.zones import check_zone, zone_exists
from provisioner.suggestions import Vocabulary, did_you_mean

REQUESTS_PER_MINUTE = 180
"""LiveAgent's limit per API key. Source: KB 217359 (D)."""

ENVIRONMENT = "environment"
"""The name of the target that environment variables define."""

SANDBOX = "sandbox"
"""The name of the built-in target."""

_FIELDS = Vocabulary(known_fields)


class Undeclared(StrEnum):
    """How a run treats live objects that no file declares."""

    IGNORE = "ignore"
    REPORT = "report"
    DRIFT = "drift"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Target:
    """One account.

    Attributes:
        name: its name in the project.
        url: its address without `/api/v3`.
        api_key: the source of its key: env, file or command, and the argument of that.
        requests_per_minute: the limit of requests that runs may use; 0 for no limit.
        role_ids: mapping from folded role name to id, for APIs that list no roles.
        insecure: whether the project accepts an address without encryption.
        hours: the form of its planned hours, as a person confirmed it.
        account_name: the name of the account; "" if nobody has declared it.
        panel_url: the address of an agent's page in the panel, with `{id}` for the agent's id.
        new_agent_defaults: what it gives a new agent, in the form of an agent.
        guards: its own limits, in the form of the section `guards`.
    """

    name: str
    url: str
    api_key: tuple[str, str]
    requests_per_minute: int = REQUESTS_PER_MINUTE
    role_ids: Mapping[str, str] = field(default_factory=dict)
    insecure: bool = False
    hours: Mapping[str, Any] = field(default_factory=dict)
    account_name: str = ""
    panel_url: str = ""
    new_agent_defaults: Mapping[str, Any] = field(default_factory=dict)
    guards: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of `provisioner.yaml`, or the defaults if the file is missing.

    `must_stop` are the mistakes that `guards prove` demands to be stopped; None for the default.
    `document` is the file, for positions in diagnostics, and `acknowledgements` that of the manual
    steps that are done.
    """

    targets: Mapping[str, Target] = field(default_factory=dict)
    default_target: str | None = None
    undeclared: Mapping[Kind, Undeclared] = field(
        default_factory=lambda: dict.fromkeys(Kind, Undeclared.REPORT)
    )
    role_ids: Mapping[str, str] = field(default_factory=dict)
    acknowledged: tuple[Acknowledgement, ...] = ()
    account: Mapping[str, Any] = field(default_factory=dict)
    protection: Protection = field(default_factory=Protection)
    scope: ManagedScope = field(default_factory=ManagedScope)
    guards: Guards = field(default_factory=Guards)
    consent: ConsentPolicy = field(default_factory=ConsentPolicy)
    moves: Moves = field(default_factory=Moves)
    lock: LockSetting | None = None
    initial: tuple[FieldRule, ...] = ()
    ignored: tuple[FieldRule, ...] = ()
    capabilities: Mapping[str, AccountCapabilities] = field(default_factory=dict)
    selection: FileSelection = field(default_factory=FileSelection)
    team_rules: TeamRules = field(default_factory=TeamRules)
    waivers: tuple[Waiver, ...] = ()
    minimums: Minimums = field(default_factory=Minimums)
    must_stop: tuple[str, ...] | None = None
    document: Document | None = field(default=None, repr=False, compare=False)
    acknowledgements: Document | None = field(default=None, repr=False, compare=False)

    @property
    def dates_zone(self) -> str:
        """The zone of dates: `account.timezone`, or UTC if the project declares none."""
        zone = self.account.get("timezone", "")
        return zone if zone and zone_exists(zone) else "UTC"

    @property
    def has_rules(self) -> bool:
        """Whether a plan is checked by rules, of the team or built in."""
        return bool(self.team_rules.rules or self.minimums.given or self.waivers)

    def role_ids_of(self, target: str) -> Mapping[str, str]:
        """Return a mapping from folded role name to id for a target."""
        own = self.targets[target].role_ids if target in self.targets else {}
        return {**self.role_ids, **own}

    def guards_of(self, target: str) -> Guards:
        """Return the limits for runs on a target."""
        return self.guards.over(self.targets[target].guards if target in self.targets else {})

    def capabilities_of(self, target: str) -> AccountCapabilities:
        """Return what is known of an account; facts about another address do not count."""
        known = self.capabilities.get(target, AccountCapabilities())
        url = self.targets[target].url if target in self.targets else known.url
        is_same = not known.url or account_address(known.url) == account_address(url)
        facts = known.facts if is_same else {}
        found = known.new_agent_defaults if is_same else {}
        if own := self.targets.get(target):
            facts = {**facts, **facts_of_setting(own.hours)}
            found = {**found, **own.new_agent_defaults}
        return replace(known, facts=facts, new_agent_defaults=found)


def read_settings(
    config: Document | None,
    capabilities: Document | None = None,
    acknowledgements: Document | None = None,
) -> tuple[Settings, list[Diagnostic]]:
    """Return the settings in a configuration that conforms to its schema.

    Returns:
        The settings, and the errors that the schema can't express.
    """
    data: Mapping[str, Any] = config.data if config else {}
    targets = {
        name: Target(
            name=name,
            url=entry["url"],
            api_key=next(iter(entry["api_key"].items())),
            requests_per_minute=entry.get("requests_per_minute", REQUESTS_PER_MINUTE),
            role_ids=_role_ids(entry),
            insecure=entry.get("insecure", False),
            hours=entry.get("hours", {}),
            account_name=entry.get("account_name", ""),
            panel_url=entry.get("panel_url", ""),
            new_agent_defaults=entry.get("new_agent_defaults", {}),
            guards=entry.get("guards", {}),
        )
        for name, entry in data.get("targets", {}).items()
    }
    manage = data.get("manage", {})
    files = [*filter(None, (acknowledgements, config))]
    stopped = data.get("prove", {}).get("must_stop")
    settings = Settings(
        targets=targets,
        default_target=data.get("default_target"),
        undeclared={
            kind: Undeclared(manage.get(kind.plural, {}).get("undeclared", Undeclared.REPORT))
            for kind in Kind
        },
        role_ids=_role_ids(data),
        acknowledged=tuple(one for done in files for one in read_acknowledgements(done)),
        account=data.get("account", {}),
        protection=Protection.of(data.get("protect", {})),
        scope=ManagedScope.of(data.get("scope", {}), data.get("takeover", ())),
        guards=Guards().over(data.get("guards", {})),
        consent=ConsentPolicy.of(config),
        moves=Moves(tuple((fold(one["from"]), fold(one["to"])) for one in data.get("moves", []))),
        lock=LockSetting(**data["lock"]) if "lock" in data else None,
        initial=tuple(rule for rule, _ in _field_rules(config, "initial") if rule),
        ignored=tuple(rule for rule, _ in _field_rules(config, "ignore") if rule),
        capabilities=read_capabilities(capabilities),
        selection=FileSelection.of(data),
        team_rules=read_team_rules(config),
        waivers=read_waivers(config),
        minimums=read_minimums(config),
        must_stop=None if stopped is None else tuple(stopped),
        document=config,
        acknowledgements=acknowledgements,
    )
    known_targets = [*(targets or [ENVIRONMENT]), SANDBOX]
    findings = [
        *_check_default(settings, config),
        *check_role_ids(config),
        *_check_encryption(settings, config),
        *check_zone(config),
        *check_lock(config),
        *check_rules(settings.team_rules),
        *check_consent(config),
        *check_waivers(config, [*BUILT_IN, *(rule.id for rule in settings.team_rules.rules)]),
        *(one for done in files for one in check_acknowledgements(done, known_targets)),
    ]
    for section in ("initial", "ignore"):
        findings += [diagnostic for _, diagnostic in _field_rules(config, section) if diagnostic]
    return settings, findings


def _role_ids(entry: Mapping[str, Any]) -> dict[str, str]:
    return {fold(name): role_id for name, role_id in entry.get("role_ids", {}).items()}


def _check_encryption(settings: Settings, config: Document | None) -> Iterator[Diagnostic]:
    for name, target in settings.targets.items():
        if config is not None and is_unencrypted(target.url) and not target.insecure:
            span = config.span(("targets", name, "url"))
            yield replace(unencrypted(f'target "{name}"'), span=span)


def unusable_addresses(settings: Settings, config: Document | None) -> Iterator[Diagnostic]:
    """Yield an error for each invalid address; its text is hidden, since it may have a key."""
    for name, target in settings.targets.items():
        if config is not None and (problem := address_problem(target.url)):
            yield Diagnostic(
                code="target-url",
                summary=f'the address of target "{name}" {problem}',
                span=config.span(("targets", name, "url")),
                hint="write an address such as https://acme.ladesk.com",
            )


def _field_rules(
    config: Document | None, section: str
) -> Iterator[tuple[FieldRule | None, Diagnostic | None]]:
    """Yield the rules of `initial` or `ignore`, and an error for each invalid one."""
    if config is None:
        return
    for index, entry in enumerate(config.data.get(section, [])):
        word = entry if isinstance(entry, str) else entry["field"]
        objects = () if isinstance(entry, str) else entry.get("objects", ())
        rule = field_rule(word, objects)
        if rule is None:
            error = Diagnostic(
                code="unknown-field",
                summary=f'{section}: there is no field "{word}"',
                span=config.span((section, index)),
                hint="write a field such as agents.level",
                meant=(word, _FIELDS),
            )
            yield None, error
        else:
            yield rule, None


def _check_default(settings: Settings, config: Document | None) -> list[Diagnostic]:
    name = settings.default_target
    if config is None or name is None or name in settings.targets or name == SANDBOX:
        return []
    return [
        Diagnostic(
            code="unknown-target",
            summary=f'default_target "{name}" is not among the targets',
            span=config.span(("default_target",)),
            hint=did_you_mean(name, [*settings.targets, SANDBOX]),
        )
    ]
