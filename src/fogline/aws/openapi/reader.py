"""From a document to the API that it describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from fogline.aws.openapi.api import (
    Api,
    DocumentationPart,
    GatewayResponse,
    Method,
    RequestValidator,
)
from fogline.aws.openapi.document import read_document
from fogline.aws.openapi.errors import InvalidDocument
from fogline.aws.openapi.fields import (
    References,
    elements_of,
    find_flag,
    find_number,
    find_text,
    members_of,
    text_list,
    texts_of,
)
from fogline.aws.openapi.methods import VERBS, Methods
from fogline.aws.openapi.models import Models
from fogline.aws.openapi.security import SecuritySchemes

_EXTENSION = "x-amazon-apigateway-"
_TAG_VALUE = "x-amazon-apigateway-tag-value"
_INVALID = "Invalid OpenAPI input."


def read_api(text: str, variables: Mapping[str, str] | None = None) -> Api:
    """The API that an OpenAPI 2.0 or 3.0 document describes. Raises InvalidDocument.

    `variables` are the pseudo parameters that API Gateway resolves itself, as `AWS::Region`.
    """
    return _Reader(read_document(text, variables or {})).read()


class _Reader:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._warnings: list[str] = []
        self._components = members_of(document.get("components"), "components")

    def read(self) -> Api:
        document = self._document
        info = members_of(document.get("info"), "info")
        name = find_text(info.get("title"), "title")
        specification = self._specification()
        models = Models(self._named("definitions", "schemas"), self._warnings)
        schemes = SecuritySchemes()
        for scheme_name, scheme in self._named("securityDefinitions", "securitySchemes").items():
            schemes.add(scheme_name, scheme)
        methods = Methods(
            References(document),
            models,
            schemes,
            document.get("security"),
            find_text(self._extension("request-validator"), "request validator"),
            text_list(document.get("consumes"), "consumes"),
            text_list(document.get("produces"), "produces"),
        )
        paths, described = self._methods(methods)
        endpoint = self._endpoint()
        documentation = members_of(self._extension("documentation"), "documentation")
        policy = self._policy()
        cors = self._extension("cors")
        return Api(
            specification=specification,
            name=name or "",
            version=find_text(info.get("version"), "version"),
            description=find_text(info.get("description"), "description"),
            base_path=self._base_path(),
            paths=paths,
            methods=described,
            models=tuple(models.found.values()),
            authorizers=tuple(schemes.authorizers.values()),
            request_validators=tuple(self._validators()),
            gateway_responses=tuple(self._gateway_responses()),
            documentation_version=find_text(documentation.get("version"), "documentation"),
            documentation_parts=tuple(_documentation_parts(documentation)),
            binary_media_types=text_list(
                self._extension("binary-media-types"), "binary media types"
            ),
            minimum_compression_bytes=find_number(
                self._extension("minimum-compression-size"), "minimum compression size"
            ),
            api_key_source=_upper(self._extension("api-key-source"), "API key source"),
            policy=policy,
            endpoint_types=text_list(endpoint.get("types"), "endpoint configuration"),
            vpc_endpoint_ids=text_list(endpoint.get("vpcEndpointIds"), "endpoint configuration"),
            has_disabled_endpoint=find_flag(
                endpoint.get("disableExecuteApiEndpoint"), "endpoint configuration"
            ),
            ip_address_type=find_text(endpoint.get("ipAddressType"), "endpoint configuration"),
            security_policy=find_text(self._extension("security-policy"), "security policy"),
            cors=members_of(cors, "CORS configuration") if cors is not None else None,
            tags=self._tags(),
            warnings=tuple(self._warnings),
        )

    def _specification(self) -> str:
        version = find_text(self._document.get("swagger", self._document.get("openapi")), "version")
        # YAML takes an unquoted 2.0 for a number, and means the same.
        if version is None or not version.startswith(("2.0", "3.0")):
            raise InvalidDocument(_INVALID)
        return version

    def _extension(self, name: str) -> Any:
        return self._document.get(_EXTENSION + name)

    def _named(self, old: str, new: str) -> Mapping[str, Any]:
        """The parts of one kind: OpenAPI 2.0 has them at the top, 3.0 in the components."""
        return members_of(self._document.get(old), old) or members_of(
            self._components.get(new), new
        )

    def _methods(self, methods: Methods) -> tuple[Sequence[str], Sequence[Method]]:
        paths: list[str] = []
        described: list[Method] = []
        for path, value in members_of(self._document.get("paths"), "paths").items():
            if path.startswith("x-"):
                continue
            if not path.startswith("/") and path != "$default":
                raise InvalidDocument(f"Invalid path '{path[:200]}': it has to start with '/'")
            item = members_of(value, f"path {path}")
            paths.append(path)
            described += [
                methods.read(path, verb, item[verb], item.get("parameters"))
                for verb in VERBS
                if item.get(verb) is not None
            ]
        return tuple(paths), tuple(described)

    def _base_path(self) -> str:
        """OpenAPI 2.0 says it; 3.0 has it in a variable of that name, else in the address of the first server."""
        said = find_text(self._document.get("basePath"), "basePath")
        servers = [members_of(server, "servers") for server in self._servers()]
        if len(servers) > 1:
            self._warnings.append(
                "More than one server provided. Ignoring all but the first for defining endpoint configuration"
            )
        if said is None:
            variables = [members_of(server.get("variables"), "servers") for server in servers]
            default = next((one["basePath"] for one in variables if "basePath" in one), None)
            said = find_text(members_of(default, "servers").get("default"), "servers")
        if said is None and servers:
            try:
                said = urlsplit(find_text(servers[0].get("url"), "servers") or "").path
            except ValueError:
                raise InvalidDocument(_INVALID) from None
        said = (said or "").strip("/")
        return f"/{said}" if said else ""

    def _servers(self) -> Sequence[Any]:
        """Published documents have a single one, without its list; API Gateway takes them."""
        given = self._document.get("servers")
        return elements_of([given] if isinstance(given, Mapping) else given, "servers")

    def _endpoint(self) -> Mapping[str, Any]:
        """OpenAPI 3.0 has it in the first server."""
        where = "endpoint configuration"
        given = self._extension("endpoint-configuration")
        servers = self._servers()
        if given is None and servers:
            given = members_of(servers[0], "servers").get(_EXTENSION + "endpoint-configuration")
        return members_of(given, where)

    def _policy(self) -> Mapping[str, Any] | None:
        given = self._extension("policy")
        if isinstance(given, str):
            try:
                given = orjson.loads(given)
            except ValueError:
                raise InvalidDocument(
                    "Invalid policy document. Please check the policy syntax."
                ) from None
        return members_of(given, "policy") if given is not None else None

    def _validators(self) -> list[RequestValidator]:
        where = "request validator"
        return [
            RequestValidator(
                name,
                find_flag(members_of(one, where).get("validateRequestBody"), where) is True,
                find_flag(members_of(one, where).get("validateRequestParameters"), where) is True,
            )
            for name, one in members_of(self._extension("request-validators"), where).items()
        ]

    def _gateway_responses(self) -> list[GatewayResponse]:
        where = "gateway response"
        return [
            GatewayResponse(
                kind,
                find_text(members_of(one, where).get("statusCode"), where),
                texts_of(members_of(one, where).get("responseParameters"), where),
                texts_of(members_of(one, where).get("responseTemplates"), where),
            )
            for kind, one in members_of(self._extension("gateway-responses"), where).items()
        ]

    def _tags(self) -> Mapping[str, str]:
        """HTTP APIs take the tags of the document for theirs; one without a value has an empty one."""
        found = {}
        for one in elements_of(self._document.get("tags"), "tags"):
            given = members_of(one, "tags")
            name = find_text(given.get("name"), "tags")
            if name:
                found[name] = find_text(given.get(_TAG_VALUE), "tags") or ""
        return found


def _documentation_parts(documentation: Mapping[str, Any]) -> list[DocumentationPart]:
    where = "documentation part"
    return [
        DocumentationPart(
            texts_of(members_of(part, where).get("location"), where),
            members_of(members_of(part, where).get("properties"), where),
        )
        for part in elements_of(documentation.get("documentationParts"), where)
    ]


def _upper(value: Any, where: str) -> str | None:
    text = find_text(value, where)
    return text.upper() if text else None
