"""Distributed Maps: their children, what those are given, and how the state ends."""

from __future__ import annotations

import json

import pytest

RESULT = {"StartAt": "Child", "States": {"Child": {"Type": "Pass", "End": True}}}
FAIL = {"StartAt": "Child", "States": {"Child": {"Type": "Fail", "Error": "Bad", "Cause": "luck"}}}
WAIT = {"StartAt": "Child", "States": {"Child": {"Type": "Wait", "Seconds": 60, "End": True}}}
GET_OBJECT = "arn:aws:states:::s3:getObject"
LIST = "arn:aws:states:::s3:listObjectsV2"
PUT_OBJECT = "arn:aws:states:::s3:putObject"


def distributed(processor=RESULT, kind="STANDARD", **more):
    config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
    more = {"End": True, **more} if "Next" not in more else more
    return {"Type": "Map", "ItemProcessor": {"ProcessorConfig": config, **processor}, **more}


def fail_if(value):
    """A processor that fails for one item, and gives the others back."""
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": value, "Next": "Bad"}],
        "Default": "Good",
    }
    states = {
        "Child": choice,
        "Good": {"Type": "Pass", "End": True},
        "Bad": {"Type": "Fail", "Error": "Bad", "Cause": "luck"},
    }
    return {"StartAt": "Child", "States": states}


@pytest.fixture
def map_runs(stepfunctions, every):
    """The map runs of an execution, described."""

    def map_runs(run):
        listed = every(stepfunctions.list_map_runs, "mapRuns", executionArn=run.arn)
        arns = [one["mapRunArn"] for one in listed]
        return [stepfunctions.describe_map_run(mapRunArn=arn) for arn in arns]

    return map_runs


@pytest.fixture
def children(stepfunctions, every):
    """The children of a map run as they are listed, in the order in which they were started."""

    def children(map_run, **more):
        arn = map_run["mapRunArn"]
        found = every(stepfunctions.list_executions, "executions", mapRunArn=arn, **more)
        return found[::-1]

    return children


@pytest.fixture
def s3(fogline):
    return fogline.client("s3")


@pytest.fixture
def put(s3, fogline):
    """Puts an object into the test's bucket; its place, as a reader's Parameters."""
    bucket = f"items-{fogline.id}"
    s3.create_bucket(Bucket=bucket)

    def put(key, text):
        s3.put_object(Bucket=bucket, Key=key, Body=text)
        return {"Bucket": bucket, "Key": key}

    return put


# ---- results


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_each_item_is_given_to_a_child_and_results_are_in_the_order_of_items(begin, kind):
    run = begin({"Map": distributed(kind=kind)}, list(range(120)))
    assert run.output == list(range(120))


def test_the_history_tells_of_the_map_run_alone(begin):
    run = begin({"Map": distributed()}, [1, 2])
    told = [(event["type"], event["previousEventId"]) for event in run.events()]
    assert told == [
        ("ExecutionStarted", 0),
        ("MapStateEntered", 0),
        ("MapStateStarted", 2),
        ("MapRunStarted", 3),
        ("MapRunSucceeded", 4),
        ("MapStateSucceeded", 5),
        ("MapStateExited", 5),
        ("ExecutionSucceeded", 7),
    ]


def test_no_items_have_no_results(begin, map_runs):
    run = begin({"Map": distributed()}, [])
    assert run.output == []
    assert map_runs(run)[0]["executionCounts"]["total"] == 0


def test_a_selector_sees_the_input_and_the_item(begin):
    selector = {"all.$": "$.items", "one.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index"}
    state = distributed(ItemsPath="$.items", ItemSelector=selector)
    run = begin({"Map": state}, {"items": ["a", "b"]})
    assert run.output == [
        {"all": ["a", "b"], "one": "a", "at": 0},
        {"all": ["a", "b"], "one": "b", "at": 1},
    ]


def test_children_are_given_batches(begin, map_runs, children):
    state = distributed(ItemBatcher={"MaxItemsPerBatch": 2, "BatchInput": {"by": "two"}})
    run = begin({"Map": state}, [1, 2, 3])
    assert run.output == [
        {"BatchInput": {"by": "two"}, "Items": [1, 2]},
        {"BatchInput": {"by": "two"}, "Items": [3]},
    ]
    described = map_runs(run)[0]
    assert described["executionCounts"]["succeeded"] == 2
    assert described["itemCounts"]["succeeded"] == 3
    assert [child["itemCount"] for child in children(described)] == [2, 1]


