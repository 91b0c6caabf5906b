"""Functions that bring their own runtime, over the real Runtime API."""

import json
import os
import sys

import pytest

BOOTSTRAP = """\
#!{python} -I
import http.client, json, os, sys
print("own runtime starts", flush=True)
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
def call(method, path, body=None, headers={{}}):
    api.request(method, "/2018-06-01/runtime/" + path, body, headers)
    response = api.getresponse()
    return response.headers, response.read(), response.status
while True:
    headers, event, _ = call("GET", "invocation/next")
    request = headers["Lambda-Runtime-Aws-Request-Id"]
    event = json.loads(event)
    if event == "fail":
        error = json.dumps({{"errorType": "Own", "errorMessage": "no"}})
        call("POST", f"invocation/{{request}}/error", error)
    elif event == "exit":
        sys.exit(4)
    elif event == "stranger":
        status = call("POST", "invocation/other/response", "1")[2]
        call("POST", f"invocation/{{request}}/response", str(status))
    elif event == "chunks":
        pieces = (piece for piece in (b'"one ', b'two"'))
        call("POST", f"invocation/{{request}}/response", pieces)
    else:
        print("at work", flush=True)
        call("POST", f"invocation/{{request}}/response", json.dumps([event, headers[
            "Lambda-Runtime-Invoked-Function-Arn"], os.environ["_HANDLER"]]))
"""


@pytest.fixture
def spec(make_function):
    # The program under test needs a Python that every environment can see.
    python = os.path.realpath(sys.executable)
    spec = make_function({"bootstrap": BOOTSTRAP.format(python=python)}, runtime="provided.al2023")
    (spec.code_folder / "bootstrap").chmod(0o755)
    return spec


def test_events_and_answers_pass_through_the_runtime_api(workers, spec):
    outcome = workers.invoke(spec, {"a": "☃"}, invoked_arn="arn:x")
    assert json.loads(outcome.payload) == [{"a": "☃"}, "arn:x", "index.handler"]
    said = [event.message for event in outcome.log]
    assert said[0] == "own runtime starts\n"
    assert said[2] == "at work\n"
    assert workers.result(spec, 2)[0] == 2


def test_errors_pass_through_as_they_are(workers, spec):
    assert workers.error(spec, "fail") == {"errorType": "Own", "errorMessage": "no"}
    assert workers.result(spec, 1)[0] == 1


def test_an_exit_is_an_exit_error(workers, spec):
    assert workers.error(spec, "exit")["errorMessage"].endswith("exit status 4")
    assert workers.result(spec, 1)[0] == 1


def test_an_answer_to_another_request_is_refused(workers, spec):
    assert workers.result(spec, "stranger") == 400


def test_an_answer_may_come_in_chunks(workers, spec):
    assert workers.result(spec, "chunks") == "one two"


def test_a_missing_bootstrap_is_named(workers, make_function):
    payload = workers.error(make_function({"main": ""}, runtime="provided.al2"))
    assert payload["errorType"] == "Runtime.InvalidEntrypoint"
    assert (
        "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
        in (payload["errorMessage"])
    )
