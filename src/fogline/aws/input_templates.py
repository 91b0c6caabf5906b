"""Input templates: what a rule or a pipe hands to its target, made from an event by paths and `<placeholders>`.

A template is text with holes. A hole outside of quotes takes a value as JSON, a hole inside of quotes takes it as text,
unescaped, as AWS does; so a template that is an object or an array may turn out to be no JSON, and then it fails.
A pipe whose template is mere text (`Order <$.body.id>`) puts texts into it as they are: it need not give JSON.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

RENDERED_CHARACTERS_MAX = 4_194_304
"""A short template may name a large value many times."""
PATHS_KEPT_MAX = 4_096

RULE_VARIABLES = frozenset(
    {
        "aws.events.rule-arn",
        "aws.events.rule-name",
        "aws.events.event",
        "aws.events.event.json",
        "aws.events.event.ingestion-time",
    }
)
PIPE_VARIABLES = frozenset(
    {
        "aws.pipes.pipe-arn",
        "aws.pipes.pipe-name",
        "aws.pipes.source-arn",
        "aws.pipes.enrichment-arn",
        "aws.pipes.target-arn",
        "aws.pipes.event.ingestion-time",
        "aws.pipes.event",
        "aws.pipes.event.json",
    }
)

_NAMED_HOLE = re.compile(r"<([A-Za-z0-9_.\-]+)>")
_PATH_HOLE = re.compile(r"<(\$[^<>\r\n]*|aws\.pipes\.[a-z.\-]+)>")
_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]]+)|\[(?P<index>\d{1,9})\]|\[(?P<any>\*)\]|\['(?P<quoted>[^']*)'\]|\["(?P<double>[^"]*)"\]"""
)

_MISSING: Any = object()
_ANY: Any = object()

_Steps = tuple[Any, ...]


class InvalidTemplate(ValueError):
    """The template can never be filled in. The text says why."""


