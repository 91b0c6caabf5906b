"""Who may call: the security schemes of a document as authorizers, API keys and signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fogline.aws.openapi.api import Authorizer
from fogline.aws.openapi.fields import (
    elements_of,
    find_flag,
    find_number,
    find_text,
    members_of,
    text_list,
)

_METHOD_TYPES = {
    "TOKEN": "CUSTOM",
    "REQUEST": "CUSTOM",
    "COGNITO_USER_POOLS": "COGNITO_USER_POOLS",
    "JWT": "JWT",
}


class Requirement(NamedTuple):
    """What a method asks of its callers."""

    authorization_type: str
    authorizer: str | None
    scopes: Sequence[str]
    is_api_key_required: bool
    kinds: int
    """How many kinds of authorization are asked for, of which there can be one."""


@dataclass(slots=True)
class SecuritySchemes:
    authorizers: dict[str, Authorizer] = field(default_factory=dict)
    _signed: set[str] = field(default_factory=set)
    _api_keys: set[str] = field(default_factory=set)

    def add(self, name: str, value: Any) -> None:
        where = f"security scheme '{name}'"
        scheme = members_of(value, where)
        auth_type = find_text(scheme.get("x-amazon-apigateway-authtype"), where)
        described = scheme.get("x-amazon-apigateway-authorizer")
        if described is not None:
            self.authorizers[name] = _authorizer(
                name, scheme, auth_type, members_of(described, where)
            )
        elif auth_type and auth_type.lower() == "awssigv4":
            self._signed.add(name)
        elif scheme.get("type") == "apiKey" and str(scheme.get("name")).lower() == "x-api-key":
            self._api_keys.add(name)

    def requirement(self, security: Any, auth: Any, where: str) -> Requirement:
        """What the `security` of a method, or of the document, and its `x-amazon-apigateway-auth` come to.

        OpenAPI takes a list for alternatives; API Gateway has one authorization and perhaps a key, and takes all.
        """
        kind, authorizer, needs_key = "NONE", None, False
        scopes: tuple[str, ...] = ()
        kinds = set()
        for alternative in elements_of(security, where):
            for name, wanted in members_of(alternative, where).items():
                if name in self._api_keys:
                    needs_key = True
                elif name in self._signed:
                    kind = "AWS_IAM"
                    kinds.add(kind)
                elif name in self.authorizers:
                    kinds.add(name)
                    if authorizer is None:
                        authorizer = name
                        kind = _METHOD_TYPES.get(self.authorizers[name].type, "CUSTOM")
                        scopes = text_list(wanted, where)
        said = find_text(members_of(auth, where).get("type"), where)
        if said and said.upper() in ("NONE", "AWS_IAM"):
            kind, authorizer, scopes = said.upper(), None, ()
        return Requirement(kind, authorizer, scopes, needs_key, len(kinds))


def _authorizer(
    name: str, scheme: Mapping[str, Any], auth_type: str | None, given: Mapping[str, Any]
) -> Authorizer:
    where = f"authorizer '{name}'"
    kind = (find_text(given.get("type"), where) or "").upper()
    source = given.get("identitySource")
    sources = text_list(source, where) if source is not None else ()
    header = find_text(scheme.get("name"), where)
    if not sources and kind in ("TOKEN", "COGNITO_USER_POOLS") and header:
        sources = (f"method.request.header.{header}",)
    jwt = members_of(given.get("jwtConfiguration"), where)
    return Authorizer(
        name=name,
        type=kind,
        auth_type=auth_type,
        uri=find_text(given.get("authorizerUri"), where),
        credentials=find_text(given.get("authorizerCredentials"), where),
        identity_source=",".join(sources) or None,
        identity_validation_expression=find_text(given.get("identityValidationExpression"), where),
        result_ttl_seconds=find_number(given.get("authorizerResultTtlInSeconds"), where),
        provider_arns=text_list(given.get("providerARNs"), where),
        payload_format_version=find_text(given.get("authorizerPayloadFormatVersion"), where),
        has_simple_responses=find_flag(given.get("enableSimpleResponses"), where),
        jwt_issuer=find_text(jwt.get("issuer"), where) or _issuer(scheme, where),
        jwt_audience=text_list(jwt.get("audience"), where),
    )


def _issuer(scheme: Mapping[str, Any], where: str) -> str | None:
    """The issuer whose configuration the scheme names: OpenID Connect has it at a fixed place below."""
    url = find_text(scheme.get("openIdConnectUrl"), where)
    return url.removesuffix("/.well-known/openid-configuration") if url else None
