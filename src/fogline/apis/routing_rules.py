"""Routing rules: which requests to a custom domain name go to which stage, by their path and headers.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple


class Choice(NamedTuple):
    """What a rule does with a request."""

    api: str
    stage: str
    stripped: int
    """How many segments of the path the API does not get to see."""


def choose(
    rules: Iterable[Mapping[str, Any]], segments: Sequence[str], headers: Mapping[str, str]
) -> Choice | None:
    """What the first rule says that fits, in the order of their priorities. Names of headers are lower-case."""
    for rule in sorted(rules, key=lambda each: int(each["Priority"])):
        matched = _matched(rule["Conditions"], segments, headers)
        if matched is not None:
            action = rule["Actions"][0]["InvokeApi"]
            return Choice(
                action["ApiId"], action["Stage"], matched if action.get("StripBasePath") else 0
            )
    return None


def _matched(
    conditions: Sequence[Mapping[str, Any]], segments: Sequence[str], headers: Mapping[str, str]
) -> int | None:
    """How many segments the base path has that was asked for; None unless all conditions are met."""
    matched = 0
    for condition in conditions:
        if "MatchBasePaths" in condition:
            bases = [base.strip("/").split("/") for base in condition["MatchBasePaths"]["AnyOf"]]
            fitting = [len(base) for base in bases if base == list(segments[: len(base)])]
            if not fitting:
                return None
            matched = max(fitting)
        elif not any(
            _fits(each["ValueGlob"], headers.get(each["Header"].lower()))
            for each in condition["MatchHeaders"]["AnyOf"]
        ):
            return None
    return matched


def _fits(glob: str, value: str | None) -> bool:
    """A star stands at the beginning, at the end, or at both."""
    if value is None:
        return False
    inner = glob.strip("*")
    if glob.startswith("*"):
        return inner in value if glob.endswith("*") else value.endswith(inner)
    return value.startswith(inner) if glob.endswith("*") else value == glob
