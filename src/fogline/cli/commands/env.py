"""`fogline env`: the variables, in the words of a shell."""

from __future__ import annotations

import os
import shlex

import click

from fogline.cli.options import Command, client, output, server_options
from fogline.cli.variables import in_the_way, is_tls, sdk_variables, tls_variables

_SHELLS = ("sh", "fish", "powershell")


def shell_of(environment: dict[str, str]) -> str:
    """The shell the user most likely sits at."""
    name = os.path.basename(environment.get("SHELL", ""))
    if name == "fish":
        return "fish"
    return "powershell" if name in ("pwsh", "powershell") else "sh"


def export_line(shell: str, name: str, value: str | None) -> str:
    """The line that sets a variable, or unsets it when `value` is None."""
    if shell == "fish":
        return f"set -e {name};" if value is None else f"set -gx {name} {shlex.quote(value)};"
    if shell == "powershell":
        if value is None:
            return f"Remove-Item Env:{name} -ErrorAction SilentlyContinue"
        quoted = value.replace("'", "''")
        return f"$Env:{name} = '{quoted}'"
    return f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}"


@click.command(name="env", cls=Command)
@click.option(
    "--shell", type=click.Choice(_SHELLS), help="Whose words to use; yours when not given."
)
@click.option(
    "--tls", is_flag=True, help="Also those that make SDKs and curl trust Fogline's certificates."
)
@server_options
def command(shell: str | None, tls: bool) -> None:
    """Print the variables that lead AWS tools and SDKs here.

    \b
    sh, bash, zsh:  eval "$(fogline env)"
    fish:           fogline env | source
    PowerShell:     fogline env --shell powershell | Invoke-Expression

    Variables that would lead SDKs elsewhere (AWS_PROFILE, AWS_ENDPOINT_URL_SQS, ...) are unset. To undo it all,
    close the shell; to have them for one command only, use `fogline exec`.
    """
    out = output()
    server = client()
    server.health()
    variables = sdk_variables(server)
    if tls or is_tls(server):
        variables |= tls_variables(server)
    if out.is_json:
        out.document(variables)
        return
    shell = shell or shell_of(dict(os.environ))
    for name in in_the_way(os.environ):
        out.say(export_line(shell, name, None))
    for name, value in variables.items():
        out.say(export_line(shell, name, value))
