"""What commands have in common: --json, where the server is, and how failures are told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fogline.cli.exits import INTERRUPTED, Failure, ServerRefused
from fogline.cli.output import Output
from fogline.cli.server_file import find_folder, find_server_file

if TYPE_CHECKING:
    from fogline.cli.client import Client

F = TypeVar("F", bound=Callable[..., Any])

_PORT = "4566"
_JSON = "fogline.json"


class Command(click.Command):
    """A command whose failures are told in words (or in JSON), never by a traceback."""

    def __init__(self, *given: Any, **named: Any) -> None:
        named.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(*given, **named)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Failure as failure:
            tell(failure, output(ctx))
            ctx.exit(failure.code)
        except (KeyboardInterrupt, click.Abort):
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            # Who read our words has read enough (`fogline logs | head`).
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            ctx.exit(0)


def tell(failure: Failure, out: Output) -> None:
    """Say what failed and what to do about it."""
    if out.is_json:
        error = {"message": failure.text, "exit_code": failure.code}
        if isinstance(failure, ServerRefused):
            error |= {"code": failure.error, "message": failure.message}
        if failure.advice:
            error["advice"] = failure.advice
        out.event({"error": error}, "")  # a line, for it may end a stream of lines
        return
    out.note(f"{out.paint('Error:', 'bad')} {failure.text}")
    if failure.advice:
        out.note(failure.advice)


def output(ctx: click.Context | None = None) -> Output:
    """The output of the running command."""
    ctx = ctx or click.get_current_context()
    return Output(bool(ctx.meta.get(_JSON)))


def set_json(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[_JSON] = True


json_option = click.option(
    "--json",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=set_json,
    help="Answer with JSON on stdout, and nothing else there.",
)


def server_options(function: F) -> F:
    """--endpoint, --data, --account, --region and --json; `client()` reads them."""
    for option in reversed(
        (
            click.option(
                "--endpoint", metavar="URL", envvar="FOGLINE_ENDPOINT", expose_value=False,
                callback=_remember, help="The server's address, when it is not this folder's own.",
            ),
            click.option(
                "--data", metavar="DIR", envvar="FOGLINE_DATA", expose_value=False,
                callback=_remember, help="The state folder of the server to ask.",
            ),
            click.option(
                "--account", metavar="ID", envvar="FOGLINE_ACCOUNT", expose_value=False,
                callback=_remember, help="The account to act in (12 digits).",
            ),
            click.option(
                "--region", metavar="NAME", envvar=["FOGLINE_REGION", "AWS_REGION"],
                expose_value=False, callback=_remember, help="The region to act in.",
            ),
            json_option,
        )
    ):  # fmt: skip
        function = option(function)
    return function


def _remember(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if (
        parameter.name == "account"
        and value is not None
        and not (len(value) == 12 and value.isascii() and value.isdigit())
    ):
        raise click.BadParameter("an account has 12 digits")
    ctx.meta[f"fogline.{parameter.name}"] = value


def client(ctx: click.Context | None = None) -> Client:
    """The server the command shall ask; it is not asked yet. Closed with the command."""
    from fogline.cli.client import Client

    ctx = ctx or click.get_current_context()
    meta = ctx.meta
    found = Client(
        find_endpoint(meta.get("fogline.endpoint"), meta.get("fogline.data")),
        meta.get("fogline.account") or "000000000000",
        meta.get("fogline.region") or "us-east-1",
    )
    ctx.call_on_close(found.close)
    return found


def find_endpoint(endpoint: str | None, data: str | None) -> str:
    """Where the server is: as told, else of this folder or one above, else at FOGLINE_PORT or the usual port."""
    if endpoint:
        return endpoint
    folder = Path(data) if data else find_folder(Path.cwd())
    known = find_server_file(folder) if folder else None
    if known is not None:
        return known.endpoint
    if data:
        raise Failure(
            f"No Fogline keeps its state in {data}.", "Start it with `fogline up --data`.", 3
        )
    port = os.environ.get("FOGLINE_PORT", "")
    # 0 is for any port, of which nobody else can know.
    return f"http://127.0.0.1:{port if port.isdecimal() and int(port) else _PORT}"


def state_folder(ctx: click.Context | None = None) -> Path:
    """The state folder meant: as told, else of the living server above, else `.fogline` here."""
    meta = (ctx or click.get_current_context()).meta
    if data := meta.get("fogline.data"):
        return Path(data)
    return find_folder(Path.cwd()) or Path(".fogline")
