"""The ways into an application from outside: its APIs and function URLs, each with a line that tries it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from fogline.cli.apis import finding, routes
from fogline.cli.apis.finding import WEBSOCKET, Api, Mapping
from fogline.cli.client import Client
from fogline.cli.exits import ServerRefused
from fogline.cli.naming import resources_of_stacks
from fogline.cli.output import Output
from fogline.cli.variables import is_tls

_URL = "AWS::Lambda::Url"


@dataclass(frozen=True, slots=True)
class Entrance:
    """One address. `kind` is REST, HTTP, WebSocket or function."""

    name: str
    kind: str
    url: str
    attempt: str
    """A line for a shell, "" where there is nothing to try yet."""


def entrances_of(client: Client, stack: str) -> list[Entrance]:
    """Every stage of every API of a stack, and every function URL."""
    made = resources_of_stacks(client, (*finding.TYPES, _URL), stack)
    is_api = any(resource["ResourceType"] in finding.TYPES for resource in made)
    there = {api.id: api for api in finding.apis(client)} if is_api else {}
    mapped = finding.mappings(client) if is_api else []
    trust = _trust(client) if made else ""
    found: list[Entrance] = []
    for resource in made:
        name = str(resource["LogicalResourceId"])
        if resource["ResourceType"] == _URL:
            found += _of_function(client, str(resource["PhysicalResourceId"]), name, trust)
        elif api := there.get(str(resource["PhysicalResourceId"])):
            here = [mapping for mapping in mapped if mapping.api == api.id]
            found += _of_api(client, api, name, here, trust)
    return found


def _trust(client: Client) -> str:
    """The option by which curl trusts the server's certificates, where its addresses are of https."""
    if not is_tls(client):
        return ""
    return f" --cacert {shlex.quote(client.page('GET', '/_fogline/tls')['certificate_file'])}"


def _of_api(
    client: Client, api: Api, name: str, mapped: list[Mapping], trust: str
) -> Iterator[Entrance]:
    there = routes.routes(client, api)
    first = routes.first_to_try(there)
    stages = finding.called_stages(finding.stages(client, api))
    for stage in stages:
        url = finding.url_of(client, api, stage.name)
        attempt = routes.curl_of(url, first, trust) if first is not None else ""
        if api.kind == WEBSOCKET:
            which = f" --stage {stage.name}" if len(stages) > 1 else ""
            attempt = f"fogline api call {name}{which}{_identity(client, api, there)}{_message(client, api, there)}"
        yield Entrance(name, routes.kind_words(api), url, attempt)
    for mapping in mapped:
        url = finding.url_of_mapping(client, api, mapping)
        if not mapping.stage and stages:
            url += f"/{stages[0].name}"
        attempt = ""
        if first is not None and "*" not in mapping.domain and api.kind != WEBSOCKET:
            attempt = routes.curl_of(url, first, trust)
        yield Entrance(name, routes.kind_words(api), url, attempt)


def _identity(client: Client, api: Api, there: list[routes.Route]) -> str:
    """What a client shows to be let in, "" where everybody is: a query, headers, or a signature."""
    asked = next((route.authorizer for route in there if route.path == "$connect"), "")
    if asked in ("", "IAM"):
        return " --sign" if asked else ""
    sources = [
        str(source).removeprefix("route.request.").partition(".")
        for page in client.pages("apigatewayv2", "GetAuthorizers", "NextToken", ApiId=api.id)
        for authorizer in page.get("Items", [])
        if asked in (authorizer.get("Name"), authorizer["AuthorizerId"])
        for source in authorizer.get("IdentitySource") or []
    ]
    query = "&".join(f"{name}=VALUE" for place, _, name in sources if place == "querystring")
    headers = "".join(f" -H '{name}: VALUE'" for place, _, name in sources if place == "header")
    return (f" '?{query}'" if query else "") + headers


def _message(client: Client, api: Api, there: list[routes.Route]) -> str:
    """The option that sends a message to the first route that messages select, "" when there is none."""
    key = next((route.path for route in there if not route.path.startswith("$")), None)
    described = client.call("apigatewayv2", "GetApi", ApiId=api.id)
    member = str(described["RouteSelectionExpression"]).removeprefix("$request.body.").strip("${}")
    if key is None or not member.isidentifier():
        return ""
    return f" -d '{json.dumps({member: key})}'"


def _of_function(client: Client, function: str, name: str, trust: str) -> Iterator[Entrance]:
    try:
        config = client.call("lambda", "GetFunctionUrlConfig", FunctionName=function)
    except ServerRefused:
        return  # it was taken away meanwhile
    url = str(config["FunctionUrl"])
    attempt = f"curl{trust} {url}" if config["AuthType"] == "NONE" else ""
    yield Entrance(name, "function", url, attempt)


def tell(out: Output, entrances: list[Entrance]) -> None:
    """A line for each address, and one that tries it."""
    for each in entrances:
        out.say(f"{each.name} ({each.kind}): {out.paint(each.url, 'name')}")
        if each.attempt:
            out.say(f"  {each.attempt}", "dim")
