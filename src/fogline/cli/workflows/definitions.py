"""Definitions to draw: a file's, with the places a template fills in, or the one that an execution ran."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from fogline.aws.states.machine import DefinitionRefused, Machine, load_machine, parse_machine
from fogline.cli.client import Client
from fogline.cli.exits import Failure

_SUFFIXES = (".json", ".yaml", ".yml")
_RESOURCE = re.compile(r'("Resource"\s*:\s*)"\$\{([^}"]{1,200})\}"')
_BARE = re.compile(r"(:\s*)\$\{[^}\"]{1,200}\}(?=\s*[,}\]])")
_UNREADABLE = (DefinitionRefused, ValueError, LookupError, TypeError, AttributeError)


def is_file(name: str) -> bool:
    """Whether a name is rather that of a file."""
    return not name.startswith("arn:") and (name.endswith(_SUFFIXES) or Path(name).is_file())


def read_definition(path: Path) -> Machine:
    """The machine of a file in JSON or YAML. Raises Failure, saying what is wrong with it."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}.", code=2) from None
    except UnicodeDecodeError:
        raise Failure(f"{path} is not text in UTF-8.", code=2) from None
    try:
        return parse_machine(_fill(_as_json(path, text)))
    except (DefinitionRefused, RecursionError) as error:
        raise Failure(f"{path} is no definition: {error}") from None


def _as_json(path: Path, text: str) -> str:
    if path.suffix not in (".yaml", ".yml"):
        return text
    import yaml

    try:
        return json.dumps(yaml.safe_load(text))
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise Failure(
            f"{path} is no YAML of a definition: {' '.join(str(error).split())}"
        ) from None


def _fill(text: str) -> str:
    """A definition before a template filled it in can be drawn too: what it leaves open gets stand-ins."""
    text = _RESOURCE.sub(
        lambda found: (
            f'{found[1]}"arn:aws:lambda:us-east-1:000000000000:function:'
            f'{re.sub(r"[^A-Za-z0-9_-]", "-", found[2])[:64]}"'
        ),
        text,
    )
    return _BARE.sub(r"\g<1>1", text)


def load_described(described: dict[str, Any]) -> Machine:
    """The machine of a description that the server gave."""
    try:
        return load_machine(str(described["definition"]))
    except _UNREADABLE as error:
        name = described.get("name", "The machine")
        raise Failure(f"The definition of {name} cannot be read: {error}") from None


def machine_of_execution(server: Client, execution: dict[str, Any]) -> Machine:
    """The machine as it was when the execution began."""
    described = server.call(
        "stepfunctions",
        "DescribeStateMachineForExecution",
        executionArn=str(execution["executionArn"]),
    )
    return load_described(described)
