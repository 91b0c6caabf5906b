"""AWS's wire protocols: requests become inputs in AWS's member names, and results become answers."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any, cast

from fogline.aws.errors import AwsError
from fogline.gateway.models import ServiceModel
from fogline.gateway.protocols.codec import Codec, Errors
from fogline.gateway.protocols.routes import match_rest, operation_of
from fogline.gateway.validate import style_of
from fogline.ports.http import HttpResponse

__all__ = ["Codec", "codec", "match_rest", "operation_of", "write_error"]

_CODECS_MAX = 4096

# A protocol's module is imported with its first request.
_FAMILIES = {
    "ec2": ("query", "Query"),
    "json": ("json", "Json"),
    "query": ("query", "Query"),
    "rest-json": ("rest_json", "RestJson"),
    "rest-xml": ("rest_xml", "RestXml"),
    "smithy-rpc-v2-cbor": ("cbor", "Cbor"),
}


def _class(protocol: str, kind: str) -> Any:
    module, family = _FAMILIES[protocol]
    return getattr(import_module(f"fogline.gateway.protocols.{module}"), family + kind)


@lru_cache(_CODECS_MAX)
def codec(service: ServiceModel, operation: str, protocol: str) -> Codec:
    """The codec of an operation in a protocol, compiled at its first use.

    Raises `KeyError` for an operation or protocol that does not exist.
    """
    made = _class(protocol, "Codec")
    style = style_of(service.name, protocol)
    return cast(
        Codec, made(service.operations[operation], protocol, style, _errors(service, protocol))
    )


@lru_cache(_CODECS_MAX)
def _errors(service: ServiceModel, protocol: str) -> Errors:
    return cast(Errors, _class(protocol, "Errors")(service, protocol))


def write_error(
    service: ServiceModel | None, protocol: str, error: AwsError, request_id: str
) -> HttpResponse:
    """A refusal of a request whose operation, or even service, is not known."""
    return _errors(service or _NO_SERVICE, protocol).write(error, request_id)


_NO_SERVICE = ServiceModel("", {"metadata": {"protocol": "json"}, "shapes": {}, "operations": {}})
