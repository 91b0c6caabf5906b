"""Events of function URLs: an HTTP request as its function is told of it.

Form: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

from typing import Any

from fogline.apis.fields import parse_query
from fogline.apis.requests import source_ip
from fogline.apis.signatures import Signer
from fogline.aws.call import Trace
from fogline.aws.http_events import proxy_event, request_context
from fogline.ports.http import HttpRequest

_NOT_TOLD = frozenset(("connection", "keep-alive", "te", "trailer", "transfer-encoding"))


def event_of(
    request: HttpRequest,
    body: bytes,
    identifier: str,
    request_id: str,
    now: int,
    trace: Trace,
    signer: Signer | None,
) -> dict[str, Any]:
    """The event of payload format 2.0; unlike HTTP APIs, function URLs tell the path percent-encoded."""
    host = request.headers.get("host", "")
    address = source_ip(request)
    headers = {name: value for name, value in request.headers.items() if name not in _NOT_TOLD}
    for name, value in _told_beside(host, address, trace).items():
        headers.setdefault(name, value)
    context = request_context(
        account="anonymous" if signer is None else signer.principal.account,
        api=identifier,
        host=host,
        prefix=identifier,
        method=request.method,
        path=request.path,
        source_ip=address,
        user_agent=headers.get("user-agent", ""),
        request_id=request_id,
        route_key="$default",
        stage="$default",
        now=now,
        authorizer=None if signer is None else {"iam": _identity(signer)},
    )
    return proxy_event(
        context=context,
        raw_query=request.query,
        headers=headers,
        query=parse_query(request.query),
        body=body,
    )


def _identity(signer: Signer) -> dict[str, Any]:
    principal = signer.principal
    return {
        "accessKey": signer.access_key,
        "accountId": principal.account,
        "callerId": principal.user_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": principal.arn,
        "userId": principal.user_id,
    }


def _told_beside(host: str, address: str, trace: Trace) -> dict[str, str]:
    """What AWS tells functions of the way on which a request came; to AWS that is always TLS."""
    return {
        "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
        "x-amzn-tls-version": "TLSv1.3",
        "x-amzn-trace-id": f"Root={trace.trace_id}",
        "x-forwarded-for": address,
        "x-forwarded-port": host.partition(":")[2] or "443",
        "x-forwarded-proto": "https" if ":" not in host else "http",
    }
