"""How the results of child executions are spelled: with all that is known of them, or their outputs alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fogline.aws.dates import iso_milliseconds
from fogline.aws.states.texts import json_text
from fogline.services.stepfunctions.engine.payloads import read_payload

Status = Literal["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING"]


@dataclass(frozen=True, slots=True)
class ChildResult:
    """A child execution that has ended, or will not be started any more (PENDING)."""

    machine_arn: str
    status: Status
    input: str
    name: str = ""
    arn: str = ""
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    started_at: int | None = None
    stopped_at: int | None = None
    redrive_count: int = 0
    redrive_status: str = ""
    """As DescribeExecution shows it; "" for executions that cannot be redriven (Express, pending)."""
    redrive_status_reason: str | None = None


@dataclass(frozen=True, slots=True)
class WriterConfig:
    """`WriterConfig` with the defaults of a Map that exports its results."""

    transformation: str = "NONE"
    """NONE, COMPACT or FLATTEN."""
    output_type: str = "JSON"
    """JSON or JSONL."""


def read_writer_config(given: Mapping[str, Any] | None, is_exported: bool) -> WriterConfig:
    """What a definition gives. Results that stay in the output are compact where nothing else is said.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
    """
    given = given or {}
    default = "NONE" if is_exported else "COMPACT"
    return WriterConfig(given.get("Transformation", default), given.get("OutputType", "JSON"))


def result_texts(child: ChildResult, transformation: str) -> list[str]:
    """A child's result as JSON, each text in one line: one, or for arrays that are flattened any number.

    What did not succeed has no output and is always told in full.
    """
    if transformation == "NONE" or child.status != "SUCCEEDED" or child.output is None:
        return [json_text(described(child))]
    value = read_payload(child.output)
    if transformation == "FLATTEN" and isinstance(value, list):
        return [json_text(part) for part in value]
    return [json_text(value)]


def described(child: ChildResult) -> dict[str, Any]:
    """All that is known of a child, in the members that AWS writes; inputs and outputs are texts of JSON."""
    told = {
        "Cause": child.cause,
        "Error": child.error,
        "ExecutionArn": child.arn or None,
        "Input": child.input,
        "InputDetails": {"Included": True},
        "Name": child.name or None,
        "Output": child.output,
        "OutputDetails": {"Included": True} if child.output is not None else None,
        "RedriveCount": child.redrive_count if child.redrive_status else None,
        "RedriveStatus": child.redrive_status or None,
        "RedriveStatusReason": child.redrive_status_reason,
        "StartDate": _moment(child.started_at),
        "StateMachineArn": child.machine_arn,
        "Status": child.status,
        "StopDate": _moment(child.stopped_at),
    }
    return {name: value for name, value in told.items() if value is not None}


def results_in_output(children: Iterable[ChildResult], config: WriterConfig) -> Any:
    """The state's output where a ResultWriter only forms it: an array, or a text with a line for each result."""
    texts = [text for child in children for text in result_texts(child, config.transformation)]
    if config.output_type == "JSONL":
        return "\n".join(texts)
    return [read_payload(text) for text in texts]


def _moment(instant: int | None) -> str | None:
    return None if instant is None else iso_milliseconds(instant)