def test_fields_are_expressions_in_jsonata(begin):
    state = distributed(
        Items="{% $states.input.values %}",
        ItemSelector={"twice": "{% $states.context.Map.Item.Value * 2 %}"},
        MaxConcurrency="{% $states.input.most %}",
        Output="{% $sum($states.result.twice) %}",
    )
    run = begin({"Map": state}, {"values": [1, 2, 3], "most": 1}, QueryLanguage="JSONata")
    assert run.output == 12


def test_children_see_no_variables_of_the_parent(begin):
    reads = {"Type": "Pass", "Parameters": {"seen.$": "$count"}, "End": True}
    processor = {"StartAt": "Child", "States": {"Child": reads}}
    states = {
        "Set": {"Type": "Pass", "Assign": {"count": 1}, "Result": [1], "Next": "Map"},
        "Map": distributed(processor),
    }
    assert begin(states).error == "States.ExceedToleratedFailureThreshold"


def test_a_child_knows_itself(begin):
    parameters = {"me.$": "$$.Execution.Id", "of.$": "$$.StateMachine.Id"}
    processor = {
        "StartAt": "Child",
        "States": {"Child": {"Type": "Pass", "Parameters": parameters, "End": True}},
    }
    found = begin({"Map": distributed(processor, Label="part")}, [1]).output[0]
    assert ":execution:m0/part:" in found["me"]
    assert found["of"].endswith(":stateMachine:m0/part")


def test_maps_are_nested(begin):
    inner = {"StartAt": "Inner", "States": {"Inner": distributed()}}
    assert begin({"Map": distributed(inner)}, [[1, 2], [3], []]).output == [[1, 2], [3], []]


# ---- items of files


def test_items_are_read_from_csv(begin, put):
    place = put("rows.csv", "id,name\n1,a\n2,b\n")
    reader = {
        "Resource": GET_OBJECT,
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
        "Parameters": {"Bucket.$": "$.Bucket", "Key.$": "$.Key"},
    }
    run = begin({"Map": distributed(ItemReader=reader)}, place)
    assert run.output == [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]
    assert run.events("MapStateStarted")[0]["mapStateStartedEventDetails"]["length"] == 0


def test_items_are_the_objects_of_a_bucket(begin, put):
    for key in ("in/a", "in/b", "out/c"):
        place = put(key, "text")
    reader = {"Resource": LIST, "Parameters": {"Bucket": place["Bucket"], "Prefix": "in/"}}
    run = begin({"Map": distributed(ItemReader=reader)})
    assert [item["Key"] for item in run.output] == ["in/a", "in/b"]


def test_many_items_are_read_and_selected(begin, put):
    place = put("lines.jsonl", "\n".join(json.dumps({"n": n}) for n in range(3_000)))
    reader = {
        "Resource": GET_OBJECT,
        "ReaderConfig": {"InputType": "JSONL"},
        "Parameters": place,
    }
    state = distributed(
        kind="EXPRESS",
        ItemReader=reader,
        ItemSelector={"n.$": "$$.Map.Item.Value.n", "from.$": "$$.Map.Item.Source"},
        ItemBatcher={"MaxItemsPerBatch": 100},
        ResultSelector={"first.$": "$[0].Items[0]", "last.$": "$[29].Items[99].n"},
    )
    source = f"S3://{place['Bucket']}/lines.jsonl"
    assert begin({"Map": state}).output == {"first": {"n": 0, "from": source}, "last": 2_999}


def test_a_file_that_is_not_there_fails_the_map_run(begin, put):
    place = {**put("a", "1"), "Key": "b"}
    reader = {"Resource": GET_OBJECT, "ReaderConfig": {"InputType": "JSON"}, "Parameters": place}
    run = begin({"Map": distributed(ItemReader=reader)})
    assert run.error == "States.ItemReaderFailed"
    told = [event["type"] for event in run.events()][-4:]
    assert told == ["MapRunStarted", "MapRunFailed", "MapStateFailed", "ExecutionFailed"]


# ---- failures


def test_a_failed_item_fails_the_map(begin, map_runs):
    run = begin({"Map": distributed(fail_if(2), MaxConcurrency=1)}, [1, 2, 3])
    assert run.error == "States.ExceedToleratedFailureThreshold"
    described = map_runs(run)[0]
    assert described["status"] == "FAILED"
    counts = described["executionCounts"]
    assert (counts["succeeded"], counts["failed"], counts["pending"]) == (1, 1, 1)


