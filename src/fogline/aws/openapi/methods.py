"""The methods of a document: parameters, bodies, responses, and what they call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from fogline.aws.openapi.api import Method, MethodResponse
from fogline.aws.openapi.errors import InvalidDocument
from fogline.aws.openapi.fields import (
    References,
    elements_of,
    find_flag,
    find_text,
    members_of,
    text_list,
)
from fogline.aws.openapi.integrations import read_integration
from fogline.aws.openapi.limits import MEDIA_TYPES_MAX
from fogline.aws.openapi.models import Models
from fogline.aws.openapi.security import SecuritySchemes

_T = TypeVar("_T")

VERBS = {
    **{verb: verb.upper() for verb in ("get", "put", "post", "delete", "options", "head", "patch")},
    "x-amazon-apigateway-any-method": "ANY",
}
_PLACES = {"path": "path", "query": "querystring", "header": "header"}


@dataclass(frozen=True, slots=True)
class Methods:
    """Reads methods; what the document says for all of them is given.

    What many methods may refer to is read once, or a short document could ask for very much work.
    """

    references: References
    models: Models
    schemes: SecuritySchemes
    security: Any
    validator: str | None
    consumes: Sequence[str]
    produces: Sequence[str]
    _read: dict[tuple[int, str], Any] = field(default_factory=dict)
    """What has been read of parts of the document, by their identity and what they are taken for."""

    def _once(self, part: Any, kind: str, read: Callable[[], _T]) -> _T:
        key = (id(part), kind)
        if key not in self._read:
            self._read[key] = read()
        known: _T = self._read[key]
        return known

    def read(self, path: str, verb: str, operation: Any, shared_parameters: Any) -> Method:
        where = f"method '{verb}' at path {path}"
        given = members_of(operation, where)
        parameters = self._parameters(shared_parameters, where) | self._parameters(
            given.get("parameters"), where
        )
        security, auth = given.get("security", self.security), given.get("x-amazon-apigateway-auth")
        needed = self._once(
            security,
            f"security {find_text(members_of(auth, where).get('type'), where)}",
            lambda: self.schemes.requirement(security, auth, where),
        )
        integration = self.references.resolved(
            given.get("x-amazon-apigateway-integration"), f"integration at path {path}"
        )
        validator = find_text(given.get("x-amazon-apigateway-request-validator"), where)
        return Method(
            path=path,
            http_method=VERBS[verb],
            operation_name=find_text(given.get("operationId"), where),
            authorization_type=needed.authorization_type,
            authorizer=needed.authorizer,
            authorization_scopes=needed.scopes,
            authorization_count=needed.kinds,
            is_api_key_required=needed.is_api_key_required,
            request_validator=validator or self.validator,
            request_parameters={
                f"method.request.{_PLACES[place]}.{name}": place == "path"
                or find_flag(one.get("required"), where) is True
                for (place, name), one in parameters.items()
                if place in _PLACES
            },
            request_models=self._request_models(given, parameters, where),
            responses=tuple(self._responses(given, where)),
            integration=self._once(
                integration, "integration", lambda: read_integration(integration, path)
            )
            if integration is not None
            else None,
        )

    def _parameters(self, value: Any, where: str) -> dict[tuple[str, str], Mapping[str, Any]]:
        """By place and name: an operation's own take the place of those of its path."""
        found = {}
        for one in elements_of(value, where):
            parameter = members_of(self.references.resolved(one, where), where)
            place, name = (
                find_text(parameter.get("in"), where),
                find_text(parameter.get("name"), where),
            )
            if place and name:
                found[place, name] = parameter
        return found

    def _request_models(
        self,
        given: Mapping[str, Any],
        parameters: Mapping[tuple[str, str], Mapping[str, Any]],
        where: str,
    ) -> Mapping[str, str]:
        body = members_of(self.references.resolved(given.get("requestBody"), where), where)
        if body:
            return self._content_models(body, where)
        types = _types(given.get("consumes"), self.consumes, where)
        for (place, _), one in parameters.items():
            model = self.models.named(one.get("schema"), where) if place == "body" else None
            if model:
                return dict.fromkeys(types, model)
        return {}

    def _content_models(self, body: Mapping[str, Any], where: str) -> Mapping[str, str]:
        def read() -> Mapping[str, str]:
            found = {}
            for content_type, content in members_of(body.get("content"), where).items():
                model = self.models.named(members_of(content, where).get("schema"), where)
                if model:
                    found[content_type] = model
            return found

        return self._once(body, "content", read)

    def _responses(self, given: Mapping[str, Any], where: str) -> list[MethodResponse]:
        types = _types(given.get("produces"), self.produces, where)
        responses = []
        for status, value in members_of(given.get("responses"), where).items():
            if status.startswith("x-"):
                continue
            response = members_of(self.references.resolved(value, where), where)
            models = self._content_models(response, where)
            model = self.models.named(response.get("schema"), where)
            if model:
                models = dict.fromkeys(types, model)
            headers = members_of(response.get("headers"), where)
            parameters = self._once(headers, "headers", partial(_header_parameters, headers))
            responses.append(MethodResponse(status, parameters, models))
        return responses


def _header_parameters(names: Mapping[str, Any]) -> Mapping[str, bool]:
    return {f"method.response.header.{name}": False for name in names}


def _types(said: Any, shared: Sequence[str], where: str) -> Sequence[str]:
    """The kinds of bodies of a method."""
    types = text_list(said, where) or shared or ("application/json",)
    if len(types) > MEDIA_TYPES_MAX:
        raise InvalidDocument(f"More than {MEDIA_TYPES_MAX} media types in {where}")
    return types
