"""`fogline up`: the server, and beside it the application of this folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import click

from fogline.cli.options import Command, json_option, output
from fogline.cli.quick_up import has_application
from fogline.config import Config, SettingInvalid, read_config

F = TypeVar("F", bound=Callable[..., Any])

_SENTENCES = {each.name: str(each.metadata["sentence"]) for each in fields(Config)}
_CHOICES = {each.name: each.metadata["choices"] for each in fields(Config)}


def _setting(flag: str, name: str, **more: Any) -> Callable[[F], F]:
    if _CHOICES[name]:
        more["type"] = click.Choice(_CHOICES[name])
    default = next(each.default for each in fields(Config) if each.name == name)
    shown = "" if default in (False, "") else f"  [default: {default}]"
    return click.option(flag, name, default=None, help=_SENTENCES[name] + shown, **more)


@click.command(name="up", cls=Command)
@_setting("--port", "port", type=click.IntRange(0, 65_535))
@_setting("--listen", "listen", metavar="ADDR")
@_setting("--data", "data", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@_setting("--ephemeral", "ephemeral", is_flag=True, flag_value=True)
@_setting("--store", "store", metavar="URL")
@_setting("--clock", "clock")
@_setting("--durability", "durability")
@_setting("--region", "region", metavar="NAME")
@_setting("--account", "account", metavar="ID")
@_setting("--tls", "tls", is_flag=True, flag_value=True)
@_setting("--allow-host", "allow_host", metavar="NAMES")
@_setting("--allow-origin", "allow_origin", metavar="ORIGINS")
@_setting("--node-modules", "node_modules", metavar="DIR")
@_setting("--sfn-mock-config", "sfn_mock_config", metavar="FILE")
@_setting("--log-level", "log_level")
@click.option("--no-app", is_flag=True, help="Only the server: leave this folder's template alone.")
@click.option(
    "--template",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="The application's template, when it is not found by its usual names.",
)
@click.option("--stack-name", metavar="NAME", help="The stack to deploy the application as.")
@click.option(
    "--parameter",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter of the template; give the option once for each.",
)
@click.option(
    "--detach", "-d", is_flag=True, help="Run in the background; `fogline down` stops it."
)
@json_option
def command(
    no_app: bool,
    template: str | None,
    stack_name: str | None,
    parameters: tuple[str, ...],
    detach: bool,
    **settings: Any,
) -> None:
    """Start Fogline, and the application of this folder if it has a template.

    In a folder with a template.yaml (or .yml, .json, or one named by samconfig.toml) the application is built and
    deployed, then code and template are watched: an edit of a function's code is used by its next invocation, an edit
    of the template updates the stack. What the functions write is shown as it comes. Ctrl-C stops everything; state
    stays in the data folder for the next start.

    Every setting can also come from the environment: FOGLINE_PORT, FOGLINE_DATA, ...
    """
    out = output()
    try:
        config = read_config(os.environ, **settings)
    except SettingInvalid as error:
        raise click.UsageError(f"{error}.") from None
    app: list[str] | None = None
    if not no_app and (template or has_application(Path.cwd())):
        app = _app_words(template, stack_name, parameters)
    if detach:
        from fogline.cli.detached import start_detached

        start_detached(config, app, out)
    else:
        from fogline.cli.serving import serve

        serve(config, app, out)


def _app_words(
    template: str | None, stack_name: str | None, parameters: tuple[str, ...]
) -> list[str]:
    words = []
    if template:
        words += ["--template", template]
    if stack_name:
        words += ["--stack-name", stack_name]
    for parameter in parameters:
        words += ["--parameter", parameter]
    return words
