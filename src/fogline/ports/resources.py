"""The CloudFormation types a service owns: what it says about each, and what a stack asks of it.

A service's `resources.py` ends with `RESOURCES: tuple[ResourceType, ...]`. Its functions are
synchronous and work through operations (`context.ask("sqs", "CreateQueue", {...})`), so a stack
does what a client could do:

    def create(context: Context, properties: Properties) -> Done:
        name = properties.get("QueueName") or context.name(characters_max=80)
        tags = context.tags(properties.get("Tags"))
        queue = context.ask("sqs", "CreateQueue", {"QueueName": name, "tags": tags})
        return Done(queue["QueueUrl"], {"QueueName": name})

Refusals (`AwsError`) may escape: they become the reason why the resource failed. Nothing waits or
sleeps: what is not ready answers `InProgress`, and is asked again.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.ports.api import Api

Properties = Mapping[str, Any]
"""Resolved properties. Scalars may still be text ("30", "true"): CloudFormation lets them be, and
`ask` turns them into what the operation's model names; use `integer` and `boolean` where a handler
decides on one."""

_SUFFIX_CHARACTERS = 12
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Context:
    """One resource of one stack at one step of its life.

    `call` says on whose behalf, where and when. `token` stays the same when a step is repeated
    after a crash, so that what is derived from it (a name, a client token) is found again instead
    of made twice.
    """

    call: Call
    api: Api
    stack_id: str
    stack_name: str
    logical_id: str
    resource_type: str
    token: str
    stack_tags: Mapping[str, str] = field(default_factory=dict)

    def ask(self, service: str, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer of an operation. Members that are None are left out."""
        given = {name: value for name, value in request.items() if value is not None}
        return self.api.call(service, operation, given, self.call)

    def name(
        self,
        characters_max: int = 64,
        *,
        lower: bool = False,
        suffix: str = "",
        separator: str = "-",
    ) -> str:
        """A physical name as AWS makes them, cut short to fit: `stack-LogicalId-RANDOM12`."""
        room = characters_max - _SUFFIX_CHARACTERS - 2 * len(separator) - len(suffix)
        stack, logical = _fit(self.stack_name, self.logical_id, room)
        digest = hashlib.sha256(self.token.encode()).digest()
        chance = "".join(_ALPHABET[byte % 36] for byte in digest[:_SUFFIX_CHARACTERS])
        name = separator.join((stack, logical, chance)) + suffix
        return name.lower() if lower else name

    def tags(self, own: object = None) -> dict[str, str]:
        """The tags of the resource: the stack's, the template's (a list of Key and Value, or a
        map), and CloudFormation's own three.

        Services refuse `aws:` tags from clients, and accept them from calls whose `protocol` is "".
        """
        merged = dict(self.stack_tags)
        if isinstance(own, Mapping):
            merged.update({str(key): text(value) for key, value in own.items()})
        elif isinstance(own, list):
            for tag in own:
                if not isinstance(tag, Mapping) or "Key" not in tag:
                    raise ResourceRefused("Every tag must have a Key and a Value.")
                merged[text(tag["Key"])] = text(tag.get("Value", ""))
        elif own is not None:
            raise ResourceRefused("Tags must be a list of Key and Value, or a map.")
        merged["aws:cloudformation:stack-name"] = self.stack_name
        merged["aws:cloudformation:logical-id"] = self.logical_id
        merged["aws:cloudformation:stack-id"] = self.stack_id
        return merged

    def tag_list(self, own: object = None) -> list[dict[str, str]]:
        """`tags` as most APIs want them: a list of Key and Value."""
        return [{"Key": key, "Value": value} for key, value in self.tags(own).items()]


@dataclass(frozen=True, slots=True)
class Done:
    """The resource stands. Ref gives `physical_id`, Fn::GetAtt reads `attributes`."""

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InProgress:
    """Not ready. Asked again through `ResourceType.resume` when `topic` stirs, or at `ask_at` (ms)
    at the latest. A topic begins with `stack-resource:`.

    `state` (JSON values) is kept and handed back, so that `resume` knows where it was.
    """

    physical_id: str
    ask_at: int
    topic: str = ""
    state: Mapping[str, Any] = field(default_factory=dict)