def test_so_many_failures_are_tolerated(begin, map_runs):
    run = begin({"Map": distributed(fail_if(2), ToleratedFailureCount=1)}, [1, 2, 3])
    assert [run.output[0], run.output[2]] == [1, 3]
    assert run.output[1]["Status"] == "FAILED"
    assert map_runs(run)[0]["executionCounts"]["failed"] == 1


def test_such_a_part_of_failures_is_tolerated(begin):
    tolerant = {"ToleratedFailurePercentagePath": "$.most", "ItemsPath": "$.items"}
    given = {"items": [1, 2, 3, 4], "most": 25}
    assert begin({"Map": distributed(fail_if(2), **tolerant)}, given).status == "SUCCEEDED"
    less = {**given, "most": 24.9}
    assert begin({"Map": distributed(fail_if(2), **tolerant)}, less).status == "FAILED"


def test_children_that_run_are_stopped_with_the_others(begin, map_runs, children):
    choice = fail_if(2)
    choice["States"]["Good"] = {"Type": "Wait", "Seconds": 60, "End": True}
    run = begin({"Map": distributed(choice)}, [1, 2, 3])
    assert run.status == "FAILED"
    found = [child["status"] for child in children(map_runs(run)[0])]
    assert found == ["ABORTED", "FAILED", "ABORTED"]


def test_a_failure_is_caught(begin):
    catch = [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "After"}]
    states = {"Map": distributed(FAIL, Catch=catch), "After": {"Type": "Pass", "End": True}}
    error = "States.ExceedToleratedFailureThreshold"
    cause = "The specified tolerated failure threshold was exceeded"
    assert begin(states, [1]).output == {"Error": error, "Cause": cause}


def test_a_retry_begins_a_new_map_run(begin, map_runs):
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5, "MaxAttempts": 1}]
    run = begin({"Map": distributed(FAIL, Retry=retry)}, [1])
    assert run.status == "RUNNING"
    run.advance(5)
    assert run.status == "FAILED"
    assert [one["status"] for one in map_runs(run)] == ["FAILED", "FAILED"]


def test_results_that_are_too_large_fail_the_map(begin):
    text = "x" * 100_000
    processor = {
        "StartAt": "Child",
        "States": {"Child": {"Type": "Pass", "Result": text, "End": True}},
    }
    assert begin({"Map": distributed(processor)}, [1, 2]).status == "SUCCEEDED"
    assert begin({"Map": distributed(processor)}, [1, 2, 3]).error == "States.DataLimitExceeded"


# ---- results of files


def test_results_are_written(begin, put, s3):
    bucket = put("a", "1")["Bucket"]
    writer = {"Resource": PUT_OBJECT, "Parameters": {"Bucket": bucket, "Prefix": "results"}}
    state = distributed(fail_if(2), ResultWriter=writer, ToleratedFailureCount=1)
    details = begin({"Map": state}, [1, 2, 3]).output["ResultWriterDetails"]
    manifest = json.load(s3.get_object(**details)["Body"])
    files = manifest["ResultFiles"]
    assert [len(files[name]) for name in ("SUCCEEDED", "FAILED", "PENDING")] == [1, 1, 0]
    read = s3.get_object(Bucket=bucket, Key=files["SUCCEEDED"][0]["Key"])["Body"]
    assert [child["Output"] for child in json.load(read)] == ["1", "3"]


def test_what_did_not_run_is_written_too(begin, put, s3):
    bucket = put("a", "1")["Bucket"]
    writer = {"Resource": PUT_OBJECT, "Parameters": {"Bucket": bucket, "Prefix": "results"}}
    run = begin({"Map": distributed(fail_if(2), ResultWriter=writer, MaxConcurrency=1)}, [2, 3])
    assert run.status == "FAILED"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="results/")["Contents"]
    names = sorted(one["Key"].rpartition("/")[2] for one in listed)
    assert names == ["FAILED_0.json", "PENDING_0.json", "manifest.json"]


def test_a_bucket_that_is_not_there_fails_the_map_run(begin):
    writer = {"Resource": PUT_OBJECT, "Parameters": {"Bucket": "no-such-bucket-anywhere"}}
    run = begin({"Map": distributed(ResultWriter=writer)}, [1])
    assert run.error == "States.ResultWriterFailed"


