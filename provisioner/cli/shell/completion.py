"""`provisioner completion`."""

import click

from provisioner.cli.console.output import Console
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.parsing import Command
from provisioner.cli.shell.completing import answer

SCRIPTS = {
    "bash": r"""
_provisioner() {
    local type value
    COMPREPLY=()
    while IFS=$'\t' read -r type value; do
        case $type in
            word) COMPREPLY+=("$value") ;;
            part) COMPREPLY+=("$value"); compopt -o nospace ;;
            file) compopt -o default ;;
            dir) compopt -o plusdirs ;;
        esac
    done < <("${1/#\~/$HOME}" completion bash --candidates -- "${COMP_LINE:0:COMP_POINT}" "$2")
} 2> /dev/null
complete -F _provisioner provisioner
""",
    "zsh": r"""
#compdef provisioner
_provisioner() {
    local type value description
    local -a values shown parts earlier
    (( CURRENT > 2 )) && earlier=("${(@Q)words[2,CURRENT-1]}")
    while IFS=$'\t' read -r type value description; do
        case $type in
            word) values+=("$value"); shown+=("$value${description:+  ($description)}") ;;
            part) parts+=("$value") ;;
            file) _files ;;
            dir) _files -/ ;;
        esac
    done < <("${${(Q)words[1]}/#\~/$HOME}" completion zsh --candidates -- \
        "${earlier[@]}" "${(Q)PREFIX}" 2> /dev/null)
    (( $#values )) && compadd -l -d shown -a values
    (( $#parts )) && compadd -S '' -a parts
    return 0
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _provisioner "$@"
else
    compdef _provisioner provisioner
fi
""",
    "fish": r"""
function __provisioner_complete
    set -l words (commandline -opc)
    set -l program (string replace -r '^~' "$HOME" -- $words[1])
    set -e words[1]
    set -l current (commandline -ct)
    $program completion fish --candidates -- $words "$current" 2> /dev/null | while read -l line
        set -l parts (string split \t -- $line)
        switch $parts[1]
            case file
                __fish_complete_path "$current"
            case dir
                __fish_complete_directories "$current" ''
            case '*'
                printf '%s\t%s\n' $parts[2] $parts[3]
        end
    end
end
complete -c provisioner -f -a '(__provisioner_complete)'
""",
}


@click.command(
    cls=Command,
    examples=[
        "provisioner completion bash > ~/.local/share/bash-completion/completions/provisioner",
        "provisioner completion zsh > ~/.zfunc/_provisioner",
        "provisioner completion fish > ~/.config/fish/completions/provisioner.fish",
    ],
)
@click.argument("shell", type=click.Choice([*SCRIPTS]))
@click.option("--candidates", is_flag=True, hidden=True, help="Complete the WORDS of a line.")
@click.argument("words", nargs=-1, metavar="")
@click.pass_context
@pass_console
def completion(
    console: Console, context: click.Context, shell: str, candidates: bool, words: tuple[str, ...]
) -> int:
    """Print the script that completes the words of a command line in a shell.

    The script completes commands, options, and names of the project: targets, emails, departments,
    roles and numbers of runs. It reads files only, and no network.
    """
    if candidates:
        console.print_result(answer(context.find_root().command, shell, words))
    elif words:
        raise click.UsageError(f"Got unexpected extra arguments ({' '.join(words)})", context)
    else:
        console.print_result(SCRIPTS[shell].lstrip("\n"))
    return Exit.DONE
