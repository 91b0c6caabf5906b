"""HTTP and WebSocket APIs made up and called: documents, mappings, functions' answers, requests and frames of any kind.

    python tests/fuzz/http_apis.py --rounds 20000 [--seed 1]

Nothing of it may leave a traceback in the log, be answered 500 by an operation, or hang. (An API answers 500 when the
function behind it answers nonsense, as on AWS; that is no failure.)
"""

from __future__ import annotations

import argparse
import base64
import http.client
import io
import json
import logging
import os
import socket
import struct
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fogline.testing.platform import LocalPlatform

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.fuzz.fuzz import Fuzzer as Requests
from tests.fuzz.http_api_input import (
    HEADER_VALUES,
    HEADERS,
    ODD,
    PATHS,
    ROUTE_KEYS,
    STATUSES,
    TEXTS,
    V2Generator,
)
from tests.fuzz.tokens import Issuer

SECONDS_MAX = 20
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/apigateway/aws4_request,"
    " SignedHeaders=host, Signature=0",
    "Content-Type": "application/json",
}
SELECTED = {"HTTP": "$request.method $request.path", "WEBSOCKET": "$request.body.action"}
FRAMES = (
    "whole", "whole", "whole", "garbage", "odd", "parts", "ping", "large", "binary", "utf8", "short",
)  # fmt: skip
CODE = """
import base64, json

def handler(event, context):
    body = event.get("body") or "null"
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body)
    try:
        asked = json.loads(body)
    except ValueError:
        return "no JSON"
    return asked["answer"] if isinstance(asked, dict) and "answer" in asked else asked

def authorize(event, context):
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return json.loads(headers.get("x-answer", "null"))
"""


