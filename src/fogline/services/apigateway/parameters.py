"""Names of what requests and responses carry: `method.request.header.X`, and where each may be mapped from and to.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from fogline.services.apigateway.errors import BadRequestException

_NAME = r"[a-zA-Z0-9!#$%&'*+.^_`|~:@\[\]{}-]{1,255}"
_REQUEST = re.compile(
    rf"method\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.({_NAME})"
)
_RESPONSE = re.compile(rf"method\.response\.header\.{_NAME}")
_TO_INTEGRATION = re.compile(
    rf"integration\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.{_NAME}"
)
_FROM_METHOD = re.compile(
    rf"method\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.{_NAME}"
    r"|method\.request\.body(\..{1,256}|\[.{1,256})?|context\..{1,256}|stageVariables\..{1,256}|'.*'",
    re.DOTALL,
)
_FROM_INTEGRATION = re.compile(
    rf"integration\.response\.(header|multivalueheader)\.{_NAME}"
    r"|integration\.response\.body(\..{1,256}|\[.{1,256})?|context\..{1,256}|stageVariables\..{1,256}|'.*'",
    re.DOTALL,
)
_TO_CALLER = re.compile(rf"gatewayresponse\.(header|path|querystring)\.{_NAME}")
_FROM_CALLER = re.compile(
    rf"method\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.{_NAME}"
    r"|context\..{1,256}|stageVariables\..{1,256}|'.*'",
    re.DOTALL,
)


def check_request_parameters(names: Iterable[str]) -> None:
    """Raises BadRequestException unless a method may name these as what requests carry."""
    seen = set()
    for name in names:
        found = _REQUEST.fullmatch(name)
        if found is None:
            raise BadRequestException(_invalid(name))
        if found[2] in seen:
            raise BadRequestException(
                "Parameter names must be unique across querystring, header and path"
            )
        seen.add(found[2])


def check_response_parameters(names: Iterable[str]) -> None:
    """Raises BadRequestException unless a method may name these as what responses carry."""
    for name in names:
        if _RESPONSE.fullmatch(name) is None:
            raise BadRequestException(_invalid(name))


def check_integration_parameters(mappings: Mapping[str, str]) -> None:
    """Raises BadRequestException unless these lead from a method's request to an integration's."""
    for name, source in mappings.items():
        if _TO_INTEGRATION.fullmatch(name) is None:
            raise BadRequestException(_invalid(name))
        if _FROM_METHOD.fullmatch(source) is None:
            raise BadRequestException(_invalid(source))


def check_integration_response_parameters(
    mappings: Mapping[str, str], declared: Mapping[str, bool]
) -> None:
    """Raises BadRequestException unless these lead from an integration's response to what the method's declares."""
    for name, source in mappings.items():
        if name not in declared or _RESPONSE.fullmatch(name) is None:
            raise BadRequestException(
                f"Invalid mapping expression parameter specified: {name[:300]}"
            )
        if _FROM_INTEGRATION.fullmatch(source) is None:
            raise BadRequestException(_invalid(source))


def check_gateway_response_parameters(mappings: Mapping[str, str]) -> None:
    """Raises BadRequestException unless these lead from a request to a gateway response."""
    for name, source in mappings.items():
        if _TO_CALLER.fullmatch(name) is None:
            raise BadRequestException(_invalid(name))
        if _FROM_CALLER.fullmatch(source) is None:
            raise BadRequestException(_invalid(source))


def _invalid(expression: str) -> str:
    return (
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
        f"[Invalid mapping expression specified: {expression[:300]}]"
    )
