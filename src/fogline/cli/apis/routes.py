"""What an API answers to: each of its routes with what stands behind and before it, and how to try it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fogline.apis.integration_addresses import function_of, read_address
from fogline.cli.apis.finding import REST, WEBSOCKET, Api
from fogline.cli.client import Client

_PAGE = 500
_VARIABLE = re.compile(r"\{([^}+]+)\+?\}")


@dataclass(frozen=True, slots=True)
class Route:
    """One route. `method` is "" where it is found by its key alone: of WebSocket APIs, and `$default`."""

    method: str
    path: str
    integration: str
    """What answers, in words; "" when nothing does."""
    authorizer: str
    """Who has a say first: `IAM`, or the name of an authorizer; "" for nobody."""
    needs_key: bool

    @property
    def is_open(self) -> bool:
        return not self.authorizer and not self.needs_key


def routes(server: Client, api: Api) -> list[Route]:
    """The routes of an API as it is defined now, by path."""
    found = _rest_routes(server, api.id) if api.kind == REST else _routes(server, api.id)
    return sorted(found, key=lambda route: (route.path.startswith("$"), route.path, route.method))


def _rest_routes(server: Client, api: str) -> Iterable[Route]:
    asked: dict[str, Any] = {"restApiId": api, "limit": _PAGE}
    names = {
        each["id"]: each.get("name", each["id"])
        for page in server.pages("apigateway", "GetAuthorizers", "position", **asked)
        for each in page.get("items", [])
    }
    asked["embed"] = ["methods"]
    for page in server.pages("apigateway", "GetResources", "position", **asked):
        for resource in page.get("items", []):
            for verb, method in (resource.get("resourceMethods") or {}).items():
                yield Route(
                    verb,
                    resource["path"],
                    _rest_integration(method.get("methodIntegration")),
                    _authorizer(method.get("authorizationType"), method.get("authorizerId"), names),
                    bool(method.get("apiKeyRequired")),
                )


def _routes(server: Client, api: str) -> Iterable[Route]:
    integrations = {
        each["IntegrationId"]: each
        for page in server.pages("apigatewayv2", "GetIntegrations", "NextToken", ApiId=api)
        for each in page.get("Items", [])
    }
    names = {
        each["AuthorizerId"]: each.get("Name", each["AuthorizerId"])
        for page in server.pages("apigatewayv2", "GetAuthorizers", "NextToken", ApiId=api)
        for each in page.get("Items", [])
    }
    for page in server.pages("apigatewayv2", "GetRoutes", "NextToken", ApiId=api):
        for route in page.get("Items", []):
            method, space, path = str(route["RouteKey"]).partition(" ")
            target = str(route.get("Target") or "").removeprefix("integrations/")
            yield Route(
                method if space else "",
                path if space else method,
                _integration(integrations.get(target)),
                _authorizer(route.get("AuthorizationType"), route.get("AuthorizerId"), names),
                bool(route.get("ApiKeyRequired")),
            )


def _authorizer(kind: str | None, authorizer: str | None, names: Mapping[str, str]) -> str:
    if kind in (None, "NONE"):
        return ""
    return "IAM" if kind == "AWS_IAM" else names.get(authorizer or "", str(kind))


def _rest_integration(integration: Mapping[str, Any] | None) -> str:
    if not integration:
        return ""
    kind, uri = str(integration.get("type", "")), str(integration.get("uri") or "")
    if kind == "MOCK":
        return "mock"
    return _target(uri, integration.get("httpMethod"), is_mapped=kind == "AWS")


def _integration(integration: Mapping[str, Any] | None) -> str:
    if not integration:
        return ""
    kind = str(integration.get("IntegrationType", ""))
    if kind == "MOCK":
        return "mock"
    if subtype := integration.get("IntegrationSubtype"):
        service, _, action = str(subtype).partition("-")
        return f"{service.lower()} {action}"
    uri = str(integration.get("IntegrationUri") or "")
    return _target(uri, integration.get("IntegrationMethod"), is_mapped=kind == "AWS")


def _target(uri: str, method: str | None, *, is_mapped: bool) -> str:
    function = function_of(uri) or (uri if uri.startswith("arn:aws:lambda:") else None)
    if function is not None:
        name = function.partition(":function:")[2] or function
        return f"function {name}{' (mapped)' if is_mapped else ''}"
    address = read_address(uri)
    if address is None:
        return f"{method or 'ANY'} {uri}"
    if address.action:
        return f"{address.service} {address.action}"
    return f"{address.service} {method or ''} {address.path}".replace("  ", " ")


# ---- trying


def first_to_try(found: list[Route]) -> Route | None:
    """The route that is tried most easily: read before written, open before guarded, without variables before with."""
    return min((route for route in found if route.integration), key=_effort, default=None)


def _effort(route: Route) -> tuple[bool, ...]:
    is_read = route.method in ("GET", "ANY") or route.path == "$default"
    return not is_read, not route.is_open, "{" in route.path, route.path == "$default"


def curl_of(url: str, route: Route, trust: str = "") -> str:
    """A line for a shell that calls a route of the stage at that address; `trust` makes curl trust us."""
    path = "/" if route.path == "$default" else _VARIABLE.sub(r"\1", route.path)
    words = [f"curl{trust}"]
    if route.needs_key:
        words.append("-H 'x-api-key: KEY'")
    if route.authorizer == "IAM":
        words.append("-u test:test --aws-sigv4 aws:amz:us-east-1:execute-api")
    elif route.authorizer:
        words.append("-H 'Authorization: TOKEN'")
    if route.method not in ("GET", "ANY", "POST", ""):
        words.append(f"-X {route.method}")
    if route.method in ("POST", "PUT", "PATCH"):
        words.append("-H 'Content-Type: application/json' -d '{}'")
    address = f"{url}{path}"
    return " ".join([*words, f"'{address}'" if "$" in address or "&" in address else address])


def kind_words(api: Api) -> str:
    """The kind of an API as people write it."""
    return "WebSocket" if api.kind == WEBSOCKET else api.kind
