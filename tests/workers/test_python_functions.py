"""Python functions: what they are given, what they answer, how they fail, what they log."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from fogline.ports.functions import Logging

ECHO = "def handler(event, context): return event"


def test_a_function_answers_what_its_handler_returns(workers, make_function):
    event = {"text": "grüße ☃", "list": [1, 2.5, None, True]}
    assert workers.result(make_function(ECHO), event) == event


def test_text_beyond_ascii_is_written_as_itself(workers, make_function):
    assert workers.invoke(make_function(ECHO), "☃").payload == '"☃"'.encode()


def test_decimals_keep_their_digits(workers, make_function):
    spec = make_function(
        """
        from decimal import Decimal
        def handler(event, context):
            return {"price": Decimal("10.10"), "count": Decimal(3)}
        """
    )
    assert workers.invoke(spec).payload == b'{"price": 10.10, "count": 3}'


def test_context_describes_the_invocation(workers, make_function):
    spec = make_function(
        """
        def handler(event, context):
            left = context.get_remaining_time_in_millis()
            return {
                "names": [context.function_name, context.function_version],
                "memory": context.memory_limit_in_mb,
                "arn": context.invoked_function_arn,
                "group": context.log_group_name,
                "client": context.client_context.custom,
                "app": context.client_context.client.app_title,
                "identity": context.identity.cognito_identity_id,
                "tenant": context.tenant_id,
                "left": 540_000 < left <= 600_000,
            }
        """,
        name="described",
        timeout_ms=600_000,
    )
    facts = {
        "invoked_arn": "arn:aws:lambda:us-east-1:000000000000:function:described:live",
        "client_context": '{"custom": {"a": 1}, "client": {"app_title": "shop"}}',
        "cognito_identity": '{"cognitoIdentityId": "someone"}',
        "tenant_id": "blue",
    }
    assert workers.result(spec, **facts) == {
        "names": ["described", "$LATEST"],
        "memory": "128",
        "arn": facts["invoked_arn"],
        "group": "/aws/lambda/described",
        "client": {"a": 1},
        "app": "shop",
        "identity": "someone",
        "tenant": "blue",
        "left": True,
    }


def test_environment_holds_what_aws_sets_and_nothing_of_the_server(
    workers, make_function, monkeypatch
):
    monkeypatch.setenv("SERVER_SECRET", "1")
    spec = make_function(
        "import os\ndef handler(event, context): return dict(os.environ)",
        environment={"TABLE": "orders", "AWS_REGION": "mars", "AWS_LAMBDA_FUNCTION_NAME": "x"},
        memory_mb=256,
    )
    variables = workers.result(spec)
    assert "SERVER_SECRET" not in variables
    assert variables["TABLE"] == "orders"
    assert variables["_HANDLER"] == "index.handler"
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "us-east-1"
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == spec.name
    assert variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.11"
    assert variables["AWS_ENDPOINT_URL"] == "http://localhost:4566"
    assert variables["AWS_ACCESS_KEY_ID"] == "ASIAEXAMPLE"
    assert variables["AWS_SESSION_TOKEN"] == "token"
    assert variables["TZ"] == ":UTC"
    assert variables["_X_AMZN_TRACE_ID"].startswith("Root=1-5759e988-bd862e3fe1be46a994272793;")


def test_an_exception_becomes_the_error_payload(workers, make_function):
    spec = make_function("def handler(event, context):\n    raise ValueError('boom')\n")
    payload = workers.error(spec)
    assert re.fullmatch(r"[0-9a-f-]{36}", payload.pop("requestId"))
    trace = payload.pop("stackTrace")
    assert payload == {"errorMessage": "boom", "errorType": "ValueError"}
    assert len(trace) == 1
    assert trace[0].endswith("/index.py\", line 2, in handler\n    raise ValueError('boom')\n")


@pytest.mark.parametrize(
    ("code", "handler", "kind", "message"),
    [
        (
            "import nowhere",
            "index.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'index': No module named 'nowhere'",
        ),
        (
            "x = 1",
            "other.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'other': No module named 'other'",
        ),
        (
            "x = 1",
            "index.absent",
            "Runtime.HandlerNotFound",
            "Handler 'absent' missing on module 'index'",
        ),
        (
            "x = 1",
            "index",
            "Runtime.MalformedHandlerName",
            "Bad handler 'index': not enough values to unpack (expected 2, got 1)",
        ),
        (
            "def handler(:",
            "index.handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'index': invalid syntax (index.py, line 1)",
        ),
    ],
)
def test_code_that_does_not_load_is_named_as_aws_names_it(
    workers, make_function, code, handler, kind, message
):
    payload = workers.error(make_function(code, handler=handler))
    assert (payload["errorType"], payload["errorMessage"]) == (kind, message)
    assert payload["requestId"] == ""


def test_an_exception_while_loading_shows_where(workers, make_function):
    payload = workers.error(make_function('raise Exception("Runtime startup fails")'))
    assert payload["errorType"] == "Exception"
    assert "importlib/__init__.py" in payload["stackTrace"][0]
    assert (
        'in <module>\n    raise Exception("Runtime startup fails")\n' in payload["stackTrace"][-1]
    )


def test_a_result_that_is_no_json_is_a_marshal_error(workers, make_function):
    payload = workers.error(make_function("def handler(event, context): return {1, 2}"))
    assert payload["errorType"] == "Runtime.MarshalError"
    assert payload["errorMessage"] == (
        "Unable to marshal response: Object of type set is not JSON serializable"
    )
    assert payload["stackTrace"] == []


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("sys.exit(0)", "Runtime exited without providing a reason"),
        ("sys.exit(1)", "Runtime exited with error: exit status 1"),
        ("os._exit(7)", "Runtime exited with error: exit status 7"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("os.kill(os.getpid(), 11)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_a_process_that_ends_is_an_exit_error(workers, make_function, statement, reason):
    spec = make_function(f"import os, sys\ndef handler(event, context): {statement}")
    outcome = workers.invoke(spec)
    payload = json.loads(outcome.payload)
    request_id = payload["errorMessage"].split()[1]
    assert payload == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request_id} Error: {reason}",
    }
    said = outcome.log_text().decode()
    assert f"RequestId: {request_id} Error: {reason}\nRuntime.ExitError\n" in said
    assert said.endswith("\tStatus: error\tError Type: Runtime.ExitError\n")


def test_an_environment_works_again_after_its_process_ended(workers, make_function):
    spec = make_function(
        """
        import os
        count = 0
        def handler(event, context):
            global count
            count += 1
            if event == "die":
                open("/tmp/left", "w").close() if os.path.isdir("/var/task") else None
                os._exit(1)
            return count
        """
    )
    assert workers.result(spec) == 1
    assert workers.error(spec, "die")["errorType"] == "Runtime.ExitError"
    assert workers.result(spec) == 1


@pytest.mark.parametrize(("extra", "is_refused"), [(0, False), (1, True)])
def test_a_response_is_as_large_as_aws_allows(workers, make_function, extra, is_refused):
    size = workers.limits.response_bytes_max - 2 + extra
    spec = make_function(f"def handler(event, context): return 'x' * {size}")
    outcome = workers.invoke(spec)
    assert bool(outcome.function_error) == is_refused
    if is_refused:
        assert json.loads(outcome.payload) == {
            "errorMessage": "Response payload size exceeded maximum allowed payload size "
            "(6291556 bytes).",
            "errorType": "Function.ResponseSizeTooLarge",
        }
    else:
        assert len(outcome.payload) == size + 2


def test_a_function_survives_an_answer_that_is_far_too_large(workers, make_function):
    spec = make_function(
        "def handler(event, context): return 'x' * event", memory_mb=1024, timeout_ms=10_000
    )
    assert workers.error(spec, 20_000_000)["errorType"] == "Function.ResponseSizeTooLarge"
    assert workers.result(spec, 3) == "xxx"


def test_an_event_as_large_as_aws_allows_arrives(workers, make_function):
    spec = make_function("def handler(event, context): return len(event)")
    assert workers.result(spec, "x" * 6_291_000) == 6_291_000


def test_log_holds_start_output_end_and_report(workers, make_function):
    spec = make_function("print('loading')\ndef handler(event, context): print('at work')")
    outcome = workers.invoke(spec)
    said = [event.message for event in outcome.log]
    request_id = said[1].split()[2]
    assert said[:4] == [
        "loading\n",
        f"START RequestId: {request_id} Version: $LATEST\n",
        "at work\n",
        f"END RequestId: {request_id}\n",
    ]
    assert re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t\n",
        said[4],
    )
    assert "Init Duration" not in workers.invoke(spec).log_text().decode()


def test_records_of_logging_carry_level_time_and_request(workers, make_function):
    spec = make_function(
        """
        import logging
        def handler(event, context):
            logging.getLogger().error("two\\nlines")
            logging.getLogger().info("below the level")
            return context.aws_request_id
        """
    )
    (line,) = workers.prints(spec)
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.fullmatch(rf"\[ERROR\]\t{stamp}\t[0-9a-f-]{{36}}\ttwo\nlines\n", line)


def test_an_error_is_logged_as_one_event(workers, make_function):
    spec = make_function("def handler(event, context):\n    raise KeyError('lost')\n")
    (line,) = workers.prints(spec)
    assert line.startswith("[ERROR] KeyError: 'lost'\nTraceback (most recent call last):\n")


def test_json_format_structures_what_is_logged(workers, make_function):
    code = """
        import logging
        def handler(event, context):
            logging.getLogger("shop").info("sold", extra={"items": 3})
    """
    spec = make_function(code, logging=Logging("/shop", "JSON", "INFO"), name="seller")
    outcome = workers.invoke(spec)
    start, sold, report = (json.loads(event.message) for event in outcome.log)
    assert start["type"] == "platform.start"
    assert start["record"]["version"] == "$LATEST"
    assert (sold["level"], sold["message"], sold["logger"], sold["items"]) == (
        "INFO",
        "sold",
        "shop",
        3,
    )
    assert report["type"] == "platform.report"
    assert report["record"]["status"] == "success"
    assert report["record"]["metrics"]["memorySizeMB"] == 128
    assert re.fullmatch(r"2026/01/01/seller\[\$LATEST\][0-9a-f]{32}", outcome.log_stream)


def test_boto3_is_there_and_comes_home(workers, make_function):
    spec = make_function(
        """
        import boto3
        def handler(event, context):
            return boto3.client("sqs").meta.endpoint_url
        """
    )
    assert workers.result(spec) == "http://localhost:4566"


def test_a_package_that_the_function_brings_wins_over_ours(workers, make_function):
    spec = make_function(
        {
            "index.py": "import boto3\ndef handler(event, context): return boto3.__version__",
            "boto3/__init__.py": "__version__ = 'own'",
        }
    )
    assert workers.result(spec) == "own"


def test_packages_of_the_machine_are_not_there(workers, make_function):
    payload = workers.error(make_function("import uvloop"))
    assert payload["errorMessage"] == ("Unable to import module 'index': No module named 'uvloop'")


def test_modules_may_have_the_names_of_ours(workers, make_function):
    spec = make_function(
        {
            "index.py": "import sandbox\ndef handler(event, context): return sandbox.own",
            "sandbox.py": "own = True",
        }
    )
    assert workers.result(spec) is True


def test_layers_are_found_and_the_last_covers_the_others(workers, make_function, tmp_path: Path):
    layers = []
    for name in ("first", "second"):
        layers.append(tmp_path / name)
        (tmp_path / name / "python").mkdir(parents=True)
        (tmp_path / name / "python" / "shared.py").write_text(f"name = '{name}'")
        (tmp_path / name / "python" / f"{name}.py").write_text("")
    spec = make_function(
        "import shared, first, second\ndef handler(event, context): return shared.name"
    )
    assert workers.result(replace(spec, layers=tuple(layers))) == "second"


def test_output_without_an_end_of_line_is_kept(workers, make_function):
    spec = make_function(
        """
        import os, sys
        def handler(event, context):
            sys.stderr.write("to stderr, ")
            os.write(1, b"\\xff raw")
        """
    )
    assert workers.prints(spec) == ["to stderr, \ufffd raw"]


def test_what_is_printed_between_invocations_goes_with_the_next(workers, make_function):
    spec = make_function(
        """
        import sys, threading
        gate = threading.Event()
        done = threading.Event()
        def late():
            gate.wait()
            sys.stdout.write("late\\n")
            done.set()
        threading.Thread(target=late, daemon=True).start()
        def handler(event, context):
            gate.set()
            if event: done.wait()
        """
    )
    first, second = workers.invoke(spec), workers.invoke(spec, "wait")
    assert (first.log_text() + second.log_text()).count(b"late\n") == 1


def test_output_beyond_its_bound_is_dropped_and_said_to_be(workers, make_function):
    spec = make_function(
        """
        def handler(event, context):
            for _ in range(event):
                print("x" * 1_000_000)
        """,
        timeout_ms=20_000,
    )
    outcome = workers.invoke(spec, 30)
    assert not outcome.function_error
    assert len(outcome.log_text()) < workers.limits.log_bytes_max + 100_000
    assert "[fogline] Output beyond 4194304 bytes was dropped.\n" in [
        event.message for event in outcome.log
    ]
    assert len(workers.invoke(spec, 0).log) == 3
