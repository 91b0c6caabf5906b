"""Requests of first-class integrations: which action of which service a subtype means, and from which parameters.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson

Texts = Mapping[str, str]


class Action(NamedTuple):
    service: str
    name: str
    body: Callable[[Texts], bytes]


class InvalidParameter(ValueError):
    """A parameter has a value that its action cannot have."""


def _json(parameters: Texts, **spelled: str) -> bytes:
    """The members of a request, as its service spells them."""
    return orjson.dumps({spelled.get(name, name): value for name, value in parameters.items()})


def _put_events(parameters: Texts) -> bytes:
    entry: dict[str, Any] = dict(parameters)
    if "Time" in entry:
        entry["Time"] = _seconds(entry["Time"])
    if "Resources" in entry:
        entry["Resources"] = _texts(entry["Resources"])
    return orjson.dumps({"Entries": [entry]})


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidParameter(f"Time is no time: {text[:100]}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _texts(text: str) -> list[str]:
    """A JSON list of texts, or texts between commas."""
    if text.lstrip().startswith("["):
        try:
            return [str(each) for each in orjson.loads(text)]
        except orjson.JSONDecodeError:
            pass
    return [each.strip() for each in text.split(",")]


def _form(parameters: Texts) -> bytes:
    """The form of a request to a queue: HTTP APIs speak the query protocol with SQS, and answer its XML."""
    fields: list[tuple[str, str]] = []
    for name, value in parameters.items():
        if name in ("MessageAttributes", "MessageSystemAttributes"):
            fields += _attributes(name.removesuffix("s"), value)
        elif name in ("AttributeName", "AttributeNames", "MessageAttributeNames"):
            front = name.removesuffix("s")
            fields += [(f"{front}.{at}", each) for at, each in enumerate(_texts(value), 1)]
        else:
            fields.append((name, value))
    return urlencode(fields).encode()


def _attributes(front: str, text: str) -> list[tuple[str, str]]:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise InvalidParameter(f"{front}s is no JSON object")
    fields: list[tuple[str, str]] = []
    for at, (name, attribute) in enumerate(document.items(), 1):
        if not isinstance(attribute, dict):
            raise InvalidParameter(f"{front}s.{name[:100]} is no object")
        fields.append((f"{front}.{at}.Name", name))
        fields += [
            (f"{front}.{at}.Value.{member}", str(value))
            for member, value in attribute.items()
            if member in ("DataType", "StringValue", "BinaryValue")
        ]
    return fields


def _put_record(parameters: Texts) -> bytes:
    members = dict(parameters)
    try:
        base64.b64decode(members["Data"], validate=True)
    except (binascii.Error, ValueError):
        members["Data"] = base64.b64encode(members["Data"].encode("utf-8", "replace")).decode()
    return orjson.dumps(members)


def _start(parameters: Texts) -> bytes:
    return _json(
        parameters,
        StateMachineArn="stateMachineArn",
        Name="name",
        Input="input",
        TraceHeader="traceHeader",
    )


def _stop(parameters: Texts) -> bytes:
    return _json(parameters, ExecutionArn="executionArn", Cause="cause", Error="error")


ACTIONS = {
    "EventBridge-PutEvents": Action("events", "PutEvents", _put_events),
    "SQS-SendMessage": Action("sqs", "SendMessage", _form),
    "SQS-ReceiveMessage": Action("sqs", "ReceiveMessage", _form),
    "SQS-DeleteMessage": Action("sqs", "DeleteMessage", _form),
    "SQS-PurgeQueue": Action("sqs", "PurgeQueue", _form),
    "Kinesis-PutRecord": Action("kinesis", "PutRecord", _put_record),
    "StepFunctions-StartExecution": Action("states", "StartExecution", _start),
    "StepFunctions-StartSyncExecution": Action("states", "StartSyncExecution", _start),
    "StepFunctions-StopExecution": Action("states", "StopExecution", _stop),
}
"""What each subtype that Fogline can perform asks of which service."""
