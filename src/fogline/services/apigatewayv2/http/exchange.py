"""An exchange: one request on its way through an HTTP API, and what has become known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from fogline.aws.call import Trace
from fogline.aws.http_events import clock_text
from fogline.ports.http import HttpRequest, InnerCaller
from fogline.services.apigatewayv2.websocket.reading import parsed

if TYPE_CHECKING:
    from fogline.services.apigatewayv2.http.compiled import HttpApi, Route
    from fogline.services.apigatewayv2.sites import Site

_UNREAD: Any = object()
_SELECTED_BYTES_MAX = 100 * 1024
"""What is looked at of a body where a part of it is selected; AWS's number."""
_NO_IDENTITY = (
    "accessKey",
    "accountId",
    "caller",
    "cognitoAmr",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "principalOrgId",
    "user",
    "userArn",
)


class Authorized(NamedTuple):
    """Who calls, as the route's authorizer knows it."""

    kind: str
    """`jwt`, `lambda` or `iam`, as functions are told."""
    value: Mapping[str, Any] | None
    principal_id: str = ""


@dataclass(slots=True)
class Exchange:
    """Header names are lower-case, several values stand between commas."""

    site: Site
    api: HttpApi
    method: str
    path: str
    """Within the stage, decoded."""
    told_path: str
    """As functions are told it in format 2.0: with a named stage before it, without the base path of a domain name."""
    sent_path: str
    """As the client sent it, decoded."""
    base_path: str
    """The base path of a custom domain name's mapping; "" for none."""
    headers: dict[str, str]
    raw_headers: Sequence[tuple[bytes, bytes]]
    """One by one, for those who must tell several values of one name."""
    raw_query: str
    query: dict[str, list[str]]
    body: bytes
    host: str
    scheme: str
    request_id: str
    now: int
    trace: Trace
    trace_header: str
    source_ip: str = "127.0.0.1"
    domain: str = ""
    """The custom domain name by which the request came, or ""."""
    caller: InnerCaller | None = None
    """Who asks from inside, and need not sign for it."""
    request: HttpRequest | None = None
    """As it came, for those who check its signature."""
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    route: Route | None = None
    authorized: Authorized | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    """What logs tell beside, by their names in `$context`."""
    _document: Any = _UNREAD

    @property
    def route_key(self) -> str:
        return self.route.key if self.route is not None else ""

    @property
    def domain_name(self) -> str:
        """With the port, unless it is a custom one: functions make addresses of it that have to lead back here."""
        return self.domain or self.host

    @property
    def domain_prefix(self) -> str:
        return self.domain_name.partition(":")[0].partition(".")[0]

    @property
    def port(self) -> str:
        return self.host.rpartition(":")[2] if ":" in self.host else "443"

    @property
    def route_arn(self) -> str:
        """The ARN under which policies name what is invoked."""
        site = self.site
        return (
            f"arn:aws:execute-api:{site.region}:{site.account}:{site.api_id}/{site.stage_name}/"
            f"{self.method}/{self.path.lstrip('/')}"
        )

    def condition_keys(self) -> dict[str, str]:
        """The circumstances of a request, as conditions of policies name them."""
        keys = {
            "aws:sourceip": self.source_ip,
            "aws:currenttime": str(self.now / 1000),
            "aws:epochtime": str(self.now // 1000),
            "aws:securetransport": str(self.scheme == "https").lower(),
            "aws:requestedregion": self.site.region,
        }
        for key, name in (("aws:useragent", "user-agent"), ("aws:referer", "referer")):
            if name in self.headers:
                keys[key] = self.headers[name]
        return keys

    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def document(self) -> Any:
        """The body as JSON, or NO_JSON."""
        if self._document is _UNREAD:
            self._document = parsed(self.body[:_SELECTED_BYTES_MAX])
        return self._document

    def identity(self) -> dict[str, Any]:
        """`$context.identity`, `requestContext.identity`."""
        identity: dict[str, Any] = dict.fromkeys(_NO_IDENTITY)
        if self.authorized is not None and self.authorized.kind == "iam":
            signer = self.authorized.value or {}
            identity |= {
                "accessKey": signer.get("accessKey"),
                "accountId": signer.get("accountId"),
                "caller": signer.get("callerId"),
                "user": signer.get("userId"),
                "userArn": signer.get("userArn"),
            }
        identity["sourceIp"] = self.source_ip
        identity["userAgent"] = self.headers.get("user-agent")
        return identity

    def authorizer(self) -> dict[str, Any]:
        """`$context.authorizer`, and what functions of payload format 1.0 are told; nothing where nobody authorizes."""
        known = self.authorized
        if known is None or known.kind == "iam":
            return {}
        beside = {"principalId": known.principal_id} if known.principal_id else {}
        return {"claims": None, "scopes": None, **(known.value or {}), **beside}

    def context(self) -> dict[str, Any]:
        """`$context` of parameter mappings, identity sources and logs."""
        site = self.site
        context: dict[str, Any] = {
            "accountId": site.account,
            "apiId": site.api_id,
            "authorizer": self.authorizer(),
            "domainName": self.domain_name,
            "domainPrefix": self.domain_prefix,
            "extendedRequestId": self.request_id,
            "httpMethod": self.method,
            "identity": self.identity(),
            "path": self.sent_path,
            "protocol": "HTTP/1.1",
            "requestId": self.request_id,
            "requestTime": clock_text(self.now),
            "requestTimeEpoch": self.now,
            "routeKey": self.route_key,
            "stage": site.stage_name,
        }
        if self.base_path:
            context["customDomain"] = {"basePathMatched": self.base_path}
        return context
