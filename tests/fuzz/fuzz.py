"""Requests made up from the models, sent to every operation that is built: none may be answered 500, none may hang.

    python tests/fuzz/fuzz.py --requests 100000 [--seed 1]

Values follow the shapes most of the time and break them some of the time; names come from a small pool, so that
requests meet what earlier ones made. Some requests have bytes of theirs changed on the way.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import resource
import string
import sys
import time
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.serialize import create_serializer

from fogline.testing.platform import LocalPlatform

# Waits for what only the clock would end, or answers without end.
LEFT_OUT = {
    ("logs", "StartLiveTail"),
    ("lambda", "InvokeWithResponseStream"),
    ("stepfunctions", "GetActivityTask"),  # it waits for a task longer than we wait for it, rightly
}

NAMES = ("alpha", "beta", "gamma", "alpha-1", "a" * 300, "", "ünï", "x/y", "a:b", "..", "%00", " ")
DEPTH_MAX = 5

_STATES = (
    '{"Type":"Pass","Parameters":{"x.$":"States.Format(\'{}{}\',$.n,$$.Execution.Name)"},"End":true}',
    '{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% $states.input.l ~> $sum() %}","End":true}',
    '{"Type":"Wait","SecondsPath":"$.n","End":true}',
    '{"Type":"Map","ItemsPath":"$.l","ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Succeed"}}},"End":true}',
    '{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken",'
    '"Parameters":{"QueueUrl":"alpha","MessageBody.$":"$$.Task.Token"},"TimeoutSeconds":1,"End":true}',
    '{"Type":"Fail","ErrorPath":"$.l","CausePath":"$$"}',
    '{"Type":"Nope"}',
)
DEFINITIONS = (
    "[",
    "{}",
    *_STATES,
    *(f'{{"StartAt":"S","States":{{"S":{each}}}}}' for each in _STATES),
)
"""Of state machines, and of states alone."""


class Generator:
    """Makes up input for operations."""

    def __init__(self, seed: int, account: str) -> None:
        self.random = random.Random(seed)
        self.account = account

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def input(self, operation: OperationModel) -> dict[str, Any]:
        shape = operation.input_shape
        return self._structure(shape, "", 0) if shape is not None else {}

    def _structure(self, shape: StructureShape, name: str, depth: int) -> dict[str, Any]:
        value = {}
        for member, each in shape.members.items():
            is_required = member in shape.required_members
            if self.chance(0.97 if is_required else 0.25 / (depth + 1)):
                value[member] = self.value(each, member, depth + 1)
        return value

    def value(self, shape: Shape, name: str, depth: int) -> Any:
        if self.chance(0.02):
            return self.random.choice((None, "", 0, -1, [], {}, True, "x" * 5_000, 1e300, [[[]]]))
        if name == "WaitTimeSeconds":
            return self.random.choice((0, 0, -1, 21))
        if isinstance(shape, StructureShape):
            return self._structure(shape, name, depth) if depth < DEPTH_MAX else {}
        if isinstance(shape, ListShape):
            count = self.random.choice((0, 1, 1, 2, 3, 12)) if depth < DEPTH_MAX else 0
            return [self.value(shape.member, name, depth + 1) for _ in range(count)]
        if isinstance(shape, MapShape):
            count = self.random.choice((0, 1, 2)) if depth < DEPTH_MAX else 0
            return {
                str(self._text(shape.key, name)): self.value(shape.value, name, depth + 1)
                for _ in range(count)
            }
        return self._scalar(shape, name)

    def _scalar(self, shape: Shape, name: str) -> Any:
        kind = shape.type_name
        if kind == "string":
            return self._text(shape, name)
        if kind in ("integer", "long"):
            low, high = shape.metadata.get("min", -2), shape.metadata.get("max", 2**31)
            near = (low - 1, low, high, high + 1, 0, 1, 5, 10)
            return self.random.choice(near)
        if kind in ("float", "double"):
            return self.random.choice((0.0, -1.5, 1e9, 0.25))
        if kind == "boolean":
            return self.chance(0.5)
        if kind == "timestamp":
            return self.random.choice((0, 1_700_000_000, -1, 99_999_999_999))
        if kind == "blob":
            return self.random.randbytes(self.random.choice((0, 1, 30)))
        return None

    def _text(self, shape: Shape, name: str) -> str:
        choose = self.random.choice
        enum = getattr(shape, "enum", None)
        if enum and self.chance(0.9):
            return str(choose(list(enum)))
        lowered = name.lower()
        if "arn" in lowered and self.chance(0.8):
            if "machine" in lowered or "execution" in lowered or "activity" in lowered:
                kind = choose(("stateMachine:", "execution:alpha:", "activity:", "mapRun:alpha/l:"))
                return f"arn:aws:states:us-east-1:{self.account}:{kind}{choose(NAMES)}"
            service = choose(("sqs", "lambda", "dynamodb", "iam", "logs", "s3", "nope"))
            kind = choose(("", "function:", "table/", "role/", "log-group:"))
            return f"arn:aws:{service}:us-east-1:{self.account}:{kind}{choose(NAMES)}"
        if "templatebody" in lowered or lowered.endswith(("policy", "document", "pattern")):
            return choose(
                (
                    "{}",
                    '{"Resources":{"A":{"Type":"AWS::SQS::Queue"}}}',
                    "Resources: {A: {Type: AWS::No::Such}}",
                    "Resources: &a [*a]",
                    '{"Version":"2012-10-17","Statement":[]}',
                    "[",
                    "{ $.a = 1 && ( }",
                )
            )
        if lowered == "definition":
            return choose(DEFINITIONS)
        if lowered in ("input", "output", "context", "variables"):
            return choose(
                ("{}", '{"n":1,"l":[1,[2]]}', "[" * 300 + "]" * 300, '"\\ud800"', "1e400")
            )
        if lowered.endswith("expression"):
            return choose(
                (
                    "SET #a = :b + :c",
                    "a = :b AND begins_with(#k, :v)",
                    "((((a",
                    "REMOVE a[0].b",
                    "attribute_exists(pk)",
                    "pk = :p",
                    "",
                )
            )
        if lowered == "queueurl":
            return f"http://localhost/{self.account}/{choose(NAMES)}"
        if self.chance(0.85):
            return str(choose(NAMES))
        letters = string.printable + "\x00\x07äß\U0001f600"
        return "".join(choose(letters) for _ in range(choose((1, 3, 64, 129, 2_000))))


class Fuzzer:
    """Sends what the generator makes to a platform, over one connection that is made again when it ends."""

    def __init__(self, platform: LocalPlatform, seed: int) -> None:
        self.generator = Generator(seed, "000000000000")
        self.random = random.Random(seed + 1)
        self.port = platform.platform.port
        self.session = botocore.session.get_session()
        self.operations = [
            (service, operation)
            for service, entry in sorted(platform.platform.dispatch.services().items())
            for operation in self.session.get_service_model(service).operation_names
            if (service, operation) not in LEFT_OUT
            and platform.platform.dispatch.has(service, operation)
        ]
        self.statuses: Counter[int] = Counter()
        self.failures: list[str] = []
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def close(self) -> None:
        self._connection.close()

    def run(self, requests: int) -> None:
        for _ in range(requests):
            service, name = self.random.choice(self.operations)
            made = self._request(service, name)
            if made is not None:
                self._send(service, name, *made)

    def _request(self, service: str, name: str) -> tuple[str, str, dict[str, str], bytes] | None:
        model = self.session.get_service_model(service)
        operation = model.operation_model(name)
        value = self.generator.input(operation)
        scope = f"000000000000/20260101/us-east-1/{model.signing_name}/aws4_request"
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        }
        protocol = model.metadata["protocol"]
        if protocol == "json":
            headers["X-Amz-Target"] = f"{model.metadata['targetPrefix']}.{name}"
            headers["Content-Type"] = f"application/x-amz-json-{model.metadata['jsonVersion']}"
            body = json.dumps(value, default=lambda raw: raw.hex()).encode()
            return "POST", "/", headers, self._damaged(body)
        try:
            made = create_serializer(protocol, include_validation=False).serialize_to_request(
                value, operation
            )
        except Exception:
            return None  # botocore itself cannot say this
        body = made["body"]
        if isinstance(body, dict):
            body = urlencode(body, doseq=True).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif isinstance(body, str):
            body = body.encode()
        elif not isinstance(body, bytes):
            body = b""
        for key, text in made["headers"].items():
            if key.lower() == "content-length":
                continue  # a body that never comes is waited for, rightly
            if isinstance(text, str) and text.isprintable() and text.isascii():
                # Metadata becomes names of headers, which only some characters can be in.
                headers["".join(c if c.isascii() and c.isalnum() else "-" for c in key)] = text
        query = made.get("query_string") or {}
        path = made["url_path"] + (f"?{urlencode(query, doseq=True)}" if query else "")
        path = "".join(c if " " < c < "\x7f" else "%3F" for c in path)
        return made["method"], path, headers, self._damaged(body)

    def _damaged(self, body: bytes) -> bytes:
        if not body or self.random.random() > 0.1:
            return body
        at = self.random.randrange(len(body))
        return self.random.choice(
            (
                body[:at],
                body[:at] + self.random.randbytes(1) + body[at + 1 :],
                body + b"}",
                body[:at] + b"[" * 300 + body[at:],
            )
        )

    def _send(
        self, service: str, name: str, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> None:
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self.failures.append(f"{service} {name}: {type(error).__name__} {error} {body[:300]!r}")
            return
        self.statuses[status] += 1
        if status >= 500 and status not in (501, 503):
            self.failures.append(f"{service} {name}: {status} {text[:200]!r} {path} {body[:500]!r}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with LocalPlatform() as platform:
        fuzzer = Fuzzer(platform, given.seed)
        begun, part = time.monotonic(), max(1, given.requests // 10)
        for done in range(0, given.requests, part):
            fuzzer.run(part)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            seconds = time.monotonic() - begun
            print(
                f"{done + part:8} requests {seconds:6.0f} s, peak {memory} MB, "
                f"{dict(sorted(fuzzer.statuses.items()))}, failures {len(fuzzer.failures)}",
                flush=True,
            )
        fuzzer.close()
    for failure in fuzzer.failures[:50]:
        print(failure)
    return 1 if fuzzer.failures else 0


if __name__ == "__main__":
    sys.exit(main())
