"""Exports: stages as OpenAPI documents, and the languages that AWS makes clients in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import yaml

from fogline.apis.deployments import require_stage, snapshot_of
from fogline.aws.call import Call
from fogline.services.apigateway.documented_exports import documented
from fogline.services.apigateway.errors import BadRequestException, NotFoundException
from fogline.services.apigateway.exporting import Export
from fogline.services.apigateway.lookup import Request, Result, require_api
from fogline.services.apigateway.pages import page_of
from fogline.services.apigateway.service import ApiGateway

_EXTENSIONS = (
    "apigateway",
    "integrations",
    "authorizers",
    "documentation",
    "validators",
    "gatewayresponses",
    "postman",
)
_TYPES = ("swagger", "oas30")
_JSON, _YAML = "application/json", "application/yaml"


def get_export(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api_id, stage_name, kind = request["restApiId"], request["stageName"], request["exportType"]
    if kind not in _TYPES:
        raise BadRequestException(
            f"No API exporter for type '{kind[:100]}'. Valid options are [{', '.join(_TYPES)}]"
        )
    extensions = (request.get("parameters") or {}).get("extensions", "")
    words = {word.strip() for word in extensions.split(",") if word.strip()}
    for word in sorted(words.difference(_EXTENSIONS)):
        raise BadRequestException(f"Invalid extension specified: {word[:100]}")
    with gateway.store.read() as tx:
        api = require_api(gateway, tx, call, api_id)
        stage = require_stage(gateway.tables, tx, call, api_id, stage_name)
        snapshot = snapshot_of(gateway.tables, tx, call, api_id, stage["deploymentId"])
    assert snapshot is not None, "every deployment has one"
    document = Export(
        snapshot, stage_name, call.region, is_old=kind == "swagger", extensions=extensions
    ).document()
    version = api["documentationVersions"].get(stage.get("documentationVersion", ""))
    if version is not None and "documentation" in words:
        document = documented(document, version)
    is_yaml = "yaml" in (request.get("accepts") or "")
    return {
        "contentType": _YAML if is_yaml else _JSON,
        "contentDisposition": f'attachment; filename="{kind}_{call.now}.{"yaml" if is_yaml else "json"}"',
        "body": _yaml(document) if is_yaml else orjson.dumps(document, option=orjson.OPT_INDENT_2),
    }


def _yaml(document: Any) -> bytes:
    plain = orjson.loads(
        orjson.dumps(document)
    )  # what stands in it twice is written twice, not referred to
    text: str = yaml.safe_dump(plain, sort_keys=False, explicit_start=True, allow_unicode=True)
    return text.encode()


def _property(id: str, name: str, description: str, *, is_required: bool = True) -> dict[str, Any]:
    return {"name": id, "friendlyName": name, "description": description, "required": is_required}


_GROUP = _property("groupId", "Group ID", "The group id of the generated project")
_ARTIFACT = _property("artifactId", "Artifact ID", "The artifact id of the generated project")
_VERSION = _property("artifactVersion", "Artifact version", "The version of the generated project")
_INVOKER = _property("invokerPackage", "Invoker package", "The package of the generated client")
_PREFIX = _property("classPrefix", "Prefix", "What the names of generated classes begin with")
_SDK_TYPES: Mapping[str, Any] = {
    str(each["id"]): each
    for each in (
        {
            "id": "android",
            "friendlyName": "Android",
            "description": "Generic Android SDK",
            "configurationProperties": [_GROUP, _ARTIFACT, _VERSION, _INVOKER],
        },
        {
            "id": "java",
            "friendlyName": "Java SDK",
            "description": "Client library for Java",
            "configurationProperties": [
                _property("service.name", "Service Name", "The name of the generated client"),
                _property("java.package-name", "Java Package Name", "The package of the client"),
            ],
        },
        {
            "id": "javascript",
            "friendlyName": "JavaScript",
            "description": "Generic JavaScript SDK",
            "configurationProperties": [],
        },
        {
            "id": "objectivec",
            "friendlyName": "iOS (Objective-C)",
            "description": "Generic Objective-C SDK",
            "configurationProperties": [_PREFIX],
        },
        {
            "id": "ruby",
            "friendlyName": "Ruby",
            "description": "Client library for Ruby",
            "configurationProperties": [
                _property("service.name", "Service Name", "The name of the generated client"),
            ],
        },
        {
            "id": "swift",
            "friendlyName": "iOS (Swift)",
            "description": "Generic Swift SDK",
            "configurationProperties": [_PREFIX],
        },
    )
}


def get_sdk_types(gateway: ApiGateway, call: Call, request: Request) -> Result:
    return page_of(_SDK_TYPES, request, gateway.limits)


def get_sdk_type(gateway: ApiGateway, call: Call, request: Request) -> Result:
    found: Result | None = _SDK_TYPES.get(request["id"])
    if found is None:
        raise NotFoundException("Invalid SDK type identifier specified")
    return found
