"""Payloads: what a target gets of an event: all of it, a constant, the value at a path, or a filled-in template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from fogline.aws.input_templates import (
    RULE_VARIABLES,
    InvalidTemplate,
    Template,
    compile_template,
    find_path,
    written,
)
from fogline.services.events.event import Event, written_time


class Payload(Protocol):
    """Makes the text that one target gets. `rule` and `rule_arn` name the rule that matched."""

    def make(self, event: Event, rule: str, rule_arn: str) -> str:
        """The text for this event. Raises TemplateFailed."""


class WholeEvent:
    def make(self, event: Event, rule: str, rule_arn: str) -> str:
        return event.text


class Constant:
    """`Input`"""

    def __init__(self, text: str) -> None:
        self._text = text

    def make(self, event: Event, rule: str, rule_arn: str) -> str:
        return self._text


class PartOfEvent:
    """`InputPath`"""

    def __init__(self, path: str) -> None:
        self._path = path

    def make(self, event: Event, rule: str, rule_arn: str) -> str:
        return written(find_path(event.document, self._path))


class Transformed:
    """`InputTransformer`"""

    def __init__(self, template: Template) -> None:
        self._template = template

    def make(self, event: Event, rule: str, rule_arn: str) -> str:
        needed = self._template.reserved
        reserved: Mapping[str, Any] = _reserved(event, rule, rule_arn) if needed else {}
        return self._template.render(event.document, reserved)


_WHOLE = WholeEvent()


def make_payload(target: Mapping[str, Any]) -> Payload:
    """How that target wants its events."""
    transformer = target.get("InputTransformer")
    if transformer:
        try:
            template = compile_template(
                transformer.get("InputPathsMap") or {}, transformer["InputTemplate"], RULE_VARIABLES
            )
        except InvalidTemplate:  # taken by an older version of this program
            return _WHOLE
        return Transformed(template)
    if target.get("Input"):
        return Constant(target["Input"])
    if target.get("InputPath") and target["InputPath"] != "$":
        return PartOfEvent(target["InputPath"])
    return _WHOLE


def _reserved(event: Event, rule: str, rule_arn: str) -> dict[str, Any]:
    document = event.document
    return {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule,
        "aws.events.event.ingestion-time": written_time(event.ingested_at // 1000),
        "aws.events.event.json": document,
        # Without its detail, in this order and spelling: recorded from AWS.
        "aws.events.event": {
            "id": document["id"],
            "account": document["account"],
            "detailType": document["detail-type"],
            "time": document["time"],
            "source": document["source"],
            "region": document["region"],
            "resources": document["resources"],
            "version": document["version"],
        },
    }
