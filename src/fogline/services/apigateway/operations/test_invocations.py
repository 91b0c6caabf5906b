"""Tests of methods and authorizers: run as they are now, without a deployment, and their log told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import orjson

from fogline.apis.access_policies import InvalidPolicy, decide
from fogline.apis.fields import Headers, parse_query
from fogline.apis.front import extended_id
from fogline.aws.call import Call
from fogline.ports.http import HttpResponse
from fogline.services.apigateway.errors import BadRequestException, NotFoundException
from fogline.services.apigateway.lookup import Request, Result, read_api, require_part
from fogline.services.apigateway.runtime.authorizers import ask, identity_of
from fogline.services.apigateway.runtime.compiled import CompiledApi
from fogline.services.apigateway.runtime.exchange import Exchange, Site
from fogline.services.apigateway.runtime.execution_log import ExecutionLog
from fogline.services.apigateway.runtime.faults import Fault
from fogline.services.apigateway.runtime.reply_headers import DROPPED_OF_REQUESTS
from fogline.services.apigateway.runtime.resource_policies import method_arn
from fogline.services.apigateway.runtime.road import integrate, refused
from fogline.services.apigateway.runtime.standing import Runtime
from fogline.services.apigateway.service import ApiGateway

_STAGE = "test-invoke-stage"
_HOST = "testPrefix.testDomainName"
_SOURCE_IP = "test-invoke-source-ip"
_OWN = frozenset(("x-amzn-requestid", "x-amz-apigw-id"))
_BODY_BYTES_MAX = 10 * 1024 * 1024


async def test_invoke_method(gateway: ApiGateway, call: Call, request: Request) -> Result:
    """Run a method, without authorizer, key or validation of who may call it; its answer and its log."""
    runtime = _runtime(gateway)
    api = read_api(gateway, call, request["restApiId"])
    resource = api["resources"].get(request["resourceId"])
    if resource is None:
        raise NotFoundException("Invalid Resource identifier specified")
    compiled = CompiledApi(api, "")
    target = compiled.method(resource, request["httpMethod"])
    if target is None:
        raise NotFoundException("Invalid Method identifier specified")
    path, _, query = (request.get("pathWithQueryString") or resource["path"]).partition("?")
    exchange = _exchange(runtime, call, compiled, request, path, query)
    exchange.target = target
    found = compiled.find(path, request["httpMethod"])
    if found is not None and found[0].resource_id == target.resource_id:
        exchange.path_parameters = found[1]
    log = exchange.log = ExecutionLog(runtime.clock, has_data=True, is_whole=True)
    log.request(exchange, path)
    try:
        if target.validation is not None:
            target.validation.check(exchange)
        response = await integrate(runtime, exchange, target)
        log.succeeded()
        log.completed(response.status)
    except Fault as fault:
        response = refused(exchange, fault)
    return _answer(runtime, exchange, response, log)


def _runtime(gateway: ApiGateway) -> Runtime:
    assert gateway.runtime is not None, "it is made with the service"
    return gateway.runtime


def _exchange(
    runtime: Runtime, call: Call, api: CompiledApi, request: Request, path: str, query: str
) -> Exchange:
    body = (request.get("body") or "").encode("utf-8", "replace")
    if len(body) > _BODY_BYTES_MAX:
        raise BadRequestException("The body of the test request is too large.")
    variables: Mapping[str, str] = request.get("stageVariables") or {}
    headers = Headers()
    for name, values in (request.get("multiValueHeaders") or {}).items():
        headers.put(name, list(values) or [""])
    for name, value in (request.get("headers") or {}).items():
        if name not in headers:
            headers.add(name, value)
    for name in DROPPED_OF_REQUESTS:
        headers.drop(name)
    return Exchange(
        site=Site(call.account, call.region, api, _STAGE, {}, variables),
        method=request["httpMethod"],
        path=unquote(path),
        sent_path=path,
        headers=headers,
        query=parse_query(query),
        body=body,
        host=_HOST,
        request_id=runtime.ids.uuid(),
        extended_id=extended_id(runtime.ids.bytes(14)),
        now=call.now,
        trace=call.trace,
        trace_header=call.trace.header(),
        source_ip=_SOURCE_IP,
        is_test=True,
    )


def _answer(
    runtime: Runtime, exchange: Exchange, response: HttpResponse, log: ExecutionLog
) -> dict[str, Any]:
    headers = Headers(pair for pair in response.headers if pair[0].lower() not in _OWN)
    if exchange.error is not None:
        headers.drop("content-type")  # recorded: test_failed_invoke_test_method
    body = response.body if isinstance(response.body, bytes) else b""
    return {
        "status": response.status,
        "body": body.decode("utf-8", "replace"),
        "headers": headers.single(),
        "multiValueHeaders": headers.multi(),
        "log": log.text(exchange.request_id),
        "latency": runtime.clock.now() - exchange.now,
    }


async def test_invoke_authorizer(gateway: ApiGateway, call: Call, request: Request) -> Result:
    """Ask an authorizer about a request; what it says, and its log."""
    runtime = _runtime(gateway)
    api = read_api(gateway, call, request["restApiId"])
    authorizer = require_part(api, "authorizers", request["authorizerId"], "Authorizer")
    if authorizer["type"] == "COGNITO_USER_POOLS":
        raise BadRequestException("Fogline has no Cognito user pools yet.")
    path, _, query = (request.get("pathWithQueryString") or "/").partition("?")
    compiled = CompiledApi(api, "")
    exchange = _exchange(runtime, call, compiled, {**request, "httpMethod": "GET"}, path, query)
    root = api["resources"][api["restApi"]["rootResourceId"]]
    exchange.target = compiled.any_method(root)
    log = ExecutionLog(runtime.clock, has_data=True, is_whole=True)
    log.add(f"Starting authorizer: {authorizer['id']} for request: {exchange.request_id}")
    told: dict[str, Any] = {}
    try:
        identity = identity_of(exchange, authorizer)
        log.add(f"Incoming identity: {', '.join('*' * min(len(one), 20) for one in identity)}")
        answer = await ask(runtime, exchange, authorizer, identity)
        policy = answer["policyDocument"]
        decision = decide(policy, method_arn(exchange))
        log.add(f"Using valid authorizer policy for principal: {'*' * 6}")
        log.add(f"The authorizer's policy says: {decision.value}")
        told = {
            "clientStatus": 0,
            "principalId": answer["principalId"],
            "policy": _json(policy),
            "authorization": {},
            "claims": dict(answer["context"]),
        }
    except Fault as fault:
        log.failed(fault.reason)
        told = {"clientStatus": fault.kind.status}
    except InvalidPolicy as invalid:
        log.failed(f"Invalid policy: {invalid}")
        told = {"clientStatus": 500}
    latency = runtime.clock.now() - call.now
    return {**told, "log": log.text(exchange.request_id), "latency": latency}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
