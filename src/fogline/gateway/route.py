"""Which service, which operation, which protocol is this?

Asked in this order: `X-Amz-Target`; the path of CBOR requests; a host that names the service; the credential
scope; the API version of unsigned query requests; the path of unsigned REST requests. What is left is S3's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from fogline.aws.errors import AwsError
from fogline.gateway import service_index
from fogline.gateway.guard import host_name
from fogline.gateway.models import ServiceModel, load_service
from fogline.gateway.protocols import Codec, codec, match_rest, operation_of
from fogline.gateway.virtual_hosts import bucket_of_host, with_bucket
from fogline.ports.http import HttpRequest

_REMEMBERED_MAX = 4_096
_LOCAL = ".localhost"
_LINKS = frozenset(("ConfirmSubscription", "Unsubscribe"))
"""What the links in SNS's messages ask for, to which people and endpoints only go."""
_FORM = "application/x-www-form-urlencoded"


class UnknownService(AwsError):
    """Nothing in the request names a service we know of."""

    code = "UnknownServiceException"
    status = 404
    message = "This request names no AWS service. Fogline speaks the AWS API; see /_fogline/health."


class UnknownName(AwsError):
    """A name like those of custom domain names and buckets, which nothing here has."""

    code = "UnknownNameException"
    status = 404
    message = (
        "Nothing here has the name {name}: no custom domain name of an API (any more). "
        "`fogline api list` shows the addresses that there are."
    )


class InvalidAction(AwsError):
    """The service has no operation of that name, or the request names none."""

    message = (
        "The action or operation requested is invalid. Verify that the action is typed correctly."
    )


class UnroutableOperation(AwsError):
    """A REST request that fits no operation of its service."""

    code = "UnknownOperationException"
    status = 404
    message = "{service} has no operation for {method} {path}"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes: its operation by AWS's name, and the codec of its protocol."""

    service: str
    operation: str
    codec: Codec
    path_params: Mapping[str, str]


class Misrouted(Exception):
    """A request that cannot be routed: what to refuse it with, and how its client would read that."""

    def __init__(self, error: AwsError, service: str, protocol: str) -> None:
        super().__init__(error.text)
        self.error = error
        self.service = service
        self.protocol = protocol