# ---- bounds, and ends from outside


def test_no_more_children_run_than_the_state_allows(begin, map_runs):
    run = begin({"Map": distributed(WAIT, MaxConcurrency=2)}, [1, 2, 3])
    counts = map_runs(run)[0]["executionCounts"]
    assert (counts["running"], counts["pending"]) == (2, 1)
    run.advance(60)
    run.advance(60)
    assert run.output == [1, 2, 3]


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_children_are_stopped_with_their_parent(begin, stepfunctions, map_runs, children, kind):
    run = begin({"Map": distributed(WAIT, kind)}, [1, 2])
    stepfunctions.stop_execution(executionArn=run.arn)
    run.advance(0)
    described = map_runs(run)[0]
    assert described["status"] == "ABORTED"
    assert described["executionCounts"]["aborted"] == 2
    assert [child["status"] for child in children(described)] == ["ABORTED", "ABORTED"]
    told = [event["type"] for event in run.events()][-3:]
    assert told == ["MapRunAborted", "MapStateAborted", "ExecutionAborted"]


# ---- redrives


@pytest.fixture
def redriven(stepfunctions):
    """Redrives an execution."""

    def redriven(run):
        stepfunctions.redrive_execution(executionArn=run.arn)
        run.advance(0)
        return run

    return redriven


@pytest.fixture
def set_parameter(fogline):
    """Sets a parameter that children read."""
    ssm = fogline.client("ssm")

    def set_parameter(name, value):
        ssm.put_parameter(Name=name, Value=value, Type="String")

    return set_parameter


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_a_redrive_does_again_what_failed_alone(begin, redriven, map_runs, set_parameter, kind):
    set_parameter("/early", "before")
    gate = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "Good"}],
        "Default": "Read",
    }
    read = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
        "Parameters": {"Name.$": "States.Format('/{}', $.name)"},
        "ResultSelector": {"done.$": "$.Parameter.Value"},
        "End": True,
    }
    good = {"Type": "Pass", "Result": {"done": "first"}, "End": True}
    processor = {"StartAt": "Gate", "States": {"Gate": gate, "Read": read, "Good": good}}
    given = [{"n": 1}, {"n": 2, "name": "late"}, {"n": 3, "name": "early"}]
    run = begin({"Map": distributed(processor, kind, MaxConcurrency=1)}, given)
    assert run.status == "FAILED"
    counts = map_runs(run)[0]["executionCounts"]
    assert (counts["succeeded"], counts["failed"], counts["pending"]) == (1, 1, 1)
    set_parameter("/late", "now")
    redriven(run)
    assert run.output == [{"done": "first"}, {"done": "now"}, {"done": "before"}]
    [described] = map_runs(run)
    assert (described["status"], described["redriveCount"]) == ("SUCCEEDED", 1)
    assert described["executionCounts"]["succeeded"] == 3
    [event] = run.events("MapRunRedriven")
    assert event["mapRunRedrivenEventDetails"]["redriveCount"] == 1


def test_a_redrive_begins_children_that_were_stopped_again(begin, redriven, stepfunctions):
    run = begin({"Map": distributed(WAIT, MaxConcurrency=1)}, [1, 2])
    stepfunctions.stop_execution(executionArn=run.arn)
    run.advance(0)
    redriven(run)
    run.advance(60)
    run.advance(60)
    assert run.output == [1, 2]


def test_a_redrive_reads_again_what_could_not_be_read(begin, redriven, put, s3):
    place = {**put("a", "1"), "Key": "late.json"}
    reader = {"Resource": GET_OBJECT, "ReaderConfig": {"InputType": "JSON"}, "Parameters": place}
    run = begin({"Map": distributed(ItemReader=reader)})
    assert run.status == "FAILED"
    s3.put_object(**place, Body="[1, 2]")
    assert redriven(run).output == [1, 2]


def test_a_redrive_writes_again_what_could_not_be_written(begin, redriven, s3, fogline, map_runs):
    bucket = f"late-{fogline.id}"
    writer = {"Resource": PUT_OBJECT, "Parameters": {"Bucket": bucket}}
    run = begin({"Map": distributed(ResultWriter=writer)}, [1])
    assert run.status == "FAILED"
    s3.create_bucket(Bucket=bucket)
    assert redriven(run).output["ResultWriterDetails"]["Bucket"] == bucket
    assert map_runs(run)[0]["executionCounts"]["total"] == 1
