"""Node.js functions: what they are given, what they answer, how they fail, what they log."""

import json
import re

import pytest

from fogline.ports.functions import Logging
from fogline.workers.limits import WorkerLimits


def test_an_async_handler_answers_its_event(workers, make_node_function):
    spec = make_node_function("exports.handler = async (event) => event;")
    assert workers.result(spec, {"a": ["☃"]}) == {"a": ["☃"]}


def test_nothing_returned_is_null(workers, make_node_function):
    assert workers.result(make_node_function("exports.handler = async () => {};")) is None


def test_a_callback_is_answered_once_the_event_loop_is_empty(workers, make_node_function):
    spec = make_node_function(
        """
        exports.handler = (event, context, callback) => {
          setTimeout(() => console.log('late'), 5);
          callback(null, { ok: true });
        };
        """
    )
    outcome = workers.invoke(spec)
    assert outcome.payload == b'{"ok":true}'
    assert b"\tINFO\tlate\n" in outcome.log_text()


def test_a_callback_need_not_wait_for_the_event_loop(workers, make_node_function):
    spec = make_node_function(
        """
        exports.handler = (event, context, callback) => {
          context.callbackWaitsForEmptyEventLoop = false;
          setInterval(() => {}, 1000);
          callback(null, 1);
        };
        """
    )
    assert [workers.result(spec), workers.result(spec)] == [1, 1]


def test_a_callback_given_an_error_fails_the_invocation(workers, make_node_function):
    spec = make_node_function("exports.handler = (e, c, callback) => callback(new Error('no'));")
    payload = workers.error(spec)
    assert (payload["errorType"], payload["errorMessage"]) == ("Error", "no")


def test_callback_handlers_are_refused_from_node_24(workers, make_node_function):
    spec = make_node_function("exports.handler = (e, c, done) => done();", runtime="nodejs24.x")
    assert workers.error(spec)["errorType"] == "Runtime.CallbackHandlerDeprecated"


def test_modules_are_loaded_as_their_file_says(workers, make_node_function):
    code = "import path from 'path'; export const handler = async () => path.sep;"
    assert workers.result(make_node_function({"index.mjs": code})) == "/"
    package = {"index.js": code, "package.json": '{"type": "module"}'}
    assert workers.result(make_node_function(package)) == "/"
    nested = {"src/app.js": "exports.api = { get: async () => 1 };"}
    assert workers.result(make_node_function(nested, handler="src/app.api.get")) == 1


def test_an_error_has_its_type_message_and_trace(workers, make_node_function):
    spec = make_node_function("exports.handler = async () => { throw new TypeError('boom'); };")
    outcome = workers.invoke(spec)
    payload = json.loads(outcome.payload)
    assert list(payload) == ["errorType", "errorMessage", "trace"]
    assert (payload["errorType"], payload["errorMessage"]) == ("TypeError", "boom")
    assert payload["trace"][0] == "TypeError: boom"
    assert "/index.js:1:" in payload["trace"][1]
    assert b"\tERROR\tInvoke Error \t{" in outcome.log_text()


@pytest.mark.parametrize(
    ("code", "handler", "kind", "message"),
    [
        (
            "require('nowhere');",
            "index.handler",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'nowhere'",
        ),
        (
            "1;",
            "other.handler",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'other'",
        ),
        (
            "exports.x = 1;",
            "index.handler",
            "Runtime.HandlerNotFound",
            "index.handler is undefined or not exported",
        ),
        (
            "exports.handler = 1;",
            "index.handler",
            "Runtime.HandlerNotFound",
            "index.handler is not a function",
        ),
        (
            "exports.handler = (;",
            "index.handler",
            "Runtime.UserCodeSyntaxError",
            "SyntaxError: Unexpected token ';'",
        ),
        ("1;", "index", "Runtime.MalformedHandlerName", "Bad handler"),
        ("throw new Error('early');", "index.handler", "Error", "early"),
    ],
)
def test_code_that_does_not_load_is_named_as_aws_names_it(
    workers, make_node_function, code, handler, kind, message
):
    payload = workers.error(make_node_function(code, handler=handler))
    assert payload["errorType"] == kind
    assert payload["errorMessage"].split("\n")[0] == message


def test_an_unhandled_rejection_ends_the_process(workers, make_node_function):
    spec = make_node_function(
        """
        let count = 0;
        exports.handler = async (event) => {
          count += 1;
          if (event) { Promise.reject(new Error('lost')); await new Promise(setImmediate); }
          return count;
        };
        """
    )
    assert workers.result(spec) == 1
    payload = workers.error(spec, True)
    assert payload["errorType"] == "Runtime.UnhandledPromiseRejection"
    assert payload["errorMessage"] == "Error: lost"
    assert workers.result(spec) == 1


def test_a_promise_that_never_settles_is_noticed(workers, make_node_function):
    spec = make_node_function("exports.handler = async () => new Promise(() => {});")
    assert workers.error(spec)["errorType"] == "Runtime.NodeJsExit"


def test_an_exit_is_an_exit_error(workers, make_node_function):
    payload = workers.error(make_node_function("exports.handler = async () => process.exit(3);"))
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith(" Error: Runtime exited with error: exit status 3")


