"""The program `provisioner`: its commands, each of which is loaded only when it is called."""

from importlib import import_module

import click
from click.shell_completion import CompletionItem

from provisioner import __version__
from provisioner.cli.exits import CommandGroup

_COMMANDS = {
    "init": "Start a project in a folder.",
    "validate": "Check the files of a project, without any network.",
    "doctor": "Check project, machine and account, without writing.",
    "probe": "Find out how an account behaves, with a throwaway agent.",
    "plan": "Show what an apply would change.",
    "apply": "Make the account match the files.",
    "diff": "Show what changes for people between two revisions of the files.",
    "fleet": "Plan and apply the accounts of a fleet together.",
    "snapshot": "Write the live account to a file, to plan against.",
    "guards": "Inject known mistakes, and show which guard stops each.",
    "rehearse": "Apply to an account in this process, with failures on purpose.",
    "manual": "List the manual steps of a plan, and acknowledge them.",
    "drift": "Show where the account differs from the files.",
    "forecast": "List what begins and lapses by the dates of agents.",
    "rules": "Test the rules of the team.",
    "access": "Show who has which access, and where it is declared.",
    "runs": "List the runs of a project, or show one step by step.",
    "undo": "Restore the values that a run changed.",
    "export": "Write the live account as a project.",
    "show": "Show a saved plan, or the live account of an agent.",
    "comment": "Keep one comment of a pull request up to date.",
    "issue": "Keep one issue of a target up to date.",
    "allowances": "List what people have allowed for a plan in its pull request.",
    "approvals": "Hold a merge until the reviewers of its plan approve.",
    "apps": "End the LivePhone logins of an agent.",
    "explain": "Show the source of each value of an object.",
    "set": "Set fields in the files.",
    "agent": "Add, move, rename, suspend or remove an agent in the files.",
    "fmt": "Write the files in their canonical order and layout.",
    "schema": "Print the JSON Schema of a file, for editors.",
    "sandbox": "Run a LiveAgent-compatible server to try things out.",
    "completion": "Print the script that completes commands in a shell.",
    "help": "Show the help of a command.",
}

_MODULES = {
    "allowances": "platform.allowances_command",
    "approvals": "platform.approvals_command",
    "comment": "platform.comment_command",
    "completion": "shell.completion",
    "diff": "offline.compare",
    "fmt": "offline.fmt",
    "forecast": "offline.forecast",
    "guards": "offline.prove",
    "help": "shell.help",
    "issue": "platform.issue_command",
    "rehearse": "offline.rehearse",
    "rules": "offline.rules",
}
"""The modules of commands that are not in `commands`, from `provisioner.cli`."""

_MEANT = {
    **dict.fromkeys(("check", "lint", "verify"), "validate"),
    **dict.fromkeys(("preview", "dry-run"), "plan"),
    **dict.fromkeys(("deploy", "push", "run", "sync", "up", "update"), "apply"),
    **dict.fromkeys(("adopt", "dump", "import", "pull"), "export"),
    **dict.fromkeys(("restore", "revert", "rollback"), "undo"),
    **dict.fromkeys(("history", "log", "logs", "records"), "runs"),
    **dict.fromkeys(("permissions", "rights", "who"), "access"),
    **dict.fromkeys(("diagnose", "health", "ping"), "doctor"),
    **dict.fromkeys(("create", "new", "start"), "init"),
    **dict.fromkeys(("delete", "destroy", "remove", "rm"), "agent remove"),
    **{word: f"agent {word}" for word in ("add", "move", "rename", "suspend")},
    "edit": "set",
    "format": "fmt",
    "schemas": "schema",
    "status": "drift",
    "prove": "guards prove",
    "why": "explain",
    "todo": "manual",
    "serve": "sandbox serve",
    "server": "sandbox serve",
    "disconnect": "apps disconnect",
    "version": "--version",
}


class _Commands(CommandGroup):
    """Loads a command's module by its name: `provisioner.cli.commands.plan` holds `plan`.

    `_MODULES` has the exceptions.
    """

    meant = _MEANT

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin like a word; no command is loaded."""
        names = (name for name in _COMMANDS if name.startswith(incomplete))
        commands = [CompletionItem(name, help=_COMMANDS[name]) for name in names]
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        path = _MODULES.get(cmd_name, f"commands.{cmd_name}")
        module = import_module(f"provisioner.cli.{path}")
        # `set` and `help` are names of built-in functions, too.
        command = getattr(module, cmd_name, None) or getattr(module, f"{cmd_name}_")
        return command if isinstance(command, click.Command) else None


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    examples=[
        "provisioner plan -t production",
        "provisioner apply -t production",
        "provisioner help agent move",
    ],
)
@click.version_option(__version__, prog_name="provisioner")
def main() -> None:
    """Keep LiveAgent agent accounts in git.

    Agents, roles and departments are declared in YAML files. `plan` shows what would change in
    the account, `apply` changes it. Every command that writes to the account asks first.
    """
