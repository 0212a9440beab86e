"""Answers a shell that asks how the word at the cursor can go on.

Each line of the answer has a type, a word, and perhaps a description, with tabs between them:

    word    a complete word
    part    a word to which more is to be added, so no blank follows it
    file    the shell completes names of files
    dir     the shell completes names of folders
"""

from collections.abc import Iterator, Sequence

import click
from click.shell_completion import CompletionItem, ShellComplete

from provisioner.cli.shell.typed_line import TypedWord, quoted, typed_words

_OPEN_ENDS = ("/", "=")


def answer(program: click.Command, shell: str, arguments: Sequence[str]) -> str:
    """Return the answer to a shell; "" if anything is wrong with the line or the project.

    Args:
        program: the whole command line.
        shell: `bash`, `zsh` or `fish`.
        arguments: from bash the line up to the cursor and its last part, which the answer
            replaces; from the others the words after the program, and the one at the cursor.
    """
    try:
        if shell == "bash":
            line, replaced = arguments
            words = typed_words(line)[1:]
            return "".join(_bash_lines(program, words, replaced)) if words else ""
        *complete, at_cursor = arguments
        if shell == "fish":  # its words have their quotes
            complete, at_cursor = [*map(_unquoted, complete)], _unquoted(at_cursor)
        return "".join(
            f"{_type(item)}\t{item.value}\t{' '.join((item.help or '').split())}\n"
            for item in _candidates(program, complete, at_cursor)
        )
    except (Exception, SystemExit):  # noqa: BLE001  a shell must go on, whatever is wrong
        return ""


def _bash_lines(program: click.Command, words: Sequence[TypedWord], replaced: str) -> Iterator[str]:
    *complete, at_cursor = words
    if complete and complete[-1].raw.strip("0123456789&") in {">", ">>", "<"}:
        yield "file\t\n"
        return
    kept = typed_words(at_cursor.raw.removesuffix(replaced))[-1]
    for item in _candidates(program, [word.text for word in complete], at_cursor.text):
        rest = quoted(item.value[len(kept.text) :], kept.quote)
        if item.type != "plain":
            yield f"{item.type}\t\n"
        elif rest is not None:
            yield f"{_type(item)}\t{rest}\n"


def _candidates(
    program: click.Command, complete: list[str], typed: str
) -> Iterator[CompletionItem]:
    """Yield how a word can go on, as whole words; those that can't be shown are left out."""
    option, equals, _ = typed.partition("=")
    prefix = f"{option}=" if equals and option.startswith("--") else ""
    completer = ShellComplete(program, {}, "provisioner", "")
    for item in completer.get_completions(complete, typed):
        item.value = f"{prefix}{item.value}"
        if item.value.isprintable():
            yield item


def _type(item: CompletionItem) -> str:
    if item.type != "plain":
        return str(item.type)
    return "part" if item.value.endswith(_OPEN_ENDS) else "word"


def _unquoted(word: str) -> str:
    return typed_words(word)[-1].text if word else ""