def test_context_describes_the_invocation(workers, make_node_function):
    spec = make_node_function(
        """
        exports.handler = async (event, context) => [
          context.functionName, context.functionVersion, context.memoryLimitInMB,
          context.invokedFunctionArn, context.clientContext.custom,
          context.getRemainingTimeInMillis() > 2000, process.env.AWS_LAMBDA_FUNCTION_NAME,
        ];
        """,
        name="in-node",
    )
    arn = "arn:aws:lambda:us-east-1:000000000000:function:in-node:live"
    answer = workers.result(spec, invoked_arn=arn, client_context='{"custom": 5}')
    assert answer == ["in-node", "$LATEST", "128", arn, 5, True, "in-node"]


def test_the_environment_holds_nothing_of_the_server(workers, make_node_function, monkeypatch):
    monkeypatch.setenv("SERVER_SECRET", "1")
    spec = make_node_function(
        "exports.handler = async () => process.env;", environment={"TABLE": "orders"}
    )
    variables = workers.result(spec)
    assert "SERVER_SECRET" not in variables
    assert variables["TABLE"] == "orders"
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_nodejs20.x"
    assert variables["NODE_PATH"].startswith("/opt/nodejs/node20/node_modules:")


def test_options_of_node_itself_take_effect(workers, make_node_function):
    spec = make_node_function(
        "exports.handler = async () => process.execArgv.length + typeof gc;",
        environment={"NODE_OPTIONS": "--expose-gc"},
    )
    assert workers.result(spec) == "0function"


def test_the_console_marks_time_request_and_level(workers, make_node_function):
    spec = make_node_function(
        """
        exports.handler = async () => { console.log('a %s\\nb', 1); console.warn({ x: 1 }); };
        """
    )
    first, second = workers.prints(spec)
    mark = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t[0-9a-f-]{36}"
    assert re.fullmatch(rf"{mark}\tINFO\ta 1\nb\n", first)
    assert re.fullmatch(rf"{mark}\tWARN\t{{ x: 1 }}\n", second)


def test_json_format_structures_the_console(workers, make_node_function):
    spec = make_node_function(
        "exports.handler = async () => { console.info('no'); console.error('bad', 1); };",
        logging=Logging("/shop", "JSON", "WARN"),
    )
    start, line, report = (json.loads(event.message) for event in workers.invoke(spec).log)
    assert (line["level"], line["message"]) == ("ERROR", "bad 1")
    assert (start["type"], report["type"]) == ("platform.start", "platform.report")


def test_a_streamed_answer_is_collected_with_its_prelude(workers, make_node_function):
    spec = make_node_function(
        """
        exports.handler = awslambda.streamifyResponse(async (event, stream) => {
          stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
          stream.write('one ');
          stream.write('two');
          stream.end();
        });
        """
    )
    outcome = workers.invoke(spec)
    assert outcome.payload == b'{"statusCode":201}' + bytes(8) + b"one two"
    assert outcome.content_type == "application/vnd.awslambda.http-integration-response"


def test_layers_are_found(workers, make_node_function, tmp_path):
    module = tmp_path / "layer" / "nodejs" / "node_modules" / "shared"
    module.mkdir(parents=True)
    (module / "index.js").write_text("module.exports = 'from the layer';")
    spec = make_node_function(
        "exports.handler = async () => require('shared');", layers=(tmp_path / "layer",)
    )
    assert workers.result(spec) == "from the layer"
    code = "import shared from 'shared'; export const handler = async () => shared;"
    spec = make_node_function({"index.mjs": code}, layers=(tmp_path / "layer",))
    assert workers.result(spec) == "from the layer"


def test_modules_that_the_machine_keeps_for_all_are_found(
    make_workers, make_node_function, tmp_path
):
    module = tmp_path / "kept" / "@aws-sdk" / "client-sqs"
    module.mkdir(parents=True)
    (module / "package.json").write_text('{"name": "@aws-sdk/client-sqs", "main": "main.js"}')
    (module / "main.js").write_text("exports.name = 'kept';")
    workers = make_workers(node_modules=tmp_path / "kept")
    code = "exports.handler = async () => require('@aws-sdk/client-sqs').name;"
    assert workers.result(make_node_function(code)) == "kept"
    code = "import { name } from '@aws-sdk/client-sqs'; export const handler = async () => name;"
    assert workers.result(make_node_function({"index.mjs": code})) == "kept"


def test_a_large_event_and_a_large_answer_pass(workers, make_node_function):
    spec = make_node_function("exports.handler = async (event) => event;", memory_mb=512)
    text = "☃" * 2_000_000
    assert workers.result(spec, text) == text


def test_a_streamed_answer_has_a_bound_of_its_own(make_workers, make_node_function):
    workers = make_workers(limits=WorkerLimits(gathered_bytes_max=1_000_000, spares=0))
    spec = make_node_function(
        """
        exports.handler = awslambda.streamifyResponse(async (event, stream) => {
          for (let i = 0; i < event; i++) stream.write('x'.repeat(100_000));
          stream.end();
        });
        """
    )
    assert len(workers.invoke(spec, 10).payload) == 1_000_000
    assert workers.error(spec, 11)["errorType"] == "Function.ResponseSizeTooLarge"


def test_the_endpoint_is_found_behind_the_prefix_of_synchronous_executions(
    workers, make_node_function
):
    spec = make_node_function(
        """
        const lookup = require('util').promisify(require('dns').lookup);
        exports.handler = () => lookup('sync-' + new URL(process.env.AWS_ENDPOINT_URL).hostname);
        """
    )
    assert workers.result(spec) == {"address": "127.0.0.1", "family": 4}
