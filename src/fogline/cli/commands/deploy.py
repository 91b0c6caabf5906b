"""`fogline deploy`: from the folder's template to a running stack."""

from __future__ import annotations

from pathlib import Path

import click

from fogline.cli.application.template import (
    find_template,
    parse_parameters,
    read_settings,
    stack_name_of,
)
from fogline.cli.exits import Failure, NoServer
from fogline.cli.options import Command, client, output, server_options, state_folder

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command(name="deploy", cls=Command)
@click.option(
    "--template", metavar="FILE", help="The template; template.yaml and its like when not given."
)
@click.option(
    "--stack-name",
    metavar="NAME",
    help="The stack; samconfig's or the folder's name when not given.",
)
@click.option(
    "--parameter",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter of the template; give the option once for each.",
)
@click.option("--watch", is_flag=True, help="Then follow edits and logs, as `fogline up` does.")
@click.option(
    "--live/--packaged",
    "is_live",
    default=None,
    help="Run code from its folder, so that edits count at once, or from a package.  [default: --packaged; with "
    "--watch --live]",
)
@click.option("--report", type=click.Path(path_type=Path), hidden=True)
@server_options
def command(
    template: str | None,
    stack_name: str | None,
    parameters: tuple[str, ...],
    watch: bool,
    is_live: bool | None,
    report: Path | None,
) -> None:
    """Build the application of this folder and deploy it as a stack.

    requirements.txt is installed by uv or pip, package.json by npm, TypeScript is bundled by the project's esbuild;
    what did not change is not built again. Parameters that are not given have the template's default, or the value
    the stack has. The defaults of samconfig.toml count.

    The exit code is 1 when a build or a resource failed; the reasons are shown.
    """
    out = output()
    from fogline.cli.application.entrances import entrances_of
    from fogline.cli.application.session import Session, show

    folder = Path(template).absolute().parent if template else Path.cwd()
    settings = read_settings(folder)
    path = find_template(folder, template, settings)
    name = stack_name or settings.stack_name or stack_name_of(folder)
    given = {**settings.parameters, **parse_parameters(parameters)}
    server = client()
    server.health()
    live = watch if is_live is None else is_live
    if live and server.host not in _LOOPBACK:
        raise Failure(
            f"{server.endpoint} is another machine: it cannot run code from a folder of this one.",
            "Deploy with --packaged.",
            2,
        )
    session = Session(server, path, name, given, state_folder(), out, is_live=live, report=report)
    if watch:
        try:
            session.watch()
        except NoServer:
            raise Failure("The server has stopped.", code=NoServer.code) from None
        return
    deployed = session.deploy()
    show(out, server, deployed, entrances_of(server, deployed.name))
