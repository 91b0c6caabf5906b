"""What the fuzzer of REST APIs begins with: valid documents and templates, and the ways in which it spoils them."""

from __future__ import annotations

import copy
import json
import random
from contextlib import suppress
from typing import Any

LAMBDA = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1e300, 2**70, "", "x", "$", "{", "${", "\u00e4\U0001f30a", "\x00", "a\r\nb", "x" * 3_000,
    [], [[]], {}, {"a": None}, [None], [1, "a", {}], {"": ""}, "200", "'", "#/definitions/M", {"$ref": "#"}, "a/b",
    "{a+}", "method.request.path.id", "integration.response.body.a", "context.x", "stageVariables.a", "$context.path",
    "(a+)+$",
)  # fmt: skip

_MOCK = {
    "type": "mock",
    "passthroughBehavior": "when_no_match",
    "contentHandling": "CONVERT_TO_TEXT",
    "cacheKeyParameters": ["method.request.path.id"],
    "requestParameters": {"integration.request.header.Q": "method.request.path.id"},
    "requestTemplates": {"application/json": '{"statusCode": 200}'},
    "responses": {
        "default": {
            "statusCode": "200",
            "responseParameters": {"method.response.header.H": "integration.response.header.h"},
            "responseTemplates": {"application/json": "$input.params('id') $input.json('$.a')"},
        },
        "4..": {"statusCode": "400", "contentHandling": "CONVERT_TO_BINARY"},
    },
}
_AUTHORIZER = {
    "type": "request",
    "authorizerUri": LAMBDA,
    "identitySource": "method.request.header.Authorization",
    "authorizerResultTtlInSeconds": 0,
}
_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
        {
            "Effect": "Deny", "Principal": {"AWS": ["123412341234"]}, "NotAction": "s3:*", "Resource": "*",
            "Condition": {
                "IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]},
                "ForAllValues:StringLike": {"aws:UserAgent": ["a*", "${aws:PrincipalArn}"]},
                "DateLessThanIfExists": {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
            },
        },
    ],
}  # fmt: skip
_RESPONSES = {
    "DEFAULT_4XX": {
        "statusCode": 400,
        "responseParameters": {"gatewayresponse.header.A": "'x'"},
        "responseTemplates": {"application/json": "$context.error.messageString"},
    }
}
_MODEL = {
    "type": "object",
    "required": ["a"],
    "properties": {
        "a": {"type": "string", "pattern": "a+", "maxLength": 5},
        "b": {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
        "c": {"type": "array", "items": {"enum": [1, "x"]}, "uniqueItems": True},
    },
}
_EXTENSIONS: dict[str, Any] = {
    "x-amazon-apigateway-binary-media-types": ["image/png", "*/*"],
    "x-amazon-apigateway-minimum-compression-size": 100,
    "x-amazon-apigateway-api-key-source": "HEADER",
    "x-amazon-apigateway-gateway-responses": _RESPONSES,
    "x-amazon-apigateway-request-validators": {
        "all": {"validateRequestBody": True, "validateRequestParameters": True}
    },
    "x-amazon-apigateway-request-validator": "all",
    "x-amazon-apigateway-policy": _POLICY,
    "x-amazon-apigateway-documentation": {
        "version": "1",
        "documentationParts": [{"location": {"type": "API"}, "properties": {"info": "x"}}],
    },
}


def _operation(**more: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": ""}}, **more}


def _integration(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "httpMethod": "POST",
        "responses": {"default": {"statusCode": "200"}},
        **more,
    }


def swagger(function: str) -> dict[str, Any]:
    """A document of OpenAPI 2.0."""
    authorizer = _AUTHORIZER | {"authorizerUri": LAMBDA.format(function=function)}
    return {
        "swagger": "2.0",
        "info": {"title": "fuzzed", "version": "1"},
        "basePath": "/v1",
        **_EXTENSIONS,
        "securityDefinitions": {
            "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
            "guard": {
                "type": "apiKey", "name": "Authorization", "in": "header",
                "x-amazon-apigateway-authtype": "custom", "x-amazon-apigateway-authorizer": authorizer,
            },
        },
        "definitions": {"M": _MODEL, "N": {"$ref": "#/definitions/M"}},
        "paths": {
            "/a/{id}": {
                "post": _operation(
                    parameters=[
                        {"name": "id", "in": "path", "required": True, "type": "string"},
                        {"name": "q", "in": "query", "type": "string"},
                        {"in": "body", "name": "M", "schema": {"$ref": "#/definitions/M"}},
                    ],
                    **{"x-amazon-apigateway-integration": _MOCK},
                ),
                "get": _operation(
                    security=[{"guard": []}], **{"x-amazon-apigateway-integration": _MOCK}
                ),
                "put": _operation(
                    security=[{"key": []}],
                    **{
                        "x-amazon-apigateway-integration": _integration(
                            "aws", uri="arn:aws:apigateway:us-east-1:sqs:action/ListQueues"
                        )
                    },
                ),
                "delete": _operation(
                    **{
                        "x-amazon-apigateway-integration": _integration(
                            "aws_proxy", uri=LAMBDA.format(function=function)
                        )
                    }
                ),
            }
        },
    }  # fmt: skip


def openapi(function: str) -> dict[str, Any]:
    """A document of OpenAPI 3.0."""
    document = swagger(function)
    del document["swagger"], document["basePath"]
    schemes = document.pop("securityDefinitions")
    models = json.loads(
        json.dumps(document.pop("definitions")).replace("#/definitions/", "#/components/schemas/")
    )
    post = document["paths"]["/a/{id}"]["post"]
    post["parameters"] = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "q", "in": "query", "schema": {"type": "string"}},
    ]
    schema = {"$ref": "#/components/schemas/M"}
    post["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    server = {"url": "https://x.example/{base}", "variables": {"base": {"default": "v1"}}}
    return {
        "openapi": "3.0.1",
        "servers": [server],
        "components": {"schemas": models, "securitySchemes": schemes},
        **document,
    }


TEMPLATES = (
    '{"statusCode": 200, "a": $input.json("$.a")}',
    "#set($all = $input.params())\n{#foreach($kind in $all.keySet())#set($of = $all.get($kind))"
    '"$kind": {#foreach($name in $of.keySet())"$name": "$util.escapeJavaScript($of.get($name))"'
    "#if($foreach.hasNext),#end#end}#if($foreach.hasNext),#end#end}",
    "#set($x = $input.path('$'))#foreach($i in [1..50])$i $velocityCount $x.a.size() #end",
    "#macro(twice $a)$a$a#end#twice('x')#twice($context.requestId)",
    "#if($input.params('q') == 'x' && !$x || $context.stage.equals(\"dev\"))a#elseif(1 > 0.5)b#else c#end",
    "#set($context.responseOverride.status = 201)#set($context.responseOverride.header.H = 'v')$context.stage",
    "$util.urlEncode($input.body) $util.base64Decode($util.base64Encode('a')) $util.parseJson('{\"a\":[1]}').a[0]",
    "#set($map = {'a': 1})#set($map.b = [1, 'x', $map])$map.b[0] $map.keySet() $map.a.intValue()",
    "$stageVariables.x ${stageVariables.x} $!none ${none} $!{none.a.b()} \\$a \\\\$a #[[ $raw ]]# ## end",
    "#set($s = 'a,b,c')$s.split(',')[1] $s.replaceAll('(a|b)', 'x$1') $s.substring(1,2) $s.matches('.*') $s.length()",
    "#evaluate('#set($y = 3)$y')#break",
    "#set($n = 9007199254740993 * 3 / 2 % 7)$n #set($m = -1.5 + $n)$m",
)
"""Of Velocity."""

_PIECES = (
    "#", "$", "${", "}", "(", ")", "[", "]", "#end", "#foreach($a in ", "#if(", "#else", "#set($a = ", '"', "'", "\\",
    "..", "$a", "$input.", "$util.", ".get(", "[0]", "#macro(", "#[[", "]]#", "*", "/", "%", "-", "!", "&&", "||", "==",
    "\U0001f30a", "\x00", "9" * 40, "null", "true", "$context.requestOverride.path.id",
)  # fmt: skip


class Spoiler:
    """Makes valid things less valid."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def document(self, document: dict[str, Any]) -> dict[str, Any]:
        """A copy with a few changes."""
        made = copy.deepcopy(document)
        for _ in range(self.random.choice((0, 1, 1, 2, 3, 8))):
            with suppress(RecursionError):  # it is deeper than can be copied by now
                self._change(made)
        return made

    def _change(self, document: dict[str, Any]) -> None:
        choose = self.random.choice
        places: list[tuple[Any, Any]] = []
        left: list[Any] = [document]
        while left:
            value = left.pop()
            keys = list(value) if isinstance(value, dict) else range(len(value))
            for key in keys:
                places.append((value, key))
                if isinstance(value[key], dict | list):
                    left.append(value[key])
        if not places:
            return
        holder, key = choose(places)
        kind = self.random.random()
        if kind < 0.2:
            del holder[key]
        elif kind < 0.3 and isinstance(holder, dict):
            holder[str(choose(ODD))[:200]] = holder.pop(key)
        elif kind < 0.45:
            other, name = choose(places)
            holder[key] = copy.deepcopy(other[name])
        elif kind < 0.5:
            value: Any = holder[key]
            for _ in range(choose((5, 300))):
                value = choose(([value], {"a": value}, {"properties": {"a": value}}))
            holder[key] = value
        else:
            holder[key] = copy.deepcopy(choose(ODD))

    def template(self) -> str:
        """A template, changed somewhere; some nest deep, and some would never end."""
        choose, kind = self.random.choice, self.random.random()
        text = choose(TEMPLATES)
        if kind < 0.06:
            depth = choose((50, 2_000, 40_000))
            front, back = choose((("#if(true)", "#end"), ("$a.get(", ")"), ("[", "]"), ("(", ")")))
            return "#set($x = " + front * depth + "1" + back * depth + ")"
        if kind < 0.12:
            loops = choose((2, 4, 9))
            many = choose(("[1..999999999]", "[1..1000]", "$input.params().keySet()"))
            body = choose(("x", "#set($s = $s + $s + 'xx')", "#set($l = [$l, $l])$l"))
            return f"#foreach($i in {many})" * loops + body + "#end" * loops
        for _ in range(choose((0, 1, 1, 2, 5))):
            at = self.random.randrange(len(text) + 1)
            change = self.random.random()
            if change < 0.4:
                text = text[:at] + choose(_PIECES) + text[at:]
            elif change < 0.7:
                text = text[:at] + text[at + self.random.randrange(12) :]
            else:
                text = text[:at] + choose(TEMPLATES) + text[at:]
        return text

    def body(self) -> bytes:
        choose = self.random.choice
        return choose(
            (
                b"", b"{", b'{"a": "aa"}', b'{"a": "aa", "b": 1, "c": [1, "x"]}', b"\xff\xfe\x00", b"null",
                b"[" * 5_000,
                b'{"a":' * 3_000 + b"1" + b"}" * 3_000, b'{"a": "' + b"a" * 50_000 + b'"}', b"a=b&" * 50,
                json.dumps(choose(ODD)).encode("utf-8", "replace"), self.random.randbytes(64),
            )
        )  # fmt: skip
