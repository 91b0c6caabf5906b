"""The entry point of the command `fogline`."""

from __future__ import annotations

import sys

from fogline.cli.exits import INTERRUPTED
from fogline.cli.interrupts import heed_interrupts


def main() -> None:
    """Run the command line. `fogline up` takes a short way in, the other commands are loaded by click."""
    try:
        # What `exec` and `aws` run is to have signals as whoever called us has them.
        if sys.argv[1:2] not in (["exec"], ["aws"]):
            heed_interrupts()
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


def _run(words: list[str]) -> int:
    if words[:1] == ["up"]:
        from fogline.cli.quick_up import serve_quickly

        code = serve_quickly(words[1:])
        if code is not None:
            return code
    import click

    from fogline.cli.group import fogline

    try:
        result = fogline.main(words, prog_name="fogline", standalone_mode=False)
    except click.ClickException as refusal:
        refusal.show()
        return refusal.exit_code
    except click.Abort:
        return INTERRUPTED
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
