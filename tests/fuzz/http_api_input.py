"""What made-up HTTP and WebSocket APIs consist of: names, mappings, documents, and what no function should answer."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from typing import Any

from botocore.model import Shape
from tests.fuzz.fuzz import Generator

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1e300, float("nan"), "", "x", "\x00\r\nSet-Cookie: a=b", "\u00e4\U0001f30a",
    "x" * 5_000, [],
    [[]], {}, {"a": None}, [None], [1, "a", {}], {"": ""}, {"a\nb": "c\r\nd"}, {"content-length": "7"}, "\ud800",
    {"transfer-encoding": "chunked"}, 2**70, {"a": {"b": [{"c": 1}]}},
)  # fmt: skip
STATUSES = (
    200,
    "200",
    204,
    304,
    99,
    100,
    101,
    103,
    600,
    999,
    1000,
    "abc",
    200.5,
    True,
    None,
    -1,
    "",
    [],
    500,
)
EXPRESSIONS = (
    "$request.body", "$request.body.a", "$request.body.a[0].b", "$request.body.a[*]", "$request.header.x", "static",
    "$request.querystring.a", "$request.path", "$request.path.proxy", "${request.path.proxy}", "$context.requestId",
    "$context.authorizer.claims.sub", "$context.identity.sourceIp", "$stageVariables.x", "$response.header.x", "200",
    "$response.body.a", "$response.body", "$request.body.a $request.header.x ${context.stage}",
    "${request.path.proxy}/x?y#z",
    "$request.body.a[", "$request.body..a", "$request.body.a[99999999999999999999]", "$request.body." + "a." * 500,
    "$request.header.", "$request.path.nope", "$context", "$context.nope.nope", "$request.", "$", "${",
    "${request.body",
    "", " ", "\u00e4", "a\r\nb", "'single'", "integration.request.header.x", "$request.multivalueheader.x",
)  # fmt: skip
RIGHT = 20
"""So many of them are well-formed."""
MAPPING_KEYS = (
    "append:header.x", "overwrite:header.x", "remove:header.x", "append:querystring.a", "overwrite:querystring.a",
    "remove:querystring.a", "overwrite:path",
)  # fmt: skip
ANSWER_KEYS = ("append:header.x", "overwrite:header.x", "remove:header.x", "overwrite:statuscode")
KEYS = (
    *MAPPING_KEYS, *ANSWER_KEYS, "overwrite:header.host", "remove:header.content-length", "append:path",
    "append:statuscode",
    "overwrite:header.content-length", "append:header.", "header.x", "", "overwrite:header.transfer-encoding",
    "QueueUrl",
    "MessageBody", "MessageAttributes", "DelaySeconds", "Detail", "DetailType", "Source", "Resources", "Time",
    "Region",
    "StateMachineArn", "Input", "Name", "integration.request.header.x", "integration.request.querystring.x",
)  # fmt: skip
SUBTYPES = (
    "SQS-SendMessage", "SQS-ReceiveMessage", "SQS-DeleteMessage", "SQS-PurgeQueue", "EventBridge-PutEvents",
    "StepFunctions-StartExecution", "StepFunctions-StopExecution", "StepFunctions-StartSyncExecution",
    "Kinesis-PutRecord",
    "AppConfig-GetConfiguration", "Nope-Nope", "",
)  # fmt: skip
ROUTE_KEYS = (
    "$default", "GET /", "ANY /{proxy+}", "POST /a/{b}", "GET /a/{b}/{c+}", "GET /a/{b+}/c", "GET a", "GET /{",
    "GET //", "ANY /",
    "GET /a/b", "FETCH /a", "GET", "", " ", "$connect", "$disconnect", "join", "GET /\u00e4", "GET /%41",
    "GET /{a}{b}",
)  # fmt: skip
PATHS = (
    "/", "//", "/a/1", "/a/%2F", "/a/%00", "/a/%", "/a/%zz", "/a/%ff%fe", "/a/\u00e4", "/../..", "/a/1/2/3",
    "/a?a=1&a=2&b",
    "/?%ff=%00&&=&a", "/a;x=1", "/" + "x/" * 500, "/odd", "/odd2", "/proxy/a", "/authorized", "/authorized2",
    "/queue", "/bus", "?a",
    "/lab", "/lab/x/y?a=1", "/$default/a", "/dev/odd", "/@connections/x", "/jwt",
)  # fmt: skip
HEADERS = (
    "x", "origin", "authorization", "cookie", "content-type", "x-forwarded-for", "x-amzn-trace-id", "expect", "range",
    "access-control-request-method", "accept-encoding", "x-answer", "upgrade",
)  # fmt: skip
HEADER_VALUES = (
    "", "a", "a=b; c=d", "Bearer x.y.z", "Bearer", "https://a.example", "null", "*/*", "x" * 3_000, "\xff",
    "application/json", "text/plain; charset=nope", "websocket", "Root=1-2-3", '{"isAuthorized": true}',
)  # fmt: skip
SERVICE_NAMES = (
    ("SQS-SendMessage", ("QueueUrl", "MessageBody", "DelaySeconds", "MessageAttributes")),
    ("SQS-ReceiveMessage", ("QueueUrl", "MaxNumberOfMessages")),
    ("EventBridge-PutEvents", ("Detail", "DetailType", "Source", "Resources", "Time")),
    ("StepFunctions-StartExecution", ("StateMachineArn", "Input")),
    ("StepFunctions-StartSyncExecution", ("StateMachineArn", "Input")),
    ("Kinesis-PutRecord", ("StreamName", "Data", "PartitionKey")),
)
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:odd"
LAMBDA = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
TEXTS: dict[str, tuple[str, ...]] = {
    "routekey": ROUTE_KEYS,
    "integrationuri": (
        "arn:aws:lambda:us-east-1:000000000000:function:odd",
        "http://127.0.0.1:9/",
        "http://127.0.0.1:9/{proxy}",
        "https://",
        "ftp://a",
        "http://[::1",
        "http://a b/",
        "arn:aws:apigateway:us-east-1:sqs:action/SendMessage",
        "",
        "x",
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:odd/invocations",
        "arn:aws:apigateway:us-east-1:events:action/PutEvents",
        "arn:aws:apigateway:us-east-1:s3:path/a/{b}",
    ),
    "integrationsubtype": SUBTYPES,
    "selectionexpression": (
        "$request.body.action",
        "${request.body.action}",
        "$request.method $request.path",
        "${request.method} ${request.path}",
        "$default",
        "$request.header.x",
        "",
        "$request.body.",
        "$context.routeKey",
        "\\$default",
        "${request.body.a}/${request.body.b}",
        "$stageVariables.x",
    ),
    "stagename": ("$default", "dev", "prod", "a" * 200, "", "a/b", "\u00e4"),
    "schema": (
        "{}",
        '{"type": "object"}',
        '{"$ref": "#"}',
        "[",
        '{"pattern": "(a+)+$"}',
        '{"type": "nope"}',
        "null",
    ),
    "template": (
        '$input.json("$")',
        '{"statusCode": 200}',
        "#foreach($i in [1..100000])$i#end",
        "#if",
        "$util.escapeJavaScript($input.body)",
        '#set($x = $input.path("$..a"))$x',
        "{",
        '{"statusCode": 1000}',
        '$input.params("a")$context.connectionId',
    ),
    "authorizeruri": (
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:authorize/invocations",
        "x",
        "",
    ),
    "identitysource": (
        "$request.header.Authorization",
        "$request.querystring.a",
        "route.request.header.x",
        "$context.stage",
        "",
        "x",
    ),
    "issuer": (
        "http://127.0.0.1:9/",
        "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_a",
        "nope",
        "",
    ),
    "alloworigins": (
        "*",
        "https://a.example",
        "https://*",
        "http://*.example",
        "null",
        "",
        "\u00e4",
    ),
    "domainname": (
        "api.example.com",
        "*.example.com",
        "a",
        "",
        "a" * 300,
        "API.example.com",
        "b.example.com",
    ),
    "apimappingkey": ("", "a", "a/b", "/", "a//b", "(none)"),
    "format": (
        "$context.requestId",
        "$context.nope $input.body",
        "",
        '{"a": "$context.error.message"}',
        "\n",
    ),
    "target": (),
}


class V2Generator(Generator):
    """Knows the names that operations on these APIs take, and the ids of what is there."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, "000000000000")
        self.known: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=12))

    def value(self, shape: Shape, name: str, depth: int) -> Any:
        lowered = name.lower()
        if lowered in ("requestparameters", "responseparameters") and self.chance(0.8):
            return self.parameters(lowered)
        if lowered == "body" and self.chance(0.9):
            return json.dumps(self.document())
        if shape.type_name in ("integer", "long") and self.chance(0.8):
            return self.random.randint(
                shape.metadata.get("min", 0), shape.metadata.get("max", 1_000)
            )
        return super().value(shape, name, depth)

    def parameters(self, name: str) -> Any:
        """Mappings of requests, or of responses by their status."""
        choose, is_right = self.random.choice, self.chance(0.7)
        values = EXPRESSIONS[:RIGHT] if is_right else EXPRESSIONS
        if name == "requestparameters":
            keys = MAPPING_KEYS if is_right else KEYS
            return {choose(keys): choose(values) for _ in range(choose((0, 1, 2, 4)))}
        keys = ANSWER_KEYS if is_right else KEYS
        status = "200" if is_right else choose(("200", "500", "abc", "100"))
        return {status: {choose(keys): choose(values) for _ in range(choose((1, 2, 4)))}}

    def _text(self, shape: Shape, name: str) -> str:
        choose, lowered = self.random.choice, name.lower()
        if lowered.endswith("id") and self.known[lowered] and self.chance(0.9):
            return str(choose(self.known[lowered]))
        if lowered == "target" and self.known["integrationid"] and self.chance(0.9):
            return f"integrations/{choose(self.known['integrationid'])}"
        for end, texts in TEXTS.items():
            if texts and lowered.endswith(end) and self.chance(0.9):
                return choose(texts)
        return str(super()._text(shape, name))

    def http_integration(self) -> dict[str, Any]:
        """An integration that HTTP APIs could have."""
        choose = self.random.choice
        function, proxy, service = (
            {"integrationType": "AWS_PROXY", "integrationUri": FUNCTION},
            {
                "integrationType": "HTTP_PROXY",
                "integrationMethod": "ANY",
                "integrationUri": "http://127.0.0.1:9/{proxy}",
            },
            {
                "integrationType": "AWS_PROXY",
                "credentialsArn": "arn:aws:iam::000000000000:role/any",
            },
        )
        made: dict[str, Any] = choose((function, proxy, service))
        made["payloadFormatVersion"] = choose(("1.0", "2.0")) if made is function else "1.0"
        if made is service:
            made["integrationSubtype"], names = choose(SERVICE_NAMES)
            made["requestParameters"] = {name: choose(EXPRESSIONS[:RIGHT]) for name in names}
        elif made is proxy or self.chance(0.3):
            made["requestParameters"] = self.parameters("requestparameters")
            made["responseParameters"] = self.parameters("responseparameters")
        return made

    def socket_integration(self) -> dict[str, Any]:
        """An integration that WebSocket APIs could have."""
        choose = self.random.choice
        kind, uri = choose(
            (
                ("AWS_PROXY", LAMBDA),
                ("AWS", LAMBDA),
                ("AWS", "arn:aws:apigateway:us-east-1:sqs:path/000000000000/q"),
                ("AWS", "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem"),
                ("MOCK", ""),
                ("HTTP", "http://127.0.0.1:9/{proxy}"),
                ("HTTP_PROXY", "http://127.0.0.1:9/"),
            )
        )
        made: dict[str, Any] = {"integrationType": kind, "integrationMethod": "POST"}
        if uri:
            made["integrationUri"] = uri
        if "AWS" in kind:
            made["credentialsArn"] = "arn:aws:iam::000000000000:role/any"
        if not kind.endswith("PROXY"):
            made["requestTemplates"] = {choose(("200", "$default", "a")): choose(TEXTS["template"])}
            made["templateSelectionExpression"] = choose(
                ("200", "\\$default", "$request.body.action", "${request.body.a.b}")
            )
            made["passthroughBehavior"] = choose(("WHEN_NO_MATCH", "NEVER", "WHEN_NO_TEMPLATES"))
            if self.chance(0.3):
                made["contentHandlingStrategy"] = choose(("CONVERT_TO_BINARY", "CONVERT_TO_TEXT"))
            if self.chance(0.5):
                where = choose(("header.x", "querystring.a", "path.proxy"))
                value = choose(
                    (
                        "route.request.header.x",
                        "route.request.body.a",
                        "route.request.querystring.a",
                        "'x'",
                        "context.connectionId",
                    )
                )
                made["requestParameters"] = {f"integration.request.{where}": value}
        return made

    def authorizer(self) -> dict[str, Any]:
        """An authorizer that some API could have."""
        if self.chance(0.3):
            jwt = {"issuer": "http://127.0.0.1:9/", "audience": ["a"]}
            return {
                "name": "j",
                "authorizerType": "JWT",
                "jwtConfiguration": jwt,
                "identitySource": ["$request.header.authorization"],
            }
        version = (
            {"authorizerPayloadFormatVersion": self.random.choice(("1.0", "2.0"))}
            if self.chance(0.5)
            else {}
        )
        return {
            "name": "r",
            "authorizerType": "REQUEST",
            "authorizerUri": TEXTS["authorizeruri"][0],
            "identitySource": [
                self.random.choice(
                    ("$request.header.x", "route.request.header.x", "$request.querystring.a")
                )
            ],
            **version,
        }

    def document(self) -> Any:
        """An OpenAPI document, with some of its parts replaced by something else."""
        choose = self.random.choice

        def likely(*values: Any) -> Any:
            """Mostly the first, which is right."""
            return values[0] if self.chance(0.85) else choose(values)

        integration = {
            "type": likely("aws_proxy", "http_proxy", "mock", "aws", "nope"),
            "uri": likely(*TEXTS["integrationuri"]),
            "httpMethod": likely("POST", "ANY", "", "x"),
            "payloadFormatVersion": likely("1.0", "2.0", "3.0", 2.0),
        }
        for name in ("requestParameters", "responseParameters"):
            if self.chance(0.2):
                integration[name] = self.parameters(name.lower())
        if self.chance(0.3):
            integration["integrationSubtype"] = choose(SUBTYPES)
        document: dict[str, Any] = {
            "openapi": likely("3.0.1", "3.0.1", "3.1.0", "2.0", ""),
            "info": {"title": "made up", "version": "1"},
            "paths": {
                likely("/", "/a/{b}", "/{proxy+}", "/$default", "a", ""): {
                    choose(
                        ("get", "x-amazon-apigateway-any-method", "post", "parameters", "nope")
                    ): {
                        "responses": {"default": {"description": "d"}},
                        "security": [{likely("jwt", "fn", "iam", "nope"): likely([], ["a"], "a")}],
                        "x-amazon-apigateway-integration": choose(
                            (
                                integration,
                                {"$ref": "#/components/x-amazon-apigateway-integrations/i"},
                            )
                        ),
                    }
                }
            },
            "components": {
                "x-amazon-apigateway-integrations": {"i": integration},
                "securitySchemes": {
                    "jwt": {
                        "type": likely("oauth2", "openIdConnect"),
                        "x-amazon-apigateway-authorizer": {
                            "type": "jwt",
                            "jwtConfiguration": {
                                "issuer": likely(*TEXTS["issuer"]),
                                "audience": ["a"],
                            },
                            "identitySource": likely(*TEXTS["identitysource"]),
                        },
                    },
                    "fn": {
                        "type": "apiKey",
                        "x-amazon-apigateway-authorizer": {
                            "type": "request",
                            "authorizerUri": likely(*TEXTS["authorizeruri"]),
                            "authorizerPayloadFormatVersion": likely("2.0", "1.0"),
                            "enableSimpleResponses": likely(True, False),
                        },
                    },
                },
            },
            "x-amazon-apigateway-cors": {
                "allowOrigins": ["*"],
                "maxAge": 10,
                "allowCredentials": False,
            },
            "tags": [{"name": "a", "x-amazon-apigateway-tag-value": "b"}],
        }
        for _ in range(choose((0, 0, 1, 1, 2, 5))):
            self._damage(document)
        return document

    def _damage(self, document: Any) -> None:
        node = document
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            key = self.random.choice(keys)
            inner = node[key]
            if not isinstance(inner, (dict, list)) or not inner or self.chance(0.25):
                odd = self.random.choice(
                    (
                        *ODD,
                        {"$ref": "#/nope"},
                        {"$ref": "#"},
                        document.get("info", 0),
                    )
                )
                node[key] = json.loads(json.dumps(odd))
                return
            node = inner
