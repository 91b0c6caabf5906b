"""Invoking: one run of a function, its concurrency counted, its log and its lineage kept."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TypeVar

import orjson

from fogline.aws.call import Trace
from fogline.ports.functions import (
    FunctionsFailure,
    Invocation,
    NoRuntime,
    Outcome,
    Receiver,
    TooManyInvocations,
)
from fogline.services.lambda_ import metrics
from fogline.services.lambda_.errors import (
    InvalidRequestContentException,
    NotBuilt,
    ServiceException,
    TooManyRequestsException,
)
from fogline.services.lambda_.lookup import Runnable
from fogline.services.lambda_.metrics import Running
from fogline.services.lambda_.service import Lambda
from fogline.store.store import Tx

T = TypeVar("T")

_SOURCE = (
    "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
    "line: {line}, column: {column}]"
)
_EXPECTED = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


async def run(
    lambda_: Lambda,
    runnable: Runnable,
    invocation: Invocation,
    receiver: Receiver | None = None,
) -> Outcome:
    """Run a function once. What comes of it must go to `keep`, in a transaction.

    Raises TooManyRequestsException when its concurrency is used up, and ServiceException or
    NotBuilt when the machine cannot run it.
    """
    reference, reserved = runnable.reference, runnable.reserved
    account, region, name = reference.account, reference.region, reference.name
    try:
        running = lambda_.slots.take(account, region, name, reserved)
    except TooManyRequestsException:
        _report_throttle(lambda_, runnable)
        raise
    try:
        spec = await lambda_.specs.of(
            reference, runnable.version, runnable.config, lambda_.clock.now()
        )
        outcome = await lambda_.functions.invoke(spec, invocation, receiver)
    except NoRuntime as failure:
        raise NotBuilt(what=f"{runnable.config['Runtime']} here: {failure}") from failure
    except TooManyInvocations as failure:
        _report_throttle(lambda_, runnable)
        raise TooManyRequestsException(
            members={"Reason": "ConcurrentInvocationLimitExceeded"}
        ) from failure
    except FunctionsFailure as failure:
        raise ServiceException(reason=str(failure)) from failure
    finally:
        lambda_.slots.give(account, region, name, reserved)
    _report(lambda_, runnable, outcome, running)
    return outcome


def _report_throttle(lambda_: Lambda, runnable: Runnable) -> None:
    sources = metrics.sources_of(runnable.reference, runnable.version)
    lambda_.metrics.add(sources.everything, metrics.THROTTLED, lambda_.clock.now())


def _report(lambda_: Lambda, runnable: Runnable, outcome: Outcome, running: Running) -> None:
    """Report an invocation as of when it began, as AWS does."""
    add, at = lambda_.metrics.add, outcome.started_at
    sources = metrics.sources_of(runnable.reference, runnable.version)
    add(sources.everything, metrics.invocation(outcome), at)
    add(sources.name, metrics.concurrency_of_function(running), at)
    add(sources.account, metrics.concurrency_of_account(running), at)


def keep(lambda_: Lambda, tx: Tx, runnable: Runnable, outcome: Outcome) -> None:
    """Keep what the function said, in the transaction of whatever follows from its end."""
    reference = runnable.reference
    lambda_.logs.put_lines(
        tx,
        reference.account,
        reference.region,
        runnable.config["LoggingConfig"]["LogGroup"],
        outcome.log_stream,
        [(event.at, event.message) for event in outcome.log],
    )


def record(lambda_: Lambda, runnable: Runnable, invocation: Invocation, outcome: Outcome) -> None:
    """Record the invocation in the chain of what caused what."""
    reference = runnable.reference
    lambda_.lineage.work(
        invocation.trace,
        "invocation",
        f"{reference.name}:{runnable.version}",
        reference.account,
        reference.region,
        outcome.started_at,
        lambda_.clock.now(),
        outcome.function_error,
    )


def child_of(lambda_: Lambda, trace: Trace) -> Trace:
    """A new piece of work caused by `trace`."""
    return Trace(trace.trace_id, lambda_.ids.hex(16), trace.id)


async def transact(lambda_: Lambda, work: Callable[[Tx], T]) -> T:
    """Run store work from a coroutine: at once where the store is embedded, in a thread elsewhere.

    On the embedded store the caller's own answer is what waits for the commit.
    """
    if lambda_.store.is_shared:
        return await lambda_.store.transact(work)
    with lambda_.store.write() as tx:
        return work(tx)


async def look(lambda_: Lambda, work: Callable[[Tx], T]) -> T:
    """Read from a coroutine."""
    if lambda_.store.is_shared:
        return await lambda_.store.transact(work)
    with lambda_.store.read() as tx:
        return work(tx)


def log_tail(outcome: Outcome, bytes_max: int) -> str:
    """What `LogType: Tail` answers."""
    return base64.b64encode(outcome.log_text()[-bytes_max:]).decode()


def check_payload(payload: bytes) -> bytes:
    """The event, `{}` for none. Raises InvalidRequestContentException unless it is JSON."""
    if not payload:
        return b"{}"
    try:
        orjson.loads(payload)
    except orjson.JSONDecodeError as broken:
        try:
            # orjson refuses what the language allows: numbers of any size, lone surrogates.
            import json

            json.loads(payload.decode())
        except (ValueError, RecursionError):
            raise InvalidRequestContentException(reason=_reason(payload, broken)) from None
    return payload


def _reason(payload: bytes, broken: orjson.JSONDecodeError) -> str:
    """In the words of the parser that AWS uses."""
    try:
        payload.decode()
    except UnicodeDecodeError as undecodable:
        at, byte = undecodable.start, payload[undecodable.start]
        line, column = _place(payload, at)
        if not payload[:at].strip():
            what = f"Unexpected character ((CTRL-CHAR, code {byte})): expected a valid value {_EXPECTED}"
            return what + _SOURCE.format(line=line, column=column)
        return f"Invalid UTF-8 start byte 0x{byte:x}" + _SOURCE.format(line=line, column=column + 1)
    text = payload.decode()
    at = min(broken.pos, len(text) - 1)
    line, column = _place(payload, len(text[:at].encode()))
    word = ""
    for character in text[at:]:
        if not (character.isalnum() or character in "_$-"):
            break
        word += character
    if word and not word[0].isdigit():
        what = f"Unrecognized token '{word}': was expecting {_EXPECTED}"
        return what + _SOURCE.format(line=line, column=column + len(word))
    if broken.pos >= len(text):
        what = "Unexpected end-of-input"
    else:
        what = (
            f"Unexpected character ('{text[at]}' (code {ord(text[at])})): "
            f"expected a valid value {_EXPECTED}"
        )
    return what + _SOURCE.format(line=line, column=column)


def _place(payload: bytes, at: int) -> tuple[int, int]:
    before = payload[:at]
    return before.count(b"\n") + 1, at - (before.rfind(b"\n") + 1) + 1
