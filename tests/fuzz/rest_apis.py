"""REST APIs made up and called: documents, templates, policies and requests of any kind.

    python tests/fuzz/rest_apis.py --rounds 5000 [--seed 1]

Nothing of it may leave a traceback in the log, be answered 500 by an operation, or take longer than two seconds.
(An API answers 500 when a template or an integration is broken, as on AWS; that is no failure.)
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import logging
import socket
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from fogline.testing.platform import LocalPlatform

_spec = importlib.util.spec_from_file_location(
    "rest_api_input", Path(__file__).with_name("rest_api_input.py")
)
assert _spec is not None
assert _spec.loader is not None
made_up = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made_up)

ACCOUNT = "000000000000"
WORK_SECONDS_MAX = 2.0
"""Of the processor, for one request: a busy machine does not stretch it."""
WAIT_SECONDS_MAX = 20.0
_ANSWER_BYTES_MAX = 50_000_000
CODE = """
import json

def handler(event, context):
    if "methodArn" in event:
        answer = (event.get("headers") or {}).get("Authorization", "null")
    else:
        answer = event.get("body") or "null"
    try:
        return json.loads(answer)
    except ValueError:
        return {"statusCode": 200, "body": answer}
"""
_WORDS = (
    "/",
    "dev",
    "a",
    "7",
    "%2F",
    "%ff",
    "%",
    "é",
    "..",
    "//",
    "{",
    "}",
    "?",
    "=",
    "&",
    "q=x",
    "q[]=%00",
    "#",
    "\\",
    " ",
)
_HEADERS = (
    "Content-Type",
    "Accept",
    "Authorization",
    "x-api-key",
    "X-Forwarded-For",
    "x-amzn-trace-id",
    "Origin",
    "H",
)
_VALUES = (
    "application/json", "image/png", "*/*,;", "é\xff", "Root=;", "a" * 3_000, "", "10.1.2.3", "::1", "AWS4-HMAC-SHA256",
    "AWS4-HMAC-SHA256 Credential=000000000000/2/3/4/5, SignedHeaders=, Signature=", "text/plain; charset=nope", "null",
    '{"principalId": 1, "policyDocument": {"Statement": []}}',
    '{"principalId": "x", "policyDocument": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}',
)  # fmt: skip


class Tracebacks(logging.Handler):
    """Remembers what was logged with a traceback."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and len(self.found) < 50:
            self.found.append(logging.Formatter("%(name)s %(message)s").format(record))


