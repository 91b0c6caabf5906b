"""The entry point of the command `fogline`."""

from __future__ import annotations

import sys

from fogline.cli.exits import INTERRUPTED


def main() -> None:
    """Run the command line. `fogline up` takes a short way in, the other commands are loaded by click."""
    words = sys.argv[1:]
    if words[:1] == ["up"]:
        from fogline.cli.quick_up import serve_quickly

        code = serve_quickly(words[1:])
        if code is not None:
            sys.exit(code)
    import click

    from fogline.cli.group import fogline

    try:
        code = fogline.main(prog_name="fogline", standalone_mode=False)
    except click.ClickException as refusal:
        refusal.show()
        code = refusal.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = INTERRUPTED
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
