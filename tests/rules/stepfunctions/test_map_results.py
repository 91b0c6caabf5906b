"""Where the results of a distributed Map go, and what they look like there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fogline.services.stepfunctions.distributed.failures import ResultWriterFailed
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.distributed.results import (
    ChildResult,
    WriterConfig,
    read_writer_config,
    results_in_output,
)
from fogline.services.stepfunctions.distributed.writing import destination_of, result_files

MACHINE = "arn:aws:states:eu-west-1:000000000000:stateMachine:m/Map"
RUN = "arn:aws:states:eu-west-1:000000000000:mapRun:m/Map:1d2e"
DONE = ChildResult(
    machine_arn=MACHINE,
    status="SUCCEEDED",
    input='{"n":1}',
    name="c1",
    arn="arn:aws:states:eu-west-1:000000000000:execution:m/Map:c1",
    output='[{"a": 1}, [2]]',
    started_at=1_700_000_000_001,
    stopped_at=1_700_000_001_000,
    redrive_status="NOT_REDRIVABLE",
    redrive_status_reason="Execution is SUCCEEDED and cannot be redriven",
)
FAILED = replace(
    DONE,
    name="c2",
    status="FAILED",
    output=None,
    error="E",
    cause="why",
    redrive_status="REDRIVABLE",
    redrive_status_reason=None,
)
PENDING = ChildResult(machine_arn=MACHINE, status="PENDING", input="7")
TO_BUCKET = destination_of({"Bucket": "out", "Prefix": "jobs"}, RUN)


def written(
    *children: ChildResult, config: WriterConfig | None = None, **limits: int
) -> dict[str, bytes]:
    files = result_files(
        children, TO_BUCKET, config or WriterConfig(), replace(MapRunLimits(), **limits)
    )
    return {file.key.removeprefix("jobs/1d2e/"): file.content for file in files}


def test_results_are_told_in_full_unless_something_else_is_asked_for() -> None:
    files = written(DONE)
    assert json.loads(files["SUCCEEDED_0.json"]) == [
        {
            "ExecutionArn": DONE.arn,
            "Input": '{"n":1}',
            "InputDetails": {"Included": True},
            "Name": "c1",
            "Output": '[{"a": 1}, [2]]',
            "OutputDetails": {"Included": True},
            "RedriveCount": 0,
            "RedriveStatus": "NOT_REDRIVABLE",
            "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
            "StartDate": "2023-11-14T22:13:20.001Z",
            "StateMachineArn": MACHINE,
            "Status": "SUCCEEDED",
            "StopDate": "2023-11-14T22:13:21.000Z",
        }
    ]


def test_a_manifest_names_the_files() -> None:
    files = written(DONE)
    assert json.loads(files["manifest.json"]) == {
        "DestinationBucket": "out",
        "MapRunArn": RUN,
        "ResultFiles": {
            "FAILED": [],
            "PENDING": [],
            "SUCCEEDED": [
                {"Key": "jobs/1d2e/SUCCEEDED_0.json", "Size": len(files["SUCCEEDED_0.json"])}
            ],
        },
    }
    assert list(files)[-1] == "manifest.json"


def test_results_lie_with_those_that_ended_alike() -> None:
    timed_out = replace(FAILED, status="TIMED_OUT", error="States.Timeout", cause=None)
    aborted = replace(FAILED, status="ABORTED", error=None, cause=None)
    files = written(FAILED, PENDING, timed_out, DONE, aborted)
    assert sorted(files) == ["FAILED_0.json", "PENDING_0.json", "SUCCEEDED_0.json", "manifest.json"]
    failed = json.loads(files["FAILED_0.json"])
    assert [child["Status"] for child in failed] == ["FAILED", "TIMED_OUT", "ABORTED"]
    assert (failed[0]["Error"], failed[0]["Cause"]) == ("E", "why")
    assert json.loads(files["PENDING_0.json"]) == [
        {
            "Input": "7",
            "InputDetails": {"Included": True},
            "StateMachineArn": MACHINE,
            "Status": "PENDING",
        }
    ]


@pytest.mark.parametrize(
    ("transformation", "output_type", "content"),
    [
        ("COMPACT", "JSON", b'[[{"a":1},[2]],[{"a":1},[2]]]'),
        ("FLATTEN", "JSON", b'[{"a":1},[2],{"a":1},[2]]'),
        ("COMPACT", "JSONL", b'[{"a":1},[2]]\n[{"a":1},[2]]\n'),
        ("FLATTEN", "JSONL", b'{"a":1}\n[2]\n{"a":1}\n[2]\n'),
    ],
)
def test_results_can_be_outputs_alone(
    transformation: str, output_type: str, content: bytes
) -> None:
    files = written(DONE, DONE, config=WriterConfig(transformation, output_type))
    assert files[f"SUCCEEDED_0.{output_type.lower()}"] == content


@pytest.mark.parametrize("transformation", ["COMPACT", "FLATTEN"])
def test_what_failed_is_told_in_full_whatever_is_asked_for(transformation: str) -> None:
    files = written(FAILED, config=WriterConfig(transformation))
    assert json.loads(files["FAILED_0.json"])[0]["Error"] == "E"


def test_outputs_that_are_no_arrays_stay_whole_when_flattened() -> None:
    files = written(replace(DONE, output='{"b":2}'), config=WriterConfig("FLATTEN"))
    assert files["SUCCEEDED_0.json"] == b'[{"b":2}]'


def test_a_file_that_is_full_is_followed_by_another() -> None:
    one = replace(DONE, output='"12345678"')
    files = written(one, one, one, config=WriterConfig("COMPACT"), result_file_bytes_max=21)
    assert files["SUCCEEDED_0.json"] == b'["12345678","12345678"]'
    assert files["SUCCEEDED_1.json"] == b'["12345678"]'
    results = json.loads(files["manifest.json"])["ResultFiles"]["SUCCEEDED"]
    assert [result["Size"] for result in results] == [23, 12]


def test_no_children_leave_a_manifest_alone() -> None:
    assert list(written()) == ["manifest.json"]


def test_the_state_gives_where_the_manifest_is() -> None:
    assert TO_BUCKET.output() == {
        "MapRunArn": RUN,
        "ResultWriterDetails": {"Bucket": "out", "Key": "jobs/1d2e/manifest.json"},
    }
    assert destination_of({"Bucket": "out"}, RUN).manifest == "1d2e/manifest.json"
    assert destination_of({"Bucket": "out", "Prefix": "a/"}, RUN).manifest == "a/1d2e/manifest.json"


@pytest.mark.parametrize("arguments", [None, {}, {"Bucket": 1}, {"Bucket": "b", "Prefix": 2}])
def test_a_writer_names_a_bucket(arguments: Any) -> None:
    with pytest.raises(ResultWriterFailed) as failed:
        destination_of(arguments, RUN)
    assert failed.value.error == "States.ResultWriterFailed"


def test_results_that_are_not_exported_are_compact() -> None:
    assert read_writer_config(None, is_exported=False) == WriterConfig("COMPACT", "JSON")
    assert read_writer_config({"OutputType": "JSONL"}, is_exported=True) == WriterConfig(
        "NONE", "JSONL"
    )


def test_results_can_be_formed_for_the_states_output() -> None:
    assert results_in_output([DONE], WriterConfig("FLATTEN")) == [{"a": 1}, [2]]
    assert results_in_output([DONE], WriterConfig("FLATTEN", "JSONL")) == '{"a":1}\n[2]'
