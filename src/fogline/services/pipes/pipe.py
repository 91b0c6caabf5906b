"""A pipe ready to run: its definition with patterns and templates compiled, once for each revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.aws.patterns import Pattern, record_matches
from fogline.services.pipes.definition import SOURCE_PARAMETERS, filters_of, kind_of, require_arn
from fogline.services.pipes.execution_log import LogSettings
from fogline.services.pipes.limits import Limits
from fogline.services.pipes.templates import Template, compiled, parsed, rendered, resolved

_DATA = {"sqs": "body", "kinesis": "data"}
"""The member of a source's records that holds the sender's text."""
_IDENTIFIERS = {"sqs": ("messageId",), "kinesis": ("eventID", "sequenceNumber")}
_IDENTIFIERS_OF_CHANGES = ("eventID",)


@dataclass(frozen=True, slots=True)
class Pipe:
    """What executions of one revision of a pipe need."""

    id: str
    revision: str
    name: str
    arn: str
    account: str
    region: str
    role: str
    source: str
    source_kind: str
    settings: Mapping[str, Any]
    """The parameters of its source, complete."""
    filters: list[Pattern]
    enrichment: str
    enrichment_kind: str
    enrichment_parameters: Mapping[str, Any]
    enrichment_template: Template | None
    target: str
    target_kind: str
    target_parameters: Mapping[str, Any]
    target_template: Template | None
    log: LogSettings

    def lets_through(self, event: Mapping[str, Any]) -> bool:
        """True when the pipe's filters let an event of its source through."""
        if not self.filters:
            return True
        if self.source_kind == "kinesis":
            event = parsed(event, self.source_kind)
        return record_matches(self.filters, event, _DATA.get(self.source_kind, ""))

    def transformed(self, template: Template | None, event: Any, now: int) -> str:
        """What a stage gets for an event. Raises TemplateFailed."""
        return rendered(template, event, self.source_kind, self.variables, now)

    def resolved(self, parameters: Mapping[str, Any], event: Any) -> dict[str, Any]:
        """A stage's parameters with their dynamic paths read from an event."""
        found: dict[str, Any] = resolved(parameters, parsed(event, self.source_kind))
        return found

    def http_parameters(self, stage: Mapping[str, Any], event: Any) -> dict[str, Any]:
        """The HttpParameters of a stage's parameters, every value a text."""
        own = self.resolved(stage.get("HttpParameters") or {}, event)
        return {
            member: {name: _text(each) for name, each in values.items()}
            if isinstance(values, Mapping)
            else [_text(each) for each in values]
            for member, values in own.items()
        }

    def identifier(self, event: Any) -> str | None:
        """By what a target names an event that failed; None for what an enrichment made up."""
        if isinstance(event, dict):
            for name in _IDENTIFIERS.get(self.source_kind, _IDENTIFIERS_OF_CHANGES):
                if isinstance(event.get(name), str):
                    return str(event[name])
        return None

    @property
    def variables(self) -> dict[str, str]:
        """The reserved variables of templates that are the same for all events."""
        return {
            "aws.pipes.pipe-arn": self.arn,
            "aws.pipes.pipe-name": self.name,
            "aws.pipes.source-arn": self.source,
            "aws.pipes.enrichment-arn": self.enrichment,
            "aws.pipes.target-arn": self.target,
        }


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def ready(document: Mapping[str, Any], limits: Limits) -> Pipe:
    """The pipe that a document describes."""
    source_kind = require_arn(document["Source"], "Source").service
    parameters = document["SourceParameters"]
    member, _ = SOURCE_PARAMETERS[source_kind]
    enrichment = document.get("Enrichment", "")
    enrichment_parameters = document.get("EnrichmentParameters", {})
    target_parameters = document.get("TargetParameters", {})
    return Pipe(
        id=document["id"],
        revision=document["revision"],
        name=document["Name"],
        arn=document["Arn"],
        account=document["account"],
        region=document["region"],
        role=document["RoleArn"],
        source=document["Source"],
        source_kind=source_kind,
        settings=parameters[member],
        filters=filters_of(parameters.get("FilterCriteria"), limits),
        enrichment=enrichment,
        enrichment_kind=kind_of(require_arn(enrichment, "Enrichment")) if enrichment else "",
        enrichment_parameters=enrichment_parameters,
        enrichment_template=compiled(enrichment_parameters.get("InputTemplate")),
        target=document["Target"],
        target_kind=kind_of(require_arn(document["Target"], "Target")),
        target_parameters=target_parameters,
        target_template=compiled(target_parameters.get("InputTemplate")),
        log=LogSettings.of(document.get("LogConfiguration")),
    )