class UnknownPlaceholder(InvalidTemplate):
    """A hole that nothing fills: neither a path of the template nor a reserved variable."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"invalid placeholder {name}")


class BrokenTemplate(InvalidTemplate):
    """A template that begins like JSON and is none. `source` is what was read, with null in place of holes."""

    def __init__(self, source: str, line: int, column: int) -> None:
        self.source = source
        self.line = line
        self.column = column
        super().__init__(f'[Source: (String)"{source}"; line: {line}, column: {column}]')


class TemplateFailed(ValueError):
    """Filled in with this event, the template gives no JSON, or too much text."""


# ---- paths


def find_path(root: Any, path: str, default: Any = None) -> Any:
    """The value at `path` (`$.detail.items[0].id`); `default` where there is none.

    A wildcard (`[*]`, `.*`) gives a list of what it finds. A path that cannot be read finds nothing: AWS does not
    check paths.
    """
    found = _find(root, _steps_of(path))
    return default if found is _MISSING else found


def is_path(text: str) -> bool:
    """True when `find_path` can read it."""
    return _steps_of(text) is not None


@lru_cache(PATHS_KEPT_MAX)
def _steps_of(path: str) -> _Steps | None:
    path = path.strip()
    if not path.startswith("$"):
        return None
    steps: list[Any] = []
    at = 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            return None
        if step["index"] is not None:
            steps.append(int(step["index"]))
        elif step["any"] is not None or step["name"] == "*":
            steps.append(_ANY)
        else:
            steps.append(step["name"] or step["quoted"] or step["double"] or "")
        at = step.end()
    return tuple(steps)


def _find(root: Any, steps: _Steps | None) -> Any:
    if steps is None:
        return _MISSING
    if _ANY in steps:
        return _find_all(root, steps)
    value = root
    for step in steps:
        value = _below(value, step)
        if value is _MISSING:
            return _MISSING
    return value


def _find_all(root: Any, steps: _Steps) -> Any:
    values = [root]
    for step in steps:
        if step is _ANY:
            values = [
                child
                for value in values
                if isinstance(value, (dict, list))
                for child in (value.values() if isinstance(value, dict) else value)
            ]
        else:
            values = [child for value in values if (child := _below(value, step)) is not _MISSING]
    return values or _MISSING


def _below(value: Any, step: Any) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else _MISSING
    return value.get(step, _MISSING) if isinstance(value, dict) else _MISSING


# ---- templates


@dataclass(frozen=True, slots=True)
class _Hole:
    name: str
    steps: _Steps | None
    """The way to its value; None for a reserved variable."""
    is_reserved: bool
    is_quoted: bool


class Template:
    """A compiled template. `reserved` are the names of the variables that it needs beside the event."""

    __slots__ = ("_is_plain", "_parts", "is_json", "reserved")

    def __init__(self, parts: tuple[str | _Hole, ...], *, is_json: bool, is_plain: bool) -> None:
        self._parts = parts
        self._is_plain = is_plain
        self.is_json = is_json
        """Begins as an object or an array: what is rendered is checked and made compact."""
        self.reserved = frozenset(
            part.name for part in parts if isinstance(part, _Hole) and part.is_reserved
        )

    def render(self, root: Any, reserved: Mapping[str, Any]) -> str:
        """The text for one event. Raises TemplateFailed."""
        texts: list[str] = []
        size = 0
        for part in self._parts:
            text = part if isinstance(part, str) else self._fill(part, root, reserved)
            size += len(text)
            if size > RENDERED_CHARACTERS_MAX:
                raise TemplateFailed("The input that the template gives is too large")
            texts.append(text)
        rendered = "".join(texts)
        if not self.is_json:
            return rendered
        try:
            return orjson.dumps(orjson.loads(rendered)).decode()
        except ValueError:
            raise TemplateFailed("The input that the template gives is not valid JSON") from None

    def _fill(self, hole: _Hole, root: Any, reserved: Mapping[str, Any]) -> str:
        if hole.is_reserved:
            value = reserved.get(hole.name, _MISSING)
        else:
            value = _find(root, hole.steps)
        if value is _MISSING:
            return '""' if self.is_json and not hole.is_quoted else ""
        if isinstance(value, str) and (hole.is_quoted or self._is_plain):
            return value
        text = written(value)
        if not hole.is_quoted:
            return text
        # Within a text, AWS leaves out the quotes of objects and arrays.
        return text if self.is_json else text.replace('"', "")


def compile_template(
    paths: Mapping[str, str] | None,
    template: str,
    variables: frozenset[str] = RULE_VARIABLES | PIPE_VARIABLES,
) -> Template:
    """Compile a template whose holes are named by `paths`, or, without them, hold paths themselves (`<$.body>`).

    `variables` are the reserved names that may stand in it. Raises UnknownPlaceholder, BrokenTemplate.
    """
    pattern = _PATH_HOLE if paths is None else _NAMED_HOLE
    is_json = template.lstrip()[:1] in ("{", "[")
    parts: list[str | _Hole] = []
    is_quoted = False
    at = 0
    for match in pattern.finditer(template):
        before = template[at : match.start()]
        is_quoted = _is_quoted_after(before, is_quoted)
        if before:
            parts.append(before)
        parts.append(_hole(match[1], paths, variables, is_quoted))
        at = match.end()
    if template[at:]:
        parts.append(template[at:])
    if is_json:
        _check(parts)
    return Template(tuple(parts), is_json=is_json, is_plain=paths is None and not is_json)


def _hole(
    name: str, paths: Mapping[str, str] | None, variables: frozenset[str], is_quoted: bool
) -> _Hole:
    if name in variables:
        return _Hole(name, None, True, is_quoted)
    if paths is None and name.startswith("$"):
        return _Hole(name, _steps_of(name), False, is_quoted)
    if paths is None or name not in paths:
        raise UnknownPlaceholder(name)
    return _Hole(name, _steps_of(paths[name]), False, is_quoted)


def _is_quoted_after(text: str, is_quoted: bool) -> bool:
    """Whether what follows `text` stands between quotes."""
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == "\\" and is_quoted:
            at += 1
        elif letter == '"':
            is_quoted = not is_quoted
        at += 1
    return is_quoted


def _check(parts: list[str | _Hole]) -> None:
    source = "".join(
        part if isinstance(part, str) else ("" if part.is_quoted else "null") for part in parts
    )
    try:
        json.loads(source)
    except json.JSONDecodeError as error:
        raise BrokenTemplate(source, error.lineno, error.colno) from None
    except RecursionError:
        raise BrokenTemplate(source, 1, 1) from None


def is_json(text: str) -> bool:
    """True when the text is one JSON value."""
    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True


def written(value: Any) -> str:
    """A value as compact JSON."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # deeper than it writes, or a number that it cannot
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
