"""The cases of REST APIs: a mock, a function behind a proxy, and a queue without any function. See `load.py`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from load import Figures, Maker, _function, _once, case, make_zip, play, replay

_ROLE = "arn:aws:iam::000000000000:role/bench"
_CODE = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'hello'}\n"
_JSON = "application/json"


def _api(maker: Maker, name: str, verb: str, **integration: Any) -> str:
    """Make an API with one method, and deploy it; its id."""
    client = maker.client("apigateway")
    made = client.create_rest_api(name=name)
    api = made["id"]
    resource = client.create_resource(
        restApiId=api, parentId=made["rootResourceId"], pathPart="{pet}"
    )
    where = {"restApiId": api, "resourceId": resource["id"], "httpMethod": verb}
    client.put_method(**where, authorizationType="NONE")
    client.put_integration(**where, **integration)
    client.put_method_response(**where, statusCode="200")
    if integration["type"] != "AWS_PROXY":
        templates = {_JSON: '{"pet": "$input.params(\'pet\')", "by": "$context.stage"}'}
        client.put_integration_response(**where, statusCode="200", responseTemplates=templates)
    client.create_deployment(restApiId=api, stageName="dev")
    return str(api)


def _request(maker: Maker, api: str, verb: str, body: bytes = b"") -> bytes:
    lines = [
        f"{verb} /dev/anna?color=blue HTTP/1.1",
        f"host: {api}.execute-api.localhost:{urlsplit(maker.url).port}",
        "user-agent: bench",
    ]
    if body:
        lines += [f"content-type: {_JSON}", f"content-length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@case("rest-mock", "REST API, mock with templates", share=0.08)
async def rest_mock(maker: Maker, seconds: float) -> Figures:
    api = _api(maker, "mock", "GET", type="MOCK", requestTemplates={_JSON: '{"statusCode": 200}'})
    return await replay(maker, [_request(maker, api, "GET")], seconds)


@case("rest-lambda-proxy", "REST API, Lambda proxy, warm", p50_ms=1.3)
async def rest_lambda_proxy(maker: Maker, seconds: float) -> Figures:
    _function(maker, "behind-rest-api", code=make_zip("index.py", _CODE))
    function = "arn:aws:lambda:us-east-1:000000000000:function:behind-rest-api"
    address = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions"
    uri = f"{address}/{function}/invocations"
    api = _api(maker, "proxy", "POST", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    raw = _request(maker, api, "POST", b'{"hello": "world"}')
    await play(maker.url, [_once([raw] * 20)])
    return await replay(maker, [raw], seconds, 1)


@case("rest-queue", "REST API, SQS SendMessage by a template", share=0.025)
async def rest_queue(maker: Maker, seconds: float) -> Figures:
    maker.client("sqs").create_queue(QueueName="behind-rest-api")
    api = _api(
        maker,
        "queue",
        "POST",
        type="AWS",
        integrationHttpMethod="POST",
        credentials=_ROLE,
        uri="arn:aws:apigateway:us-east-1:sqs:path/000000000000/behind-rest-api",
        requestParameters={
            "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"
        },
        requestTemplates={_JSON: "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"},
    )
    return await replay(maker, [_request(maker, api, "POST", b'{"hello": "world"}')], seconds)
