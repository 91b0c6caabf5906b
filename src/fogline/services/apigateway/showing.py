"""How methods and what belongs to them are shown: members without anything in them are left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.members import without_empty

_METHOD = ("requestParameters", "requestModels", "methodResponses", "authorizationScopes")
_INTEGRATION = ("requestParameters", "requestTemplates", "integrationResponses")


def shown_method(method: Mapping[str, Any]) -> dict[str, Any]:
    shown = without_empty(method, *_METHOD)
    if "methodResponses" in shown:
        shown["methodResponses"] = {
            status: shown_method_response(each)
            for status, each in sorted(shown["methodResponses"].items())
        }
    if "methodIntegration" in shown:
        shown["methodIntegration"] = shown_integration(shown["methodIntegration"])
    return shown


def shown_method_response(response: Mapping[str, Any]) -> dict[str, Any]:
    return without_empty(response, "responseParameters", "responseModels")


def shown_integration(integration: Mapping[str, Any]) -> dict[str, Any]:
    shown = without_empty(integration, *_INTEGRATION)
    if "integrationResponses" in shown:
        shown["integrationResponses"] = {
            status: shown_integration_response(each)
            for status, each in sorted(shown["integrationResponses"].items())
        }
    return shown


def shown_integration_response(response: Mapping[str, Any]) -> dict[str, Any]:
    """A template without any text is shown as null (recorded)."""
    shown = without_empty(response, "responseParameters", "responseTemplates")
    if "responseTemplates" in shown:
        shown["responseTemplates"] = {
            kind: text or None for kind, text in shown["responseTemplates"].items()
        }
    return shown
