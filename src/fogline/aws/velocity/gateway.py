"""What API Gateway hands to a mapping template (`$input`, `$util`, `$stageVariables`, `$context`) and reads back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from fogline.aws.jsonpath import InvalidPath, PathFailed, Work, compile_path
from fogline.aws.velocity.errors import TemplateFailed
from fogline.aws.velocity.gateway_tools import Tools, parse_json
from fogline.aws.velocity.limits import STEPS_MAX
from fogline.aws.velocity.run import Run
from fogline.aws.velocity.template import Template
from fogline.aws.velocity.values import Method, Object, json_of, text_of

_CHARACTERS_PER_STEP = 32
_UNREAD: Any = object()
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a request, by where they stand in it."""

    path: Mapping[str, str] = field(default_factory=dict)
    querystring: Mapping[str, str] = field(default_factory=dict)
    header: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str) -> str:
        """The parameter of that name, looked for in this order; the empty text if there is none."""
        for place in (self.path, self.querystring, self.header):
            if name in place:
                return place[name]
        # The names of headers have no case, and HTTP/2 sends them all small.
        wanted = name.lower()
        return next((text for key, text in self.header.items() if key.lower() == wanted), "")


class Input(Object):
    """`$input`: the body that comes in, as text and as JSON, and the parameters of the request."""

    __slots__ = ("_body", "_parameters", "_pristine", "_shared")

    def __init__(self, body: str, parameters: Parameters) -> None:
        self._body = body or "{}"  # recorded: test_input_body_formatting
        self._parameters = parameters
        self._pristine = _UNREAD
        self._shared = _UNREAD

    def find(self, name: str, run: Run) -> Any:
        return self._body if name == "body" else None

    def _read(self, run: Run) -> Any:
        """The body as JSON. What is no JSON is a text (so templates split forms: `$input.path('$').split('&')`)."""
        run.charge(1 + len(self._body) // _CHARACTERS_PER_STEP)
        try:
            return parse_json(self._body)
        except ValueError:
            return self._body

    def _path(self, run: Run, path: Any) -> Any:
        # Templates may change what they are given; `json` goes on telling what came in.
        if self._shared is _UNREAD:
            self._shared = self._read(run)
        value = _value_at(self._shared, path, run)
        return None if value is _MISSING else value

    def _json(self, run: Run, path: Any) -> str:
        if self._pristine is _UNREAD:
            self._pristine = self._read(run)
        value = _value_at(self._pristine, path, run)
        return '""' if value is _MISSING else json_of(value, run)

    def _params(self, run: Run, *names: Any) -> Any:
        given = self._parameters
        places = (
            ("path", given.path),
            ("querystring", given.querystring),
            ("header", given.header),
        )
        run.charge(1 + sum(len(place) for _, place in places))
        if not names:
            return {name: dict(place) for name, place in places}
        return given.find(text_of(names[0], run)) if len(names) == 1 else None

    methods: ClassVar[Mapping[str, Method]] = {
        "path": lambda run, given, path: given._path(run, path),
        "json": lambda run, given, path: given._json(run, path),
        "params": lambda run, given, *names: given._params(run, *names),
        "getBody": lambda run, given: given._body,
    }


def _value_at(document: Any, path: Any, run: Run) -> Any:
    """What the path names: a list where it may name several values; _MISSING where nothing is."""
    text = text_of(path, run)
    if not text.startswith("$"):
        text = f"${text}" if text.startswith("[") else f"$.{text}"
    run.charge(1 + len(text))
    try:
        compiled = compile_path(text)
    except InvalidPath as error:
        raise TemplateFailed(f"The path {text[:100]!r}: {error}") from None
    if compiled.root != "$":
        raise TemplateFailed(f"The path {text[:100]!r} has to start with '$'")
    before = run.left
    work = Work(before)
    try:
        return compiled.value(document, work)
    except PathFailed:
        return _MISSING
    finally:
        run.charge(before - work.left)


@dataclass(frozen=True, slots=True)
class RequestOverrides:
    """What a template has set in `$context.requestOverride`; a list sets several values of one name."""

    headers: Mapping[str, list[str]]
    path: Mapping[str, str]
    querystring: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class ResponseOverrides:
    """What a template has set in `$context.responseOverride`."""

    headers: Mapping[str, list[str]]
    status: int | None


class MappingVariables:
    """The variables of one call: the request template and the response template share them.

    What the one sets, the other sees, overrides too (recorded:
    test_integration_mock_with_response_override_in_request_template).
    `context` is copied; authorizers' claims and the like are to be given as API Gateway has them, as texts.
    """

    def __init__(
        self,
        context: Mapping[str, Any],
        stage_variables: Mapping[str, str] | None,
        parameters: Parameters,
    ) -> None:
        self._context = _copy(context)
        self._context["requestOverride"] = {"header": {}, "path": {}, "querystring": {}}
        self._context["responseOverride"] = {"header": {}}
        self._parameters = parameters
        self._variables: dict[str, Any] = {
            "context": self._context,
            "stageVariables": dict(stage_variables or {}),
            "util": Tools(),
        }
        self.request_overrides = RequestOverrides({}, {}, {})
        self.response_overrides = ResponseOverrides({}, None)

    def set_context(self, values: Mapping[str, Any]) -> None:
        """Add what has become known since: the status of the integration, for one."""
        self._context.update(_copy(values))

    def render(self, template: Template, body: str, steps: int = STEPS_MAX) -> str:
        """What the template makes of this body; then the overrides are what it has set. Raises TemplateFailed."""
        self._variables["input"] = Input(body, self._parameters)
        text = template.render(self._variables, steps)
        run = Run({}, {}, steps)
        request = _members(self._context.get("requestOverride"))
        self.request_overrides = RequestOverrides(
            _several(request.get("header"), run),
            _texts(request.get("path"), run),
            _several(request.get("querystring"), run),
        )
        response = _members(self._context.get("responseOverride"))
        self.response_overrides = ResponseOverrides(
            _several(response.get("header"), run), _status(response.get("status"), run)
        )
        return text


def _copy(values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that a template may change, of maps within maps too."""
    # Most values are texts; to ask them whether they are maps takes far longer than to know their type.
    return {
        name: value if type(value) in _NO_MAPS or not isinstance(value, Mapping) else _copy(value)
        for name, value in values.items()
    }


_NO_MAPS = frozenset((str, int, bool, float, type(None)))


def _members(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any, run: Run) -> dict[str, str]:
    return {
        text_of(name, run): text_of(one, run)
        for name, one in _members(value).items()
        if one is not None
    }


def _several(value: Any, run: Run) -> dict[str, list[str]]:
    return {
        text_of(name, run): [
            text_of(each, run) for each in (one if isinstance(one, list) else (one,))
        ]
        for name, one in _members(value).items()
        if one is not None
    }


def _status(value: Any, run: Run) -> int | None:
    text = text_of(value, run).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 3):
        raise TemplateFailed(f"{text[:100]!r} is no status that a response could have")
    return int(text)
