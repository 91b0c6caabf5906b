"""From what a person calls an API to the API, its stages, and the address of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fogline.cli.client import Client
from fogline.cli.exits import Failure, ServerRefused
from fogline.cli.naming import find_physical

REST, HTTP, WEBSOCKET = "REST", "HTTP", "WEBSOCKET"
TYPES = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_TYPES_WITH_URL = ("AWS::Lambda::Url", "AWS::Lambda::Function")
NO_STAGE = "$default"
"""The stage of HTTP APIs that no path names."""
_OF_SAM = "Stage"
"""A stage that SAM makes beside the one that it was told of, and that nobody calls."""
_NO_PATH = "(none)"
"""The base path of what stands at the root of a domain name."""
_PAGE = 500
_NAMES_SHOWN_MAX = 12
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Api:
    """An API of any kind."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of an API. `described` is what the service shows of it."""

    name: str
    described: dict[str, Any]

    @property
    def access_log_group(self) -> str:
        """The log group of its access log, "" if it has none."""
        settings = self.described.get("accessLogSettings") or {}
        settings = settings or self.described.get("AccessLogSettings") or {}
        arn = str(settings.get("destinationArn") or settings.get("DestinationArn") or "")
        return arn.partition(":log-group:")[2].removesuffix(":*")


def apis(server: Client) -> list[Api]:
    """All APIs of the account in the region, by name."""
    found = [
        Api(each["id"], each.get("name", ""), REST)
        for page in server.pages("apigateway", "GetRestApis", "position", limit=_PAGE)
        for each in page.get("items", [])
    ]
    found += [
        Api(each["ApiId"], each.get("Name", ""), each["ProtocolType"])
        for page in server.pages("apigatewayv2", "GetApis", "NextToken")
        for each in page.get("Items", [])
    ]
    return sorted(found, key=lambda api: (api.name.lower(), api.id))


def find_api(server: Client, name: str) -> Api:
    """An API by its id, its name, or the name a template gives it. Raises Failure, naming what there is."""
    there = apis(server)
    found = [api for api in there if api.id == name] or [api for api in there if api.name == name]
    if not found:
        made = next((made for type_ in TYPES if (made := find_physical(server, name, type_))), None)
        found = [api for api in there if api.id == made]
    if len(found) == 1:
        return found[0]
    if found:
        raise Failure(
            f"Several APIs are called '{name}'.",
            f"Name one by its id: {', '.join(api.id for api in found)}",
        )
    url = _url_of_function(server, name)
    if url is not None:
        raise Failure(f"'{name}' is no API but the URL of a function.", f"Ask it: curl {url}")
    names = list(dict.fromkeys(api.name or api.id for api in there))
    shown = ", ".join(names[:_NAMES_SHOWN_MAX]) + (" ..." if len(names) > _NAMES_SHOWN_MAX else "")
    raise Failure(
        f"There is no API '{name}'.",
        f"There are: {shown}" if names else "There are none yet in this account and region.",
    )


def _url_of_function(server: Client, name: str) -> str | None:
    """The URL of a function, by the function's name or what a template calls either; None if there is none."""
    found = (find_physical(server, name, type_) for type_ in _TYPES_WITH_URL)
    function = next((each for each in found if each), name)
    try:
        config = server.call("lambda", "GetFunctionUrlConfig", FunctionName=function)
    except ServerRefused:
        return None
    return str(config["FunctionUrl"])


def stages(server: Client, api: Api) -> list[Stage]:
    """The stages of an API, by name."""
    try:
        if api.kind == REST:
            items = server.call("apigateway", "GetStages", restApiId=api.id).get("item", [])
            found = [Stage(each["stageName"], each) for each in items]
        else:
            found = [
                Stage(each["StageName"], each)
                for page in server.pages("apigatewayv2", "GetStages", "NextToken", ApiId=api.id)
                for each in page.get("Items", [])
            ]
    except ServerRefused as refusal:
        if refusal.error != "NotFoundException":
            raise
        return []  # the API was deleted meanwhile
    return sorted(found, key=lambda stage: stage.name)


def find_stage(server: Client, api: Api, name: str | None) -> Stage:
    """The stage of that name, or the one that is meant when none is named. Raises Failure."""
    there = stages(server, api)
    if name is not None:
        found = [stage for stage in there if stage.name == name]
    else:
        found = [stage for stage in there if stage.name == NO_STAGE] or called_stages(there)
    if len(found) == 1:
        return found[0]
    names = ", ".join(stage.name for stage in there)
    if found:
        raise Failure(f"'{api.name}' has several stages: {names}.", "Say which with --stage.")
    if there:
        raise Failure(f"'{api.name}' has no stage '{name}'.", f"It has: {names}")
    raise Failure(f"'{api.name}' has no stage yet.", "It answers once it is deployed to one.")


def called_stages(there: list[Stage]) -> list[Stage]:
    """The stages that somebody means to call."""
    return [stage for stage in there if stage.name != _OF_SAM] or there


def host_of(server: Client, api: Api) -> str:
    """The name under which an API answers, with the port."""
    return f"{api.id}.execute-api.{server.region}.localhost{_port_of(server)}"


def _port_of(server: Client) -> str:
    port = urlsplit(server.endpoint).port
    return f":{port}" if port else ""


def url_of(server: Client, api: Api, stage: str) -> str:
    """The address of a stage, without a slash at its end."""
    base = _url(server, api, host_of(server, api), api.id)
    return base if stage == NO_STAGE else f"{base}/{stage}"


def _url(server: Client, api: Api, host: str, named: str) -> str:
    """The address under that host, or by a path that names what it names."""
    scheme, _, place = server.endpoint.partition("://")
    if api.kind == WEBSOCKET:
        scheme = scheme.replace("http", "ws")
    if server.host in _LOOPBACK or server.host.endswith(".localhost"):
        return f"{scheme}://{host}"
    # No name under another machine's leads there.
    return f"{scheme}://{place}/_aws/execute-api/{named}"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A place of an API under a custom domain name. `path` begins with a slash or is ""."""

    api: str
    domain: str
    path: str
    stage: str
    """"" where the path goes on with the stage."""


def mappings(server: Client) -> list[Mapping]:
    """What stands under the custom domain names of the account in the region."""
    names = [
        str(domain["domainName"])
        for page in server.pages("apigateway", "GetDomainNames", "position", limit=_PAGE)
        for domain in page.get("items", [])
    ]
    return [mapping for name in dict.fromkeys(names) for mapping in _mappings_of(server, name)]


def _mappings_of(server: Client, domain: str) -> Iterator[Mapping]:
    asked: dict[str, Any] = {"domainName": domain, "limit": _PAGE}
    try:
        for page in server.pages("apigateway", "GetBasePathMappings", "position", **asked):
            for each in page.get("items", []):
                base = each.get("basePath", _NO_PATH)
                path = "" if base == _NO_PATH else f"/{base}"
                yield Mapping(each["restApiId"], domain, path, each.get("stage") or "")
    except ServerRefused as refusal:
        if refusal.error != "NotFoundException":  # taken away meanwhile, or private
            raise


def url_of_mapping(server: Client, api: Api, mapping: Mapping) -> str:
    """The address of an API under a custom domain name, as it leads here at once, without a slash at its end."""
    name = (
        mapping.domain if mapping.domain.endswith(".localhost") else f"{mapping.domain}.localhost"
    )
    return f"{_url(server, api, name + _port_of(server), mapping.domain)}{mapping.path}"
