"""An exchange: one request on its way through an API, and what has become known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fogline.apis.fields import Headers, last_values
from fogline.aws.call import Trace
from fogline.aws.velocity.gateway import MappingVariables, Parameters
from fogline.ports.http import HttpRequest, InnerCaller

if TYPE_CHECKING:
    from fogline.services.apigateway.runtime.compiled import CompiledApi, CompiledMethod
    from fogline.services.apigateway.runtime.execution_log import ExecutionLog

_NO_IDENTITY = (
    "accessKey",
    "accountId",
    "caller",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "principalOrgId",
    "user",
    "userArn",
)


@dataclass(frozen=True, slots=True)
class Site:
    """What a request reached: a deployment of an API, under one of its stages."""

    account: str
    region: str
    api: CompiledApi
    stage_name: str
    stage: Mapping[str, Any]
    variables: Mapping[str, str]
    is_canary: bool = False


@dataclass(slots=True)
class Exchange:
    """`path` is within the stage and decoded, `sent_path` is what the client asked for, without the query.

    `base_path` is that of the custom domain name's mapping by which the request came, or "".
    """

    site: Site
    method: str
    path: str
    sent_path: str
    headers: Headers
    query: dict[str, list[str]]
    body: bytes
    host: str
    request_id: str
    extended_id: str
    now: int
    trace: Trace
    trace_header: str
    source_ip: str = "127.0.0.1"
    scheme: str = "http"
    raw_query: str = ""
    base_path: str = ""
    domain: str = ""
    """The custom domain name by which the request came, or ""."""
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    target: CompiledMethod | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the stage says of the method."""
    is_cache_hit: bool | None = None
    """Whether the stage's cache knew the answer; None where nothing is cached."""
    authorizer: Mapping[str, Any] | None = None
    api_key: str | None = None
    api_key_id: str | None = None
    usage_key: str | None = None
    iam_identity: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    """What logs tell beside: `integration.latency` and the like, by their names in `$context`."""
    caller: InnerCaller | None = None
    request: HttpRequest | None = None
    """As it came, for those who check its signature; its body is in `sent_body`."""
    sent_body: bytes = b""
    is_test: bool = False
    log: ExecutionLog | None = None
    _variables: MappingVariables | None = None

    def context(self) -> dict[str, Any]:
        """What templates and functions are told of the request: `$context`, `requestContext`."""
        site, target = self.site, self.target
        moment = datetime.fromtimestamp(self.now / 1000, UTC)
        # With its port: functions make addresses of it that have to lead back here.
        domain = self.domain or self.host
        identity: dict[str, Any] = dict.fromkeys(_NO_IDENTITY)
        identity["sourceIp"] = self.source_ip
        identity["userAgent"] = self.headers.find("user-agent")
        if self.api_key is not None:
            identity["apiKey"] = self.api_key
            identity["apiKeyId"] = self.api_key_id
        if self.iam_identity is not None:
            identity.update(self.iam_identity)
        context: dict[str, Any] = {
            "accountId": site.account,
            "apiId": site.api.id,
            "deploymentId": site.api.deployment_id,
            "domainName": domain,
            "domainPrefix": domain.partition(":")[0].partition(".")[0],
            "extendedRequestId": self.extended_id,
            "httpMethod": self.method,
            "identity": identity,
            "path": self.sent_path,
            "protocol": "HTTP/1.1",
            "requestId": self.request_id,
            "requestTime": moment.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": self.now,
            "stage": site.stage_name,
        }
        if target is not None:
            context["resourceId"] = target.resource_id
            context["resourcePath"] = target.resource_path
            if target.operation_name:
                context["operationName"] = target.operation_name
        if self.authorizer is not None:
            context["authorizer"] = self.authorizer
        if "canarySettings" in site.stage:
            context["isCanaryRequest"] = str(site.is_canary).lower()
        if self.error is not None:
            context["error"] = self.error
        return context

    @property
    def has_no_variables(self) -> bool:
        """True until a template has run that could have set overrides."""
        return self._variables is None

    def variables(self) -> MappingVariables:
        """What all mapping templates of the exchange share."""
        if self._variables is None:
            self._variables = MappingVariables(
                self.context(), self.site.variables, self.parameters()
            )
        return self._variables

    def parameters(self) -> Parameters:
        """The request's parameters as `$input.params()` tells them."""
        return Parameters(self.path_parameters, last_values(self.query), self.headers.single())

    def text(self) -> str:
        """The body as text; what is no UTF-8 is replaced, as API Gateway does (recorded)."""
        return self.body.decode("utf-8", "replace")
