"""Notification configurations: which S3 takes, and whom of one a change of an object concerns.

Texts: recorded answers, and what clients report. Filters:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any, NamedTuple

from fogline.aws.arn import find_arn
from fogline.services.s3.errors import InvalidArgument, MalformedXML, NotBuilt
from fogline.services.s3.limits import Limits

Configuration = Mapping[str, Any]
"""A notification configuration, or one entry of one, as requests and answers carry it."""


class Destination(NamedTuple):
    """A kind of place that notifications go to: the member that names one, in requests and in XML, and its service."""

    member: str
    argument: str
    service: str
    noun: str


DESTINATIONS = {
    "TopicConfigurations": Destination("TopicArn", "Topic", "sns", "topic"),
    "QueueConfigurations": Destination("QueueArn", "Queue", "sqs", "queue"),
    "LambdaFunctionConfigurations": Destination(
        "LambdaFunctionArn", "CloudFunction", "lambda", "Lambda"
    ),
}

_CREATED = "s3:ObjectCreated:"
_REMOVED = "s3:ObjectRemoved:"
_TAGGED = "s3:ObjectTagging:"
_RESTORED = "s3:ObjectRestore:"
_REPLICATED = "s3:Replication:"
_EVENTS = frozenset(
    (
        *(_CREATED + each for each in ("*", "Put", "Post", "Copy", "CompleteMultipartUpload")),
        *(_REMOVED + each for each in ("*", "Delete", "DeleteMarkerCreated")),
        *(_TAGGED + each for each in ("*", "Put", "Delete")),
        # What these tell of is refused when it is asked for, so nothing is kept back.
        *(_RESTORED + each for each in ("*", "Post", "Completed", "Delete")),
        *(_REPLICATED + each for each in ("*", "OperationFailedReplication")),
        *(_REPLICATED + each for each in ("OperationNotTracked", "OperationMissedThreshold")),
        _REPLICATED + "OperationReplicatedAfterThreshold",
        "s3:ReducedRedundancyLostObject",
        "s3:IntelligentTiering",
        "s3:ObjectAcl:Put",
    )
)
_NOT_BUILT = ("s3:LifecycleExpiration:", "s3:LifecycleTransition", "s3:ObjectAnnotation:")


# ---- whom a change concerns


def receivers(
    configuration: Configuration, event: str, key: str
) -> Iterator[tuple[Destination, Configuration]]:
    """The entries that want to hear of that event (`s3:ObjectCreated:Put`) of that key."""
    every = event[: event.rindex(":") + 1] + "*"
    for name, destination in DESTINATIONS.items():
        for entry in configuration.get(name) or ():
            wanted = entry["Events"]
            if (event in wanted or every in wanted) and _passes(entry, key):
                yield destination, entry


def _passes(entry: Configuration, key: str) -> bool:
    prefix, suffix = _affixes(entry)
    return key.startswith(prefix) and key.endswith(suffix)


def _affixes(entry: Configuration) -> tuple[str, str]:
    """The prefix and the suffix that an entry asks for, "" where it asks for none."""
    found = {rule["Name"].lower(): rule["Value"] for rule in _rules(entry)}
    return found.get("prefix", ""), found.get("suffix", "")


def _rules(entry: Configuration) -> list[Configuration]:
    return ((entry.get("Filter") or {}).get("Key") or {}).get("FilterRules") or []


# ---- which configurations S3 takes


def checked(
    given: Configuration, region: str, limits: Limits, make_id: Callable[[], str]
) -> dict[str, Any]:
    """The configuration as S3 keeps it: each entry with an id. Raises what S3 refuses of it."""
    kept: dict[str, Any] = {}
    for name, destination in DESTINATIONS.items():
        entries = given.get(name) or ()
        if entries:
            kept[name] = [
                _checked_entry(entry, destination, region, limits, make_id) for entry in entries
            ]
    every = [entry for entries in kept.values() for entry in entries]
    if len(every) > limits.notifications_max:
        raise InvalidArgument(
            f"A bucket can have {limits.notifications_max} notification configurations at most"
        )
    if len({entry["Id"] for entry in every}) < len(every):
        raise InvalidArgument("Same ID used for multiple configurations. IDs must be unique")
    for first, second in combinations(every, 2):
        _check_apart(first, second)
    if given.get("EventBridgeConfiguration") is not None:
        kept["EventBridgeConfiguration"] = {}
    return kept


def _checked_entry(
    entry: Configuration,
    destination: Destination,
    region: str,
    limits: Limits,
    make_id: Callable[[], str],
) -> dict[str, Any]:
    arn, events = entry.get(destination.member), entry.get("Events")
    if not arn or not events:
        raise MalformedXML()
    _check_arn(arn, destination, region)
    for event in events:
        if event.startswith(_NOT_BUILT):
            raise NotBuilt(what=f"notifications of {event}")
        if event not in _EVENTS:
            raise InvalidArgument(
                "A specified event is not supported for notifications.", "Event", event
            )
    kept = {"Id": entry.get("Id") or make_id(), destination.member: arn, "Events": list(events)}
    rules = [_checked_rule(rule, limits) for rule in _rules(entry)]
    for name in ("Prefix", "Suffix"):
        if sum(rule["Name"] == name for rule in rules) > 1:
            raise InvalidArgument(
                f"Cannot specify more than one {name.lower()} rule in a filter.", "FilterRule.Name"
            )
    if rules:
        kept["Filter"] = {"Key": {"FilterRules": rules}}
    return kept


def _check_arn(text: str, destination: Destination, region: str) -> None:
    arn = find_arn(text)
    if arn is None:
        raise InvalidArgument("The ARN could not be parsed", destination.argument, text)
    if arn.service != destination.service:
        raise InvalidArgument("The ARN is not well formed", destination.argument, text)
    if arn.region != region:
        raise InvalidArgument(
            "The notification destination service region is not valid for the bucket location constraint",
            destination.argument,
            text,
        )


def _checked_rule(rule: Configuration, limits: Limits) -> dict[str, str]:
    """A rule of a filter. Whatever its case, S3 answers its name capitalized."""
    name, value = rule.get("Name"), rule.get("Value")
    if name is None or value is None:
        raise MalformedXML()
    if name.lower() not in ("prefix", "suffix"):
        raise InvalidArgument(
            "filter rule name must be either prefix or suffix", "FilterRule.Name", name
        )
    if len(value.encode()) > limits.key_bytes_max:
        raise InvalidArgument(
            f"Size of filter rule value cannot exceed {limits.key_bytes_max} bytes in UTF-8 representation",
            "FilterRule.Value",
            value,
        )
    return {"Name": name.capitalize(), "Value": value}


def _check_apart(first: Configuration, second: Configuration) -> None:
    """Two entries must not both concern one change."""
    shared = next(
        ((one, two) for one in first["Events"] for two in second["Events"] if _meet(one, two)), None
    )
    if shared is None:
        return
    affixes = (*_affixes(first), *_affixes(second))
    if not any(affixes):
        raise InvalidArgument(
            "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
            "Event",
            ", ".join(shared),
        )
    prefix, suffix, other_prefix, other_suffix = affixes
    begin_alike = prefix.startswith(other_prefix) or other_prefix.startswith(prefix)
    end_alike = suffix.endswith(other_suffix) or other_suffix.endswith(suffix)
    if begin_alike and end_alike:
        raise InvalidArgument(
            "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes"
            " are overlapping for the same event type."
        )


def _meet(one: str, two: str) -> bool:
    return (
        one == two
        or (one.endswith("*") and two.startswith(one[:-1]))
        or (two.endswith("*") and one.startswith(two[:-1]))
    )
