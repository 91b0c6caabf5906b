"""An exchange: one connecting, message or disconnecting on its way through an API, and what has become known of it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fogline.apis.fields import Headers, last_values
from fogline.aws.call import Trace
from fogline.aws.velocity.gateway import MappingVariables, Parameters
from fogline.ports.http import HttpRequest
from fogline.services.apigatewayv2.websocket.peer import Peer
from fogline.services.apigatewayv2.websocket.reading import parsed, value_at, within
from fogline.world.ids import Ids

if TYPE_CHECKING:
    from fogline.services.apigatewayv2.sites import Site
    from fogline.services.apigatewayv2.websocket.compiled import Route

CONNECT, MESSAGE, DISCONNECT = "CONNECT", "MESSAGE", "DISCONNECT"
_ID_BYTES = 11
_UNREAD: Any = object()


def new_id(ids: Ids) -> str:
    """The id of a connection, a request or a message, of the form of API Gateway's: `L0SM9cOFvHcCIhw=`."""
    return base64.urlsafe_b64encode(ids.bytes(_ID_BYTES)).decode()


@dataclass(slots=True)
class Exchange:
    """`headers` and `query` are those of the request by which a client connects, and empty later."""

    site: Site
    peer: Peer
    event: str
    """CONNECT, MESSAGE or DISCONNECT."""
    route_key: str
    now: int
    request_id: str
    trace: Trace
    body: str = ""
    message_id: str = ""
    headers: Headers = field(default_factory=Headers)
    query: dict[str, list[str]] = field(default_factory=dict)
    request: HttpRequest | None = None
    """As it came, for those who check its signature; None for messages."""
    scheme: str = "http"
    trace_header: str = ""
    disconnect_code: int = 0
    disconnect_reason: str = ""
    route: Route | None = None
    authorizer: Mapping[str, Any] | None = None
    identity: Mapping[str, Any] | None = None
    error: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    """What logs tell beside, by their names in `$context`."""
    _document: Any = _UNREAD
    _variables: MappingVariables | None = None

    def context(self) -> dict[str, Any]:
        """What functions and templates are told: `requestContext`, `$context`."""
        peer = self.peer
        moment = datetime.fromtimestamp(self.now / 1000, UTC)
        context: dict[str, Any] = {"routeKey": self.route_key}
        if self.event == DISCONNECT:
            context["disconnectStatusCode"] = self.disconnect_code
        if self.message_id:
            context["messageId"] = self.message_id
        if self.authorizer is not None:
            context["authorizer"] = dict(self.authorizer)
        context["eventType"] = self.event
        context["extendedRequestId"] = self.request_id
        context["requestTime"] = moment.strftime("%d/%b/%Y:%H:%M:%S +0000")
        context["messageDirection"] = "IN"
        if self.event == DISCONNECT:
            context["disconnectReason"] = self.disconnect_reason
        context["stage"] = peer.stage
        context["connectedAt"] = peer.connected_at
        context["requestTimeEpoch"] = self.now
        identity: dict[str, Any] = dict(self.identity or {})
        if peer.user_agent:
            identity["userAgent"] = peer.user_agent
        identity["sourceIp"] = peer.source_ip
        context["identity"] = identity
        context["requestId"] = self.request_id
        # With its port: functions make addresses of it that have to lead back here.
        context["domainName"] = peer.host
        context["connectionId"] = peer.id
        context["apiId"] = peer.api
        return context

    @property
    def document(self) -> Any:
        """The body as JSON, or NO_JSON."""
        if self._document is _UNREAD:
            self._document = parsed(self.body)
        return self._document

    def value(self, name: str) -> Any:
        """What a variable of a selection expression, or a mapped parameter, stands for; None for nothing."""
        front, _, rest = name.partition(".")
        if front == "context":
            return within(self.context(), rest)
        if front == "stageVariables":
            return self.site.variables.get(rest)
        where, _, rest = name.removeprefix("request.").partition(".")
        if where == "header":
            return self.headers.find(rest)
        if where == "querystring":
            return self.query.get(rest, [None])[-1]
        if name.startswith("request.body"):
            return value_at(self.document, name.removeprefix("request.body"))
        return None

    @property
    def has_no_variables(self) -> bool:
        """True until a template has run that could have set overrides."""
        return self._variables is None

    def variables(self) -> MappingVariables:
        """What all mapping templates of the exchange share."""
        if self._variables is None:
            context = self.context()
            context["accountId"] = self.site.account
            context["isBase64Encoded"] = False
            parameters = Parameters({}, last_values(self.query), self.headers.single())
            self._variables = MappingVariables(context, self.site.variables, parameters)
        return self._variables