class Router:
    """Routes requests. `is_built` tells which services are here, for names that several share."""

    def __init__(self, is_built: Callable[[str], bool]) -> None:
        self._is_built = is_built
        self._targets: dict[str, Route] = {}

    def route(self, request: HttpRequest, signing_name: str) -> Route:
        """Where a request goes. Raises Misrouted."""
        target = request.headers.get("x-amz-target")
        if target is not None:
            return self._targets.get(target) or self._by_target(target, request)
        path = request.path
        if path.startswith("/service/") and "smithy-protocol" in request.headers:
            return self._by_cbor_path(path, request)
        service = (
            self._by_host(request)
            or self._by_scope(signing_name, path)
            or self._by_version(request)
            or self._by_path(path)
            or _what_is_left(request)
        )
        if service == "s3":
            bucket = bucket_of_host(request.headers.get("host", ""))
            if bucket:
                request.target = with_bucket(request.target, bucket)
        return self._in_service(load_service(service), request)

    def _by_target(self, target: str, request: HttpRequest) -> Route:
        prefix, _, operation = target.rpartition(".")
        service = service_index.by_target_prefix().get(prefix)
        if service is None:
            raise Misrouted(UnknownService(), "", "json")
        model = load_service(service)
        if operation not in model.operations:
            raise Misrouted(_UnknownOperation(), service, "json")
        route = Route(service, operation, codec(model, operation, "json"), {})
        if len(self._targets) < _REMEMBERED_MAX:
            self._targets[target] = route
        return route

    def _by_cbor_path(self, path: str, request: HttpRequest) -> Route:
        parts = path.split("/")
        service = service_index.by_target_prefix().get(parts[2]) if len(parts) == 5 else None
        if service is None:
            raise Misrouted(UnknownService(), "", "smithy-rpc-v2-cbor")
        model = load_service(service)
        if parts[3] != "operation" or parts[4] not in model.operations:
            raise Misrouted(_UnknownOperation(), service, "smithy-rpc-v2-cbor")
        return Route(service, parts[4], codec(model, parts[4], "smithy-rpc-v2-cbor"), {})

    def _by_host(self, request: HttpRequest) -> str | None:
        host = host_name(request.headers.get("host", ""))
        name, _, rest = host.rpartition(".")
        if not name or rest.isdigit():
            return None
        labels = host.split(".")
        if "s3" in labels[:-1] or "s3-website" in labels[:-1]:
            return "s3"
        # sqs.us-east-1.localhost..., queue.localhost...: the first label names the service.
        if labels[0] in ("queue", "sqs") or (len(labels) > 1 and labels[1] == "queue"):
            return "sqs"
        return None

    def _by_scope(self, signing_name: str, path: str) -> str | None:
        if signing_name == "apigateway" and path.startswith("/v2/"):
            return "apigatewayv2"  # which shares its signing name with REST APIs
        names = service_index.by_signing_name().get(signing_name, ())
        return next((name for name in names if self._is_built(name)), names[0] if names else None)

    def _by_version(self, request: HttpRequest) -> str | None:
        values = parse_qs(request.query)
        if request.headers.get("content-type", "").startswith(_FORM):
            values |= parse_qs(request.body[:4096].decode("latin-1"))
        if "Action" not in values:
            return None
        if "Version" not in values and values["Action"][0] in _LINKS:
            return "sns"
        names = service_index.by_api_version().get(values.get("Version", [""])[0], ())
        built = [name for name in names if self._is_built(name)]
        if built:
            return built[0]
        return names[0] if names else "sqs"

    @staticmethod
    def _by_path(path: str) -> str | None:
        # Clients that cannot sign (curl in a README) reach Lambda by its dated paths.
        if path.startswith(("/2015-03-31/functions", "/2015-03-31/event-source-mappings")):
            return "lambda"
        return None

    def _in_service(self, model: ServiceModel, request: HttpRequest) -> Route:
        for protocol in model.protocols:
            if protocol in ("rest-json", "rest-xml"):
                try:
                    found = match_rest(model, request)
                except AwsError as malformed:
                    raise Misrouted(malformed, model.name, protocol) from None
                if found is None:
                    raise Misrouted(
                        UnroutableOperation(
                            service=model.name, method=request.method, path=request.path[:200]
                        ),
                        model.name,
                        protocol,
                    )
                operation, path_params = found
                return Route(model.name, operation, codec(model, operation, protocol), path_params)
            if protocol in ("query", "ec2"):
                name = operation_of(model, protocol, request)
                if name is not None and name in model.operations:
                    params = _queue_of(request, name) if model.name == "sqs" else {}
                    return Route(model.name, name, codec(model, name, protocol), params)
                if name is None and model.name == "sqs":
                    raise Misrouted(NoOperation(), model.name, protocol)
        protocol = "query" if "query" in model.protocols else model.protocol
        raise Misrouted(_unknown_operation(model), model.name, protocol)


def _unknown_operation(model: ServiceModel) -> AwsError:
    if "query" in model.protocols or "ec2" in model.protocols:
        return InvalidAction()
    return _UnknownOperation()


class _UnknownOperation(AwsError):
    code = "UnknownOperationException"


class NoOperation(AwsError):
    """A query request without an action, which AWS answers with a bare element."""

    code = "UnknownOperationException"
    status = 404


_WITHOUT_QUEUE = frozenset(("CreateQueue", "GetQueueUrl", "ListQueues"))


def _queue_of(request: HttpRequest, operation: str) -> dict[str, str]:
    """A query request may go to the URL of the queue it is about, and then need not name it again."""
    path = request.path
    if path.count("/") < 2:
        return {}
    if operation == "ListQueues":
        refused = InvalidAction(f"The action {operation} is not valid for this endpoint.")
        raise Misrouted(refused, "sqs", "query")
    if operation in _WITHOUT_QUEUE:
        return {}
    return {"QueueUrl": f"http://{request.headers.get('host', 'localhost')}{path}"}


def _what_is_left(request: HttpRequest) -> str:
    """S3, but for names that only custom domain names have: `api.example.com.localhost`. Raises Misrouted."""
    host = host_name(request.headers.get("host", ""))
    if host.endswith(_LOCAL) and host.count(".") > 1:
        raise Misrouted(UnknownName(name=host[:200]), "", "json")
    return "s3"