class Tracebacks(logging.Handler):
    """Remembers what was logged with a traceback."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and len(self.found) < 200:
            self.found.append(logging.Formatter("%(name)s %(message)s").format(record))


class Fuzzer:
    """Makes and calls APIs of a platform."""

    def __init__(self, platform: LocalPlatform, seed: int) -> None:
        self.platform = platform
        self.generator = V2Generator(seed)
        self.random = self.generator.random
        self.requests = Requests(platform, seed)
        self.requests.generator = self.generator
        self.operations = [
            name for service, name in self.requests.operations if service == "apigatewayv2"
        ]
        self.port = platform.platform.port
        self.statuses: Counter[str] = Counter()
        self.failures: list[str] = []
        self.tracebacks = Tracebacks()
        logging.getLogger().addHandler(self.tracebacks)
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS_MAX)
        self._set_up()

    def close(self) -> None:
        self._connection.close()
        self.requests.close()
        logging.getLogger().removeHandler(self.tracebacks)
        self.failures += self.tracebacks.found

    def run(self, rounds: int) -> None:
        acts = (
            self.operate,
            self.operate,
            self.build,
            self.prove,
            self.call,
            self.call,
            self.answer,
            self.map,
            self.converse,
        )
        for number in range(rounds):
            self.random.choice(acts)()
            if number % 50 == 0:
                self.platform.advance(seconds=1)  # or the account's throttle would answer

    # ---- the APIs that are there from the start

    def _set_up(self) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("index.py", CODE)
        functions = self.platform.client("lambda")
        for name, handler in (("odd", "handler"), ("authorize", "authorize")):
            functions.create_function(
                FunctionName=name,
                Runtime=f"python3.{sys.version_info.minor}",
                Handler=f"index.{handler}",
                Role="arn:aws:iam::000000000000:role/any",
                Code={"ZipFile": packed.getvalue()},
                Timeout=20,  # real time, and the machine may be busy
            )
        self.apis = self.platform.client("apigatewayv2")
        self.made_up = self.generator.known["apiid"]
        self.kinds: dict[str, str] = {}
        self.queue = self.platform.client("sqs").create_queue(QueueName="q")["QueueUrl"]
        address = f"http://127.0.0.1:{self.port}/issuer"
        self.issuer = Issuer(self.platform.client("s3"), address, self.random)
        self._set_up_http()
        self._set_up_websocket()
        for kind in ("HTTP", "HTTP", "WEBSOCKET", "WEBSOCKET"):
            made = self.apis.create_api(
                Name="made up", ProtocolType=kind, RouteSelectionExpression=SELECTED[kind]
            )
            self.apis.create_stage(ApiId=made["ApiId"], StageName="dev", AutoDeploy=True)
            self.made_up.append(made["ApiId"])
            self.kinds[made["ApiId"]] = kind

    def _set_up_http(self) -> None:
        api = self.apis.create_api(
            Name="stable",
            ProtocolType="HTTP",
            CorsConfiguration={"AllowOrigins": ["https://a.example"], "AllowMethods": ["*"]},
        )["ApiId"]
        odd = TEXTS["integrationuri"][0]

        def integrate(version: str, **settings: Any) -> str:
            settings.setdefault("IntegrationType", "AWS_PROXY")
            made = self.apis.create_integration(ApiId=api, PayloadFormatVersion=version, **settings)
            return f"integrations/{made['IntegrationId']}"

        one, two = (integrate(version, IntegrationUri=odd) for version in ("1.0", "2.0"))
        role = "arn:aws:iam::000000000000:role/any"
        queue = integrate(
            "1.0", IntegrationSubtype="SQS-SendMessage", CredentialsArn=role,
            RequestParameters={"QueueUrl": self.queue, "MessageBody": "$request.body.a"},
        )  # fmt: skip
        bus = integrate(
            "1.0", IntegrationSubtype="EventBridge-PutEvents", CredentialsArn=role,
            RequestParameters={"Detail": "$request.body", "DetailType": "$request.header.x", "Source": "a"},
        )  # fmt: skip
        proxy = integrate(
            "1.0", IntegrationType="HTTP_PROXY", IntegrationMethod="ANY",
            IntegrationUri=f"http://127.0.0.1:{self.port}/_aws/execute-api/{api}/{{proxy}}",
        )  # fmt: skip
        lab = self.apis.create_integration(
            ApiId=api, IntegrationType="HTTP_PROXY", IntegrationMethod="ANY", PayloadFormatVersion="1.0",
            IntegrationUri=f"http://127.0.0.1:{self.port}/_aws/execute-api/{api}/odd",
        )["IntegrationId"]  # fmt: skip
        authorizers = [
            self.apis.create_authorizer(
                ApiId=api, Name=f"a{version[0]}",
                IdentitySource=["$request.header.x-answer"], AuthorizerType="REQUEST",
                AuthorizerUri=TEXTS["authorizeruri"][0],
                AuthorizerPayloadFormatVersion=version, EnableSimpleResponses=version == "2.0",
                AuthorizerResultTtlInSeconds=0,
            )["AuthorizerId"]
            for version in ("1.0", "2.0")
        ]  # fmt: skip
        jwt = self.apis.create_authorizer(
            ApiId=api, Name="jwt", AuthorizerType="JWT", IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": f"http://127.0.0.1:{self.port}/issuer", "Audience": ["a"]},
        )["AuthorizerId"]  # fmt: skip
        for key, target, settings in (
            ("ANY /odd", one, {}),
            ("ANY /odd2", two, {}),
            ("ANY /proxy/{proxy+}", proxy, {}),
            ("ANY /lab", f"integrations/{lab}", {}),
            ("ANY /lab/{proxy+}", f"integrations/{lab}", {}),
            ("ANY /queue", queue, {}),
            ("ANY /bus", bus, {}),
            (
                "ANY /authorized",
                one,
                {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizers[0]},
            ),
            (
                "ANY /authorized2",
                two,
                {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizers[1]},
            ),
            (
                "ANY /jwt",
                two,
                {"AuthorizationType": "JWT", "AuthorizerId": jwt, "AuthorizationScopes": ["s"]},
            ),
            ("ANY /iam", two, {"AuthorizationType": "AWS_IAM"}),
        ):
            self.apis.create_route(ApiId=api, RouteKey=key, Target=target, **settings)
        self.apis.create_stage(
            ApiId=api, StageName="$default", AutoDeploy=True, StageVariables={"x": "y"}
        )
        self.stable, self.lab = api, lab

    def _set_up_websocket(self) -> None:
        api = self.apis.create_api(
            Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
        )["ApiId"]
        uri = TEXTS["integrationuri"][10]
        for key in ("$connect", "$disconnect", "$default", "say"):
            integration = self.apis.create_integration(
                ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=uri
            )
            settings = (
                {} if key.startswith("$d") else {"RouteResponseSelectionExpression": "$default"}
            )
            route = self.apis.create_route(
                ApiId=api,
                RouteKey=key,
                Target=f"integrations/{integration['IntegrationId']}",
                **settings,
            )
            if settings:
                self.apis.create_route_response(
                    ApiId=api, RouteId=route["RouteId"], RouteResponseKey="$default"
                )
        # Everybody is let in, whatever the function thinks of it.
        (connect,) = (
            each
            for each in self.apis.get_routes(ApiId=api)["Items"]
            if each["RouteKey"] == "$connect"
        )
        self.apis.delete_route(ApiId=api, RouteId=connect["RouteId"])
        self.apis.create_stage(ApiId=api, StageName="dev", AutoDeploy=True)
        self.chat = api

    # ---- what is done to them

    def operate(self) -> None:
        """Perform an operation with made-up input."""
        name = self.random.choice(self.operations)
        if name.startswith("Delete") and self.generator.chance(0.8):
            name = self.random.choice(
                (
                    "ImportApi",
                    "CreateRoute",
                    "CreateIntegration",
                    "CreateApi",
                    "CreateStage",
                    "ReimportApi",
                )
            )
        made = self.requests._request("apigatewayv2", name)
        if made is None:
            return
        method, path, headers, body = made
        status, text = self._ask(name, method, path, headers, body)
        if status >= 500 and status not in (501, 503):
            self.failures.append(f"{name}: {status} {text[:200]!r} {path} {body[:500]!r}")
        if status in (200, 201):
            self._remember(text)

    def _remember(self, text: bytes) -> None:
        try:
            answer = json.loads(text or b"{}")
        except ValueError:
            return  # a document in YAML
        for item in answer.get("items", [answer])[:5] if isinstance(answer, dict) else ():
            if "protocolType" in item:
                self.kinds[item["apiId"]] = item["protocolType"]
            for member, value in item.items():
                if member.lower().endswith("id") and value not in (
                    self.stable,
                    self.lab,
                    self.chat,
                ):
                    known = self.generator.known[member.lower()]
                    if value not in known:
                        known.append(value)

    def build(self) -> None:
        """Give some API a route, an integration and what else belongs to them, all of which could be right."""
        choose, chance = self.random.choice, self.generator.chance
        api = choose(self.made_up)
        is_http = self.kinds.get(api) == "HTTP"
        made = self.generator.http_integration() if is_http else self.generator.socket_integration()
        integration = self._make(f"{api}/integrations", **made).get("integrationId")
        route: dict[str, Any] = {
            "routeKey": choose(
                ROUTE_KEYS if is_http else ("$connect", "$disconnect", "$default", "say", "x")
            ),
            "target": f"integrations/{integration}",
        }
        if not is_http:
            name = choose(("m", "n"))
            self._make(
                f"{api}/models",
                name=name,
                contentType="application/json",
                schema=choose(TEXTS["schema"]),
            )
            if chance(0.5):
                route |= {
                    "requestModels": {choose(("$default", "say", "x")): name},
                    "modelSelectionExpression": "$request.body.action",
                }
            if chance(0.7):
                route["routeResponseSelectionExpression"] = "$default"
            for key in ("$default", "/2\\d\\d/", "/400/")[: choose((0, 1, 3))]:
                self._make(
                    f"{api}/integrations/{integration}/integrationresponses",
                    integrationResponseKey=key,
                    responseTemplates={choose(("x", "$default")): choose(TEXTS["template"])},
                    templateSelectionExpression=choose(
                        ("x", "$integration.response.body.a", "\\$default")
                    ),
                )
        if chance(0.3):
            authorizer = self._make(f"{api}/authorizers", **self.generator.authorizer()).get(
                "authorizerId"
            )
            kind = choose(("CUSTOM", "CUSTOM", "JWT", "AWS_IAM"))
            route |= {
                "authorizationType": kind,
                **({"authorizerId": authorizer} if kind != "AWS_IAM" else {}),
            }
        id = self._make(f"{api}/routes", **route).get("routeId")
        if not is_http and id:
            self._make(f"{api}/routes/{id}/routeresponses", routeResponseKey="$default")
            self._make(f"{api}/deployments", stageName="dev")

    def _make(self, place: str, **members: Any) -> Any:
        """Ask for something to be made; what was answered."""
        path = f"/v2/apis/{place}"
        status, text = self._ask(path, "POST", path, SIGNED, json.dumps(members).encode())
        if status >= 500:
            self.failures.append(f"POST {path}: {status} {text[:200]!r} {members}")
        return json.loads(text) if status == 201 else {}

    def call(self) -> None:
        """Call some API in some way."""
        choose = self.random.choice
        known = self.generator.known["apiid"]
        api = choose((self.stable, *known)) if self.generator.chance(0.7) else self.stable
        path = quote(choose(PATHS), safe="/?&=%;+@$")
        headers = {}
        for _ in range(choose((0, 1, 3))):
            headers[choose(HEADERS)] = choose(HEADER_VALUES)
        if headers.get("expect"):
            del headers[
                "expect"
            ]  # who expects to be told to go on, and does not send, is waited for
        method = choose(("GET", "POST", "OPTIONS", "PUT", "HEAD", "DELETE", "PATCH", "BREW"))
        self._call(api, method, path, headers, self._body())

    def _body(self) -> bytes:
        choose = self.random.choice
        kind = choose(("none", "odd", "deep", "random", "large"))
        if kind == "odd":
            return json.dumps({"a": choose(ODD)}).encode()
        if kind == "deep":
            return b'{"a":' * 2_000 + b"1" + b"}" * 2_000
        if kind == "random":
            return self.random.randbytes(50)
        return (
            b'{"a": "' + b"x" * 300_000 + b'"}'
            if kind == "large" and self.generator.chance(0.1)
            else b""
        )

    def answer(self) -> None:
        """Let the function, or the authorizer, answer something odd."""
        choose = self.random.choice
        made: Any = {
            name: choose(ODD)
            for name in (
                "headers",
                "multiValueHeaders",
                "cookies",
                "body",
                "isBase64Encoded",
                "context",
                "policyDocument",
                "principalId",
            )
            if self.generator.chance(0.2)
        }
        if self.generator.chance(0.8):
            made["statusCode"] = choose(STATUSES)
        if self.generator.chance(0.5):
            made["isAuthorized"] = choose((True, False, *ODD))
        if self.generator.chance(0.3):
            statement = {
                "Effect": choose(("Allow", "Deny", 1)),
                "Action": choose(("execute-api:Invoke", "*", [], 7)),
                "Resource": choose(("*", "arn:aws:x", [], ODD[3])),
            }
            made["policyDocument"] = {
                "Version": "2012-10-17",
                "Statement": choose(([statement], statement, [1], "x")),
            }
        if self.generator.chance(0.1):
            made = choose(ODD)
        body = json.dumps({"answer": made}).encode()
        headers = {"content-type": "application/json", "x-answer": json.dumps(made)}
        path = choose(("/odd", "/odd2", "/proxy/odd", "/authorized", "/authorized2"))
        self._call(self.stable, "POST", path, headers, body)

    def prove(self) -> None:
        """Call with a token."""
        token = self.issuer.token(self.platform.now())
        self._call(self.stable, "GET", "/jwt", {"authorization": f"Bearer {token}"}, b"")

    def map(self) -> None:
        """Change the mappings of an integration, and call it."""
        generator, choose = self.generator, self.random.choice
        change = {
            "requestParameters": generator.parameters("requestparameters"),
            "responseParameters": generator.parameters("responseparameters"),
        }
        path = f"/v2/apis/{self.stable}/integrations/{self.lab}"
        status, text = self._ask(
            "UpdateIntegration", "PATCH", path, SIGNED, json.dumps(change).encode()
        )
        if status >= 500:
            self.failures.append(f"UpdateIntegration: {status} {text[:200]!r} {change}")
        body = json.dumps(
            {
                "a": choose(ODD),
                "answer": {
                    "statusCode": choose((200, 500)),
                    "body": json.dumps({"a": choose(ODD)}),
                },
            }
        )
        self._call(
            self.stable, "POST", choose(("/lab", "/lab/x%2Fy?a=1")), {"x": "1"}, body.encode()
        )

    def _call(self, api: str, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        host = f"{api}.execute-api.us-east-1.localhost:{self.port}"
        self._ask(f"{method} {path}", method, path, {"Host": host, **headers}, body)

    def _ask(
        self, what: str, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connection.close()
            if not isinstance(error, ValueError):
                self.failures.append(
                    f"{what}: {type(error).__name__} {error} {headers} {body[:300]!r}"
                )
            return 0, b""
        self.statuses[f"{answer.status // 100}xx"] += 1
        return answer.status, text

    # ---- WebSockets

    def converse(self) -> None:
        """Connect, send frames of any kind, and go, with or without a word."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS_MAX) as peer:
            sockets = [api for api in self.made_up if self.kinds.get(api) == "WEBSOCKET"]
            self._upgrade(peer, self.random.choice((self.chat, *sockets)))
            peer.settimeout(SECONDS_MAX)
            status = peer.recv(4_096)[9:12]
            self.statuses[f"upgrade {status.decode(errors='replace')}"] += 1
            if status != b"101":
                return
            try:
                is_whole = True
                for _ in range(self.random.choice((0, 1, 2, 5))):
                    kind = self.random.choice(FRAMES)
                    is_whole = is_whole and kind not in ("garbage", "short")
                    peer.sendall(self._frame(kind))
                if is_whole and self.generator.chance(0.5):
                    peer.sendall(_frame(8, struct.pack("!H", 1000)))
                    while peer.recv(65_536):
                        pass
            except TimeoutError:
                self.failures.append("a WebSocket was not closed when asked to")
            except OSError:
                pass  # it was closed on us, rightly

    def _upgrade(self, peer: socket.socket, api: str) -> None:
        choose = self.random.choice
        fields = {
            "Host": f"{api}.execute-api.us-east-1.localhost:{self.port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        }
        if self.generator.chance(0.2):
            fields[choose(list(fields)[1:])] = choose(("", "x", "8", "keep-alive", "a" * 5_000))
        if self.generator.chance(0.2):
            fields["Sec-WebSocket-Protocol"] = choose(("a", "a, b", "", ",,", "\xff"))
        path = choose(("/dev", "/dev", "/dev?a=1&a=2", "/dev/", "/nope", "/dev/x", "/dev?%ff"))
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        peer.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def _frame(self, kind: str) -> bytes:
        choose = self.random.choice
        action = choose(("say", "nope", 1, None, "$default", "$connect"))
        message = json.dumps({"action": action, "answer": choose(({"body": choose(ODD)}, *ODD))})
        if kind == "garbage":
            return self.random.randbytes(choose((1, 2, 14, 200)))
        if kind == "odd":
            return _frame(
                choose((0, 3, 7, 8, 9, 11)),
                choose((b"", b"x", b"\x03", b"\x03\xe8\xff")),
                final=choose((True, False)),
                bits=choose((0, 0x40)),
            )
        if kind == "parts":
            text = message.encode()
            return _frame(1, text[:5], final=False) + _frame(9, b"p") + _frame(0, text[5:])
        if kind == "ping":
            return _frame(9, b"x" * choose((0, 125)))
        if kind == "large":
            return _frame(1, b"x" * choose((32 * 1024, 32 * 1024 + 1, 129 * 1024)))
        if kind == "short":
            return _frame(1, message.encode())[:-3]
        return _frame(
            2 if kind == "binary" else 1, b"\xff\xfe" if kind == "utf8" else message.encode()
        )


def _frame(opcode: int, payload: bytes, *, final: bool = True, bits: int = 0) -> bytes:
    """A frame as clients send it."""
    head = bytes([(0x80 if final else 0) | bits | opcode])
    size = len(payload)
    if size < 126:
        head += bytes([0x80 | size])
    else:
        head += (
            bytes([0x80 | 126]) + struct.pack("!H", size)
            if size < 65_536
            else bytes([0x80 | 127]) + struct.pack("!Q", size)
        )
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    begun = time.monotonic()
    with LocalPlatform() as platform:
        fuzzer = Fuzzer(platform, given.seed)
        part = max(1, given.rounds // 10)
        for done in range(0, given.rounds, part):
            fuzzer.run(part)
            seconds = time.monotonic() - begun
            statuses = dict(sorted(fuzzer.statuses.items()))
            print(f"{done + part:8} rounds {seconds:6.0f} s, {statuses}, failures {len(fuzzer.failures)},"
                  f" tracebacks {len(fuzzer.tracebacks.found)}", flush=True)  # fmt: skip
        fuzzer.close()
    for failure in fuzzer.failures[:40]:
        print(failure)
    return 1 if fuzzer.failures else 0


if __name__ == "__main__":
    sys.exit(main())
