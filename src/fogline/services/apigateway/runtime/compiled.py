"""Compiled APIs: what a snapshot says, in the form in which requests ask for it. Made once per deployment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import orjson

from fogline.aws.policy.documents import InvalidPolicy, Policy, read_policy
from fogline.services.apigateway.runtime.integration import Integration
from fogline.services.apigateway.runtime.media_types import BinaryTypes
from fogline.services.apigateway.runtime.path_tree import PathTree
from fogline.services.apigateway.runtime.validation import Validation

Document = Mapping[str, Any]


class CompiledMethod:
    """One method of one resource."""

    def __init__(self, api: CompiledApi, resource: Document, method: Document) -> None:
        self.api = api
        self.document = method
        self.resource_id: str = resource["id"]
        self.resource_path: str = resource["path"]
        self.verb: str = method["httpMethod"]
        self.operation_name: str = method.get("operationName") or ""
        self.authorization: str = method.get("authorizationType") or "NONE"
        self.scopes: list[str] = method.get("authorizationScopes") or []
        self.requires_key: bool = bool(method.get("apiKeyRequired"))

    @cached_property
    def integration(self) -> Integration | None:
        found = self.document.get("methodIntegration")
        return Integration(found, self.resource_id) if found else None

    @cached_property
    def validation(self) -> Validation | None:
        """What a request must fulfil; None where nothing is asked."""
        validator = self.api.document["requestValidators"].get(
            self.document.get("requestValidatorId") or ""
        )
        if validator is None:
            return None
        return Validation(validator, self.document, self.api.document["models"])

    @property
    def authorizer(self) -> Document | None:
        found: Document | None = self.api.document["authorizers"].get(
            self.document.get("authorizerId") or ""
        )
        return found


class CompiledApi:
    """An API as it was deployed."""

    def __init__(self, document: Document, deployment_id: str) -> None:
        self.document = document
        self.id: str = document["restApi"]["id"]
        self.deployment_id = deployment_id
        self.settings: Document = document["restApi"]
        self.binary = BinaryTypes(self.settings.get("binaryMediaTypes") or ())
        self._methods: dict[tuple[str, str], CompiledMethod] = {}
        self._resources = PathTree(
            (resource["path"], resource) for resource in document["resources"].values()
        )

    def find(self, path: str, verb: str) -> tuple[CompiledMethod, Mapping[str, str]] | None:
        """The method for a percent-encoded path within the stage, and what its variables stand for."""
        parts = path[1:].split("/") if path.startswith("/") else path.split("/")
        if "%" in path:
            parts = [unquote(part) for part in parts]
        found = self._resources.find(parts)
        if found is None:
            return None
        resource, parameters = found
        method = self.method(resource, verb)
        return (method, parameters) if method is not None else None

    def method(self, resource: Document, verb: str) -> CompiledMethod | None:
        """The method of a resource for that verb, be it ANY."""
        key = (resource["id"], verb)
        known = self._methods.get(key)
        if known is None:
            methods = resource["resourceMethods"]
            document = methods.get(verb) or methods.get("ANY")
            if document is None:
                return None
            known = self._methods[key] = CompiledMethod(self, resource, document)
        return known

    def any_method(self, resource: Document) -> CompiledMethod:
        """A method of a resource for which there need be none: where something is only tried."""
        return CompiledMethod(self, resource, {"httpMethod": "ANY"})

    @cached_property
    def policy(self) -> Policy | None:
        """Who may call the API, where it says. Raises InvalidPolicy."""
        text = self.settings.get("policy")
        if not text:
            return None
        try:
            document = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise InvalidPolicy("the policy is no JSON") from None
        return read_policy(document, is_of_resource=True)

    @cached_property
    def gateway_responses(self) -> dict[str, Document]:
        """Of those types that were asked for, what the API gives."""
        return {}