class Fuzzer:
    """Makes and calls APIs of a platform."""

    def __init__(self, platform: LocalPlatform, seed: int) -> None:
        self.spoiler = made_up.Spoiler(seed)
        self.random = self.spoiler.random
        self.failures: list[str] = []
        self.counts: Counter[str] = Counter()
        self._tracebacks = Tracebacks()
        logging.getLogger().addHandler(self._tracebacks)
        self._port = urlsplit(platform.endpoint).port or 0
        self.gateway = boto3.client(  # type: ignore[call-overload]
            "apigateway",
            endpoint_url=platform.endpoint,
            region_name="us-east-1",
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="fuzz",
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )
        self.function = self._make_function(platform)
        self.documents = (made_up.swagger(self.function), made_up.openapi(self.function))
        made = self.gateway.import_rest_api(body=json.dumps(self.documents[0]).encode())
        self.api = str(made["id"])
        self.gateway.create_deployment(restApiId=self.api, stageName="dev")
        resources = self.gateway.get_resources(restApiId=self.api)["items"]
        self.resource = next(each["id"] for each in resources if each["path"] == "/a/{id}")

    def _make_function(self, platform: LocalPlatform) -> str:
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("index.py", CODE)
        made = platform.client("lambda", ACCOUNT).create_function(
            FunctionName="fuzzed",
            Runtime="python3.11",
            Handler="index.handler",
            Role=f"arn:aws:iam::{ACCOUNT}:role/anybody",
            Code={"ZipFile": package.getvalue()},
            Timeout=20,  # real time, and the machine may be busy
        )
        return str(made["FunctionArn"])

    def close(self) -> None:
        logging.getLogger().removeHandler(self._tracebacks)

    def run(self, rounds: int) -> None:
        kinds = (self.import_document, self.try_template, self.try_template, self.send_odd_bytes)
        for _ in range(rounds):
            self.random.choice(kinds)()
            if self._tracebacks.found:
                self.failures += self._tracebacks.found
                self._tracebacks.found.clear()

    # ---- documents

    def import_document(self) -> None:
        document = self.spoiler.document(self.random.choice(self.documents))
        try:
            body = json.dumps(document).encode("utf-8", "replace")
        except (ValueError, RecursionError):
            return
        if self.random.random() < 0.1:
            at = self.random.randrange(len(body))
            body = body[:at] + self.random.randbytes(2) + body[at + self.random.randrange(40) :]
        made = self._ask("import", body, lambda: self.gateway.import_rest_api(body=body))
        if made is None:
            return
        api = made["id"]
        mode = self.random.choice(("merge", "overwrite"))
        other = json.dumps(self.spoiler.document(self.random.choice(self.documents))).encode()
        self._ask(
            "put", other, lambda: self.gateway.put_rest_api(restApiId=api, mode=mode, body=other)
        )
        deploy = lambda: self.gateway.create_deployment(restApiId=api, stageName="dev")  # noqa: E731
        if self._ask("deploy", body, deploy) is not None:
            for kind in ("swagger", "oas30"):
                self._ask("export", body, lambda kind=kind: self._export(api, kind))
            for method in ("POST", "GET", "PUT", "DELETE"):
                self._call(api, method, "/dev/a/7?q=x", body)
        self._ask("delete", b"", lambda: self.gateway.delete_rest_api(restApiId=api))

    def _export(self, api: str, kind: str) -> Any:
        extensions = {"extensions": "apigateway,documentation"}
        return self.gateway.get_export(
            restApiId=api, stageName="dev", exportType=kind, parameters=extensions
        )

    # ---- templates

    def try_template(self) -> None:
        template = self.spoiler.template()
        shown = template[:2_000].encode("utf-8", "replace")
        where = {"restApiId": self.api, "resourceId": self.resource, "httpMethod": "POST"}
        if self.random.random() < 0.5:
            change = self.gateway.put_integration_response
            more: dict[str, Any] = {"statusCode": "200"}
            members = {"responseTemplates": {"application/json": template}}
        else:
            change = self.gateway.put_integration
            more = {"type": "MOCK"}
            members = {"requestTemplates": {"application/json": template}}
        if self._ask("template", shown, lambda: change(**where, **more, **members)) is None:
            return
        body = self.spoiler.body().decode("utf-8", "replace")
        self._ask(
            "test",
            shown,
            lambda: self.gateway.test_invoke_method(
                **where,
                body=body,
                pathWithQueryString="/a/7?q=x",
                headers={"Content-Type": "application/json"},
            ),
        )

    # ---- requests

    def send_odd_bytes(self) -> None:
        choose = self.random.choice
        path = "/dev/a/" + "".join(choose(_WORDS) for _ in range(self.random.randrange(7)))
        self._call(self.api, choose(("POST", "GET", "PUT", "DELETE", "OPTIONS", "HEAD")), path, b"")

    def _call(self, api: str, method: str, path: str, shown: bytes) -> None:
        lines = [
            f"{method} {path.replace(' ', '%20')} HTTP/1.1",
            f"Host: {api}.execute-api.us-east-1.localhost",
        ]
        for _ in range(self.random.randrange(5)):
            lines.append(f"{self.random.choice(_HEADERS)}: {self.random.choice(_VALUES)}")
        body = self.spoiler.body() if method != "GET" else b""
        lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
        raw = "\r\n".join(lines).encode("utf-8", "replace") + body
        began = time.process_time()
        answer = bytearray()
        with socket.create_connection(("127.0.0.1", self._port), timeout=WAIT_SECONDS_MAX) as peer:
            try:
                peer.sendall(raw)
                while len(answer) < _ANSWER_BYTES_MAX and (data := peer.recv(65_536)):
                    answer += data
            except TimeoutError:
                self._fail("a request hangs", raw, shown)
            except ConnectionError:
                pass
        self._judge("call", began, raw, shown)
        status = bytes(answer[9:12]).decode("latin-1")
        self.counts[f"call {status}"] += 1
        if status.startswith("5") and b"x-amzn-requestid" not in bytes(answer).lower():
            self._fail(f"a request is answered {status}", raw, shown)

    def _ask(self, what: str, shown: bytes, ask: Callable[[], Any]) -> Any:
        began = time.process_time()
        answer = None
        try:
            answer = ask()
            self.counts[f"{what} 200"] += 1
        except ClientError as refused:
            status = refused.response["ResponseMetadata"]["HTTPStatusCode"]
            self.counts[f"{what} {status}"] += 1
            if status >= 500:
                self._fail(f"{what} is answered {status}", shown, str(refused).encode())
        except (BotoCoreError, UnicodeError, ValueError) as broken:
            if not isinstance(broken, UnicodeError):
                self._fail(f"{what}: {broken!r}"[:300], shown, b"")
        self._judge(what, began, shown, b"")
        return answer

    def _judge(self, what: str, began: float, shown: bytes, more: bytes) -> None:
        took = time.process_time() - began
        if took > WORK_SECONDS_MAX:
            self._fail(f"{what} takes {took:.1f} s", shown, more)

    def _fail(self, what: str, shown: bytes, more: bytes) -> None:
        if len(self.failures) < 100:
            texts = (each[:3_000].decode("utf-8", "replace") for each in (shown, more))
            self.failures.append("\n  ".join((what, *texts)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with LocalPlatform() as platform:
        fuzzer = Fuzzer(platform, options.seed)
        fuzzer.run(options.rounds)
        fuzzer.close()
    print(dict(sorted(fuzzer.counts.items())))
    for failure in fuzzer.failures[:20]:
        print(failure, "\n")
    print(f"{len(fuzzer.failures)} failures")
    return 1 if fuzzer.failures else 0


if __name__ == "__main__":
    sys.exit(main())
