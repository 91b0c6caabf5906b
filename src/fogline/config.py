"""Every setting: its name, type, default, and one sentence. Read once, by app.py alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


class SettingInvalid(Exception):
    """A setting has a value that it cannot have; the text says what it can be."""


def _setting(default: Any, sentence: str, choices: tuple[str, ...] = (), also: str = "") -> Any:
    """`also` is a variable of the environment that other tools read for the same."""
    return field(default=default, metadata={"sentence": sentence, "choices": choices, "also": also})


@dataclass(frozen=True, slots=True)
class Config:
    """The settings. Each can come from the environment as `FOGLINE_` and its name in capitals."""

    port: int = _setting(4566, "The port to listen on; 0 takes any that is free.")
    listen: str = _setting(
        "127.0.0.1",
        "The address to listen on. Anything but loopback exposes all you run to others.",
    )
    data: Path = _setting(Path(".fogline"), "The folder that holds all state.")
    ephemeral: bool = _setting(False, "Keep everything in memory, and forget it at the end.")
    store: str = _setting(
        "",
        "A PostgreSQL URL (postgresql://...) to share state between machines; empty: SQLite in data.",
    )
    clock: str = _setting(
        "real", "Where time comes from: the machine, or only from commands.", ("real", "manual")
    )
    durability: str = _setting(
        "process",
        "What an acknowledged write survives: the death of the process, or of the machine.",
        ("process", "power"),
    )
    region: str = _setting("us-east-1", "The region of callers that name none.")
    account: str = _setting("000000000000", "The account of callers whose access key names none.")
    tls: bool = _setting(
        False, "Give out addresses of https. The port answers HTTP and HTTPS, with or without this."
    )
    allow_host: str = _setting("", "Further host names that may be called, separated by commas.")
    allow_origin: str = _setting(
        "", "Further origins whose web pages may call, separated by commas; * allows every page."
    )
    log_level: str = _setting(
        "warning",
        "How much Fogline says about its own work.",
        ("debug", "info", "warning", "error"),
    )
    functions_max: int = _setting(
        64, "How many execution environments of functions may run at a time."
    )
    node_modules: str = _setting(
        "",
        "A folder of packages (@aws-sdk/...) for Node.js functions that do not bring their own.",
    )
    sfn_mock_config: str = _setting(
        "",
        "A file of mocked service integrations, in the format of Step Functions Local.",
        also="SFN_MOCK_CONFIG",
    )
    cognito_jwks: str = _setting(
        "https://cognito-idp.{region}.amazonaws.com/{pool}/.well-known/jwks.json",
        "Where the keys of Cognito user pools are, for APIs that ask for their tokens.",
    )
    websocket_connects_per_second_max: int = _setting(
        0,
        "How many clients of an account may connect to WebSocket APIs in a second: on AWS 500; 0 lets all connect.",
    )
    store_threads: int = _setting(8, "How many connections operations use at a time on PostgreSQL.")

    def __post_init__(self) -> None:
        for each in fields(self):
            choices = each.metadata["choices"]
            if choices and getattr(self, each.name) not in choices:
                raise SettingInvalid(f"{each.name} must be one of: {', '.join(choices)}")
        if not 0 <= self.port <= 65_535:
            raise SettingInvalid("port must be between 0 and 65535")
        if self.websocket_connects_per_second_max < 0:
            raise SettingInvalid("websocket_connects_per_second_max must be 0 or more")
        if not (len(self.account) == 12 and self.account.isascii() and self.account.isdigit()):
            raise SettingInvalid("account must be 12 digits")
        if self.sfn_mock_config and not Path(self.sfn_mock_config).is_file():
            raise SettingInvalid(f"sfn_mock_config must be a file, not '{self.sfn_mock_config}'")


def read_config(environment: Mapping[str, str] | None = None, **given: Any) -> Config:
    """The settings: those given (where not None), then those of the environment, then the defaults.

    Raises SettingInvalid.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for each in fields(Config):
        value = given.get(each.name)
        if value is None:
            value = environment.get(f"FOGLINE_{each.name.upper()}")
        if value is None and each.metadata["also"]:
            value = environment.get(each.metadata["also"])
        if value is not None:
            values[each.name] = _convert(each.name, each.type, value)
    return Config(**values)


def _convert(name: str, kind: object, value: Any) -> Any:
    if kind == "int" and not isinstance(value, int):
        try:
            return int(value)
        except ValueError:
            raise SettingInvalid(f"{name} must be a whole number, not '{value}'") from None
    if kind == "bool" and not isinstance(value, bool):
        word = str(value).lower()
        if word not in ("1", "0", "true", "false", "yes", "no", "on", "off", ""):
            raise SettingInvalid(f"{name} must be true or false, not '{value}'")
        return word in ("1", "true", "yes", "on")
    if kind == "Path":
        return Path(value)
    return value
