"""Answers that are passed on while the function still writes them."""

import asyncio
import os
import sys

import pytest
from tests.workers.test_custom_functions import BOOTSTRAP

from fogline.workers.limits import WorkerLimits

MEGABYTE = 1024 * 1024


class Reader:
    """Takes pieces; `patience` is how many bytes it takes before it has enough."""

    def __init__(self, patience=1 << 40):
        self.content_type = ""
        self.data = b""
        self.patience = patience
        self.has_enough = asyncio.Event()
        self.resume = None

    def begin(self, content_type):
        assert not self.content_type
        self.content_type = content_type

    def take(self, piece):
        assert self.content_type
        self.data += piece
        if len(self.data) < self.patience:
            return True
        self.has_enough.set()
        return False


def stream(workers, spec, event=None, patience=1 << 40):
    """The reader and the outcome of an answer that is taken without a pause."""

    async def run():
        reader = Reader(patience)
        return reader, await workers.pool.invoke(spec, workers.invocation(event), reader)

    return workers.run(run())


def node(body):
    return f"exports.handler = awslambda.streamifyResponse(async (event, stream) => {{{body}}});"


def test_pieces_come_with_their_type_and_are_in_no_payload(workers, make_node_function):
    spec = make_node_function(
        node("stream.setContentType('text/plain'); stream.write('one '); stream.end('two');")
    )
    reader, outcome = stream(workers, spec)
    assert (reader.content_type, reader.data) == ("text/plain", b"one two")
    assert (outcome.payload, outcome.content_type) == (b"", "text/plain")


def test_an_answer_that_does_not_stream_is_in_the_outcome(workers, make_node_function):
    spec = make_node_function("exports.handler = async () => 7;")
    reader, outcome = stream(workers, spec)
    assert (reader.content_type, outcome.payload) == ("", b"7")


def test_a_function_waits_for_a_reader_who_has_enough(workers, make_node_function):
    spec = make_node_function(
        node("for (let i = 0; i < 8; i++) stream.write(Buffer.alloc(1 << 20)); stream.end();")
    )

    async def run():
        reader = Reader(patience=MEGABYTE)
        invocation = workers.pool.invoke(spec, workers.invocation(), reader)
        task = asyncio.ensure_future(invocation)
        await reader.has_enough.wait()
        assert not task.done()
        assert len(reader.data) < 2 * MEGABYTE
        reader.patience = 1 << 40
        reader.resume()
        return reader, await task

    reader, outcome = workers.run(run())
    assert len(reader.data) == 8 * MEGABYTE
    assert not outcome.function_error
    assert stream(workers, spec)[1].init_ms is None


def test_an_error_after_the_first_piece_is_the_outcome(workers, make_node_function):
    spec = make_node_function(node("stream.write('one'); throw new Error('no more');"))
    reader, outcome = stream(workers, spec)
    assert reader.data == b"one"
    assert (outcome.function_error, b"no more" in outcome.payload) == ("Unhandled", True)


def test_a_stream_has_an_end(make_workers, make_node_function):
    workers = make_workers(limits=WorkerLimits(stream_bytes_max=MEGABYTE, spares=0))
    spec = make_node_function(
        node("for (let i = 0; i < 4; i++) stream.write(Buffer.alloc(1 << 20)); stream.end();")
    )
    reader, outcome = stream(workers, spec)
    assert len(reader.data) <= MEGABYTE
    assert b"Function.ResponseSizeTooLarge" in outcome.payload
    assert stream(workers, make_node_function(node("stream.end('x');")))[0].data == b"x"


OWN = """\
    elif event in ("stream", "break"):
        api.putrequest("POST", f"/2018-06-01/runtime/invocation/{{request}}/response")
        api.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
        api.putheader("Transfer-Encoding", "chunked")
        api.putheader("Content-Type", "text/x-own")
        api.endheaders(b"4\\r\\none \\r\\n3\\r\\ntwo\\r\\n0\\r\\n")
        if event == "break":
            import base64
            body = base64.b64encode(b'{{"errorType":"Own"}}').decode()
            api.send(f"Lambda-Runtime-Function-Error-Type: Own\\r\\n"
                     f"Lambda-Runtime-Function-Error-Body: {{body}}\\r\\n".encode())
        api.send(b"\\r\\n")
        api.getresponse().read()
    elif event == "exit":
"""


@pytest.fixture
def own(make_function):
    """A function with a runtime of its own that streams."""
    bootstrap = BOOTSTRAP.replace('    elif event == "exit":\n', OWN)
    python = os.path.realpath(sys.executable)
    spec = make_function({"bootstrap": bootstrap.format(python=python)}, runtime="provided.al2023")
    (spec.code_folder / "bootstrap").chmod(0o755)
    return spec


def test_runtimes_of_users_stream_too(workers, own):
    reader, outcome = stream(workers, own, "stream")
    assert (reader.content_type, reader.data) == ("text/x-own", b"one two")
    assert not outcome.function_error
    assert workers.invoke(own, "stream").payload == b"one two"


def test_trailers_may_say_that_a_stream_failed(workers, own):
    reader, outcome = stream(workers, own, "break")
    assert (reader.data, outcome.payload) == (b"one two", b'{"errorType":"Own"}')
    assert outcome.function_error
    assert workers.result(own, 1)[0] == 1
