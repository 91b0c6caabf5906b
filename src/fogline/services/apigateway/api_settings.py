"""What an API is as a whole: its addresses, its policy and what else RestApi shows.

Source: https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.call import Call
from fogline.aws.members import without_empty
from fogline.aws.policy.documents import read_policy
from fogline.aws.policy.statements import listed
from fogline.services.apigateway.errors import BadRequestException
from fogline.services.apigateway.limits import Limits

_SOURCES = ("HEADER", "AUTHORIZER")
_TYPES = ("EDGE", "REGIONAL", "PRIVATE")
_ADDRESS_TYPES = ("ipv4", "dualstack")
_SHORT = "execute-api:/"


def check_settings(settings: Mapping[str, Any], limits: Limits) -> None:
    """Raises BadRequestException."""
    if not settings.get("name", "").strip():
        raise BadRequestException("API name cannot be blank")
    if settings["apiKeySource"] not in _SOURCES:
        raise BadRequestException(
            f"Invalid API key source specified. Valid options are [{', '.join(_SOURCES)}]"
        )
    size = settings.get("minimumCompressionSize")
    if size is not None and not 0 <= size <= limits.compression_bytes_max:
        raise BadRequestException(
            "Invalid minimum compression size, must be between 0 and "
            f"{limits.compression_bytes_max}"
        )
    check_endpoint(settings["endpointConfiguration"])


def check_endpoint(endpoint: Mapping[str, Any]) -> None:
    """Raises BadRequestException."""
    types = endpoint["types"]
    if not types:
        raise BadRequestException(
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED."
        )
    if len(types) > 1:
        raise BadRequestException("Cannot create an api with multiple Endpoint Types.")
    if types[0] not in _TYPES or endpoint["ipAddressType"] not in _ADDRESS_TYPES:
        raise BadRequestException("Invalid endpoint configuration specified.")
    if types == ["PRIVATE"] and endpoint["ipAddressType"] != "dualstack":
        raise BadRequestException("Only dualstack ipAddressType is supported for Private APIs.")
    if endpoint.get("vpcEndpointIds") and types != ["PRIVATE"]:
        raise BadRequestException("VPCEndpoints can only be specified with PRIVATE apis.")


def whole_endpoint(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The endpoint configuration, complete."""
    endpoint = dict(given or {})
    endpoint.setdefault("types", ["EDGE"])
    default = "dualstack" if endpoint["types"] == ["PRIVATE"] else "ipv4"
    endpoint.setdefault("ipAddressType", default)
    return endpoint


def whole_policy(policy: str, call: Call, api_id: str) -> str:
    """A resource policy in which resources that begin with `execute-api:/` are whole. Raises BadRequestException."""
    try:
        read = json.loads(policy)
        if not isinstance(read, dict) or not isinstance(read.get("Statement"), list | dict):
            raise ValueError
        for statement in listed(read["Statement"]):
            front = f"arn:aws:execute-api:{call.region}:{call.account}:{api_id}/"
            for name in ("Resource", "NotResource"):
                if name in statement:
                    statement[name] = _whole(statement[name], front)
        read_policy(read, is_of_resource=True)
        return orjson.dumps(read).decode()
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise BadRequestException(
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."
        ) from None


def _whole(resource: Any, front: str) -> Any:
    if isinstance(resource, list):
        return [_whole(each, front) for each in resource]
    if isinstance(resource, str) and resource.startswith(_SHORT):
        return front + resource.removeprefix(_SHORT)
    return resource


def shown_api(api: Mapping[str, Any], *, has_tags: bool = False) -> dict[str, Any]:
    """What RestApi shows. Changes show tags also if there are none (recorded)."""
    shown = without_empty(
        api["restApi"], "description", "version", "binaryMediaTypes", "tags", "policy"
    )
    if has_tags:
        shown.setdefault("tags", {})
    if "policy" in shown:
        # Clients get the document as it would stand inside a text of JSON, and count on it.
        shown["policy"] = json.dumps(shown["policy"])[1:-1].replace("/", "\\/")
    return shown
