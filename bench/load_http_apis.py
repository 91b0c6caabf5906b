"""The cases of HTTP APIs: a function behind one, and a queue without any function. See `load.py`."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from load import Figures, Maker, _function, _once, case, make_zip, play, replay

_ROLE = "arn:aws:iam::000000000000:role/bench"
_CODE = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'hello'}\n"


def _api(maker: Maker, name: str, **integration: Any) -> str:
    """Make an API with one route; its id."""
    client = maker.client("apigatewayv2")
    api = client.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
    made = client.create_integration(ApiId=api, IntegrationType="AWS_PROXY", **integration)
    target = f"integrations/{made['IntegrationId']}"
    client.create_route(ApiId=api, RouteKey="POST /pets/{id}", Target=target)
    client.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return str(api)


def _request(maker: Maker, api: str) -> bytes:
    body = json.dumps({"hello": "world"}).encode()
    lines = (
        "POST /pets/7?color=blue HTTP/1.1",
        f"host: {api}.execute-api.localhost:{urlsplit(maker.url).port}",
        "user-agent: bench",
        "content-type: application/json",
        f"content-length: {len(body)}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@case("http-api-lambda", "HTTP API, Lambda proxy, warm", p50_ms=1.1)
async def http_api_lambda(maker: Maker, seconds: float) -> Figures:
    _function(maker, "behind-http-api", code=make_zip("index.py", _CODE))
    arn = "arn:aws:lambda:us-east-1:000000000000:function:behind-http-api"
    raw = _request(maker, _api(maker, "functions", IntegrationUri=arn, PayloadFormatVersion="2.0"))
    await play(maker.url, [_once([raw] * 20)])
    return await replay(maker, [raw], seconds, 1)


@case("http-api-queue", "HTTP API, SQS-SendMessage", share=0.03)
async def http_api_queue(maker: Maker, seconds: float) -> Figures:
    queue = maker.client("sqs").create_queue(QueueName="behind-http-api")["QueueUrl"]
    api = _api(
        maker,
        "queues",
        IntegrationSubtype="SQS-SendMessage",
        CredentialsArn=_ROLE,
        PayloadFormatVersion="1.0",
        RequestParameters={"QueueUrl": queue, "MessageBody": "$request.body"},
    )
    return await replay(maker, [_request(maker, api)], seconds)
