"""`fogline up` without click, whose import costs a fifth of the time until the first answer.

Reads only command lines that leave no question; all others (help, mistakes, --detach) go the ordinary way through
`commands/up.py`, so that there is one place that explains and refuses.
"""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

from fogline.cli.exits import Failure
from fogline.config import Config, SettingInvalid, read_config

TEMPLATES = ("template.yaml", "template.yml", "template.json", "samconfig.toml", "samconfig.yaml")
_HIDDEN = ("functions_max", "store_threads")
_APP_FLAGS = ("--template", "--stack-name", "--parameter")


def read_words(words: list[str]) -> tuple[Config, list[str] | None, bool] | None:
    """Settings, the words for the application's session (None for none) and --json; None when in doubt."""
    flags = {
        f"--{each.name.replace('_', '-')}": each
        for each in fields(Config)
        if each.name not in _HIDDEN
    }
    settings: dict[str, object] = {}
    app: list[str] = []
    is_json = no_app = False
    left = iter(words)
    for word in left:
        name, equals, value = word.partition("=")
        if word == "--json":
            is_json = True
        elif word == "--no-app":
            no_app = True
        elif word in flags and flags[word].type == "bool":
            settings[flags[word].name] = True
        elif name in flags or name in _APP_FLAGS:
            if not equals:
                value = next(left, "-")
            if value.startswith("-"):
                return None
            if name in _APP_FLAGS:
                app += [name, value]
            elif flags[name].type == "bool":
                return None
            else:
                settings[flags[name].name] = value
        else:
            return None
    try:
        config = read_config(os.environ, **settings)
    except SettingInvalid:
        return None
    has_app = not no_app and ("--template" in app or has_application(Path.cwd()))
    return config, app if has_app else None, is_json


def has_application(folder: Path) -> bool:
    """Cheap: the server's start does not wait for the template to be read."""
    return any((folder / name).is_file() for name in TEMPLATES)


def serve_quickly(words: list[str]) -> int | None:
    """Serve until stopped and give the exit code, or give None, having done nothing."""
    read = read_words(words)
    if read is None:
        return None
    from fogline.cli.output import Output
    from fogline.cli.serving import serve

    config, app, is_json = read
    out = Output(is_json)
    try:
        serve(config, app, out)
    except Failure as failure:
        from fogline.cli.options import tell

        tell(failure, out)
        return failure.code
    return 0