Create = Callable[[Context, Properties], Done | InProgress]
Update = Callable[[Context, str, Properties, Properties], Done | InProgress]
"""context, physical id, old properties, new properties. Another physical id in the answer means:
replaced."""
Delete = Callable[[Context, str, Properties], InProgress | None]
"""context, physical id, properties. None: it is gone. Finding nothing to delete is a success, too
(errors whose code says "not found" count as that)."""
Resume = Callable[[Context, InProgress, Properties], Done | InProgress | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """One type, such as `AWS::SQS::Queue`.

    Property names are top-level (`QueueName`) or dotted (`Code.S3Bucket`) where only a part counts.
    """

    name: str
    properties: frozenset[str]
    """Top-level properties that are honoured (or have no effect that anyone could notice)."""
    create: Create
    delete: Delete
    update: Update | None = None
    """None: every change of a property replaces the resource."""
    resume: Resume | None = None
    required: frozenset[str] = frozenset()
    create_only: frozenset[str] = frozenset()
    """A change of one of these replaces the resource."""
    conditional: frozenset[str] = frozenset()
    """A change of one of these may replace it: `replaces` decides, and a change set says
    `Conditional`."""
    replaces: Callable[[Properties, Properties], bool] | None = None
    not_built: frozenset[str] = frozenset()
    """Properties AWS has and we do not: refused by name, before anything is created."""
    attributes: frozenset[str] = frozenset()
    """Names Fn::GetAtt may ask for; a dotted or `*` entry (`Outputs.*`) allows any rest."""
    primary_identifier: str = ""
    """The property that names the resource, when the user names it: a replacement under the same
    name is refused."""
    has_snapshot: bool = False
    """True if `DeletionPolicy: Snapshot` means something for it."""
    check: Callable[[Properties], str | None] | None = None
    """A rule over the resolved properties, asked just before create and update; the text it gives
    is the reason to refuse."""


class ResourceRefused(AwsError):
    """What a handler raises where no operation refuses for it."""

    code = "InvalidRequest"


class ResourceTypes(Protocol):
    """All types of all services."""

    def find(self, name: str) -> ResourceType | None: ...

    def names(self) -> Iterable[str]:
        """The names of every type there is, sorted."""


class ResourceModules:
    """The types of services whose `resources.py` is imported when a template first names one.

    `modules` maps the front of a type's name (`AWS::SQS::`) to the module that owns it.
    """

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = dict(modules)
        self._loaded: dict[str, dict[str, ResourceType]] = {}

    def find(self, name: str) -> ResourceType | None:
        front = name[: name.rfind("::") + 2]
        return self._types(front).get(name) if front in self._modules else None

    def names(self) -> list[str]:
        return sorted(name for front in self._modules for name in self._types(front))

    def _types(self, front: str) -> dict[str, ResourceType]:
        if front not in self._loaded:
            module = importlib.import_module(self._modules[front])
            self._loaded[front] = {
                kind.name: kind for kind in module.RESOURCES if kind.name.startswith(front)
            }
        return self._loaded[front]


def text(value: object) -> str:
    """A scalar as CloudFormation hands it on: `true`, `30`, `1.5`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def integer(value: object) -> int:
    """A whole number, written as one or as text."""
    try:
        return int(str(value))
    except ValueError:
        raise ResourceRefused(f"expected type: Integer, found: {value}") from None


def boolean(value: object) -> bool:
    """A truth value, written as one or as text."""
    word = text(value).lower()
    if word not in ("true", "false"):
        raise ResourceRefused(f"expected type: Boolean, found: {value}")
    return word == "true"


def _fit(first: str, second: str, room: int) -> tuple[str, str]:
    """Both, cut so that together they fill `room` at most; the longer one gives way first."""
    half = room // 2
    if len(first) + len(second) <= room:
        return first, second
    if len(first) <= half:
        return first, second[: room - len(first)]
    if len(second) <= half:
        return first[: room - len(second)], second
    return first[:half], second[: room - half]
