"""Transforms: from a template as written to the template that is deployed.

Parts with `Fn::Transform` come first, from the innermost outwards; then the Transform section, in its
order. The serverless transform is aws-sam-translator, imported when a template first asks for it (see
translator.py), and given its region and its managed policies, so that it needs no session and no network.
"""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fogline.services.cloudformation.document import read_fragment
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.intrinsics import evaluate
from fogline.services.cloudformation.language_extensions import LANGUAGE_EXTENSIONS, extend
from fogline.services.cloudformation.parameter_scope import ParameterScope
from fogline.services.cloudformation.template import declared_transforms

SERVERLESS = "AWS::Serverless-2016-10-31"
INCLUDE = "AWS::Include"
_NESTED_TRANSFORMS_MAX = 100


class TransformFailed(ValidationError):
    """A transform refused the template; the message names the transform."""

    code = "ValidationError"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What transforms may know and ask."""

    account: str
    region: str
    parameters: Mapping[str, Any]
    """What Ref gives for each parameter: text, or a list."""
    fetch: Callable[[str], str]
    """The text behind an S3 location (`s3://bucket/key` or a URL); raises ValidationError."""
    managed_policies: Mapping[str, str] = field(default_factory=dict)
    """ARNs of managed policies by their names, besides those that SAM knows itself."""


def transform_names(document: Mapping[str, Any]) -> list[str]:
    """The names of all transforms a template asks for, each once, in order."""
    names = [
        entry["Name"] if isinstance(entry, dict) else entry
        for entry in declared_transforms(document)
    ]
    _collect_names(document, names)
    return list(dict.fromkeys(names))


def _collect_names(value: Any, names: list[str]) -> None:
    if isinstance(value, dict):
        inner = value.get("Fn::Transform", [])
        for call in inner if isinstance(inner, list) else [inner]:
            if not isinstance(call, dict) or not isinstance(call.get("Name"), str):
                raise ValidationError("Template format error: Fn::Transform must have a Name.")
            names.append(call["Name"])
        for item in value.values():
            _collect_names(item, names)
    elif isinstance(value, list):
        for item in value:
            _collect_names(item, names)


def transform(document: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    """The processed template. `document` stays as it is."""
    declared = declared_transforms(document)
    processed: dict[str, Any] = copy.deepcopy(dict(document))
    processed.pop("Transform", None)
    processed = _expand_parts(processed, around, _scope(processed, around))
    for entry in declared:
        name = entry["Name"] if isinstance(entry, dict) else entry
        arguments = entry.get("Parameters", {}) if isinstance(entry, dict) else {}
        if name == LANGUAGE_EXTENSIONS:
            processed = extend(processed, _scope(processed, around))
        elif name == SERVERLESS:
            processed = _serverless(processed, around)
        elif name == INCLUDE:
            included = _include(arguments, around, _scope(processed, around))
            processed = _merged(processed, included)
        else:
            raise _unknown(name, around)
    return processed


def _scope(document: Mapping[str, Any], around: Surroundings) -> ParameterScope:
    mappings, conditions = document.get("Mappings"), document.get("Conditions")
    return ParameterScope(
        around.account,
        around.region,
        around.parameters,
        mappings if isinstance(mappings, dict) else {},
        conditions if isinstance(conditions, dict) else {},
    )


def _unknown(name: str, around: Surroundings) -> ValidationError:
    full = name if "::" in name else f"{around.account}::{name}"
    return TransformFailed(
        f"No transform named {full} found. (Fogline does not support macros of your own yet.)"
    )


# ---- Fn::Transform and AWS::Include -------------------------------------------------------------


def _expand_parts(value: Any, around: Surroundings, scope: ParameterScope, depth: int = 0) -> Any:
    if depth > _NESTED_TRANSFORMS_MAX:
        raise TransformFailed("Transforms are nested too deeply.")
    if isinstance(value, list):
        return [_expand_parts(item, around, scope, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    expanded: Any = {
        key: _expand_parts(item, around, scope, depth + 1)
        for key, item in value.items()
        if key != "Fn::Transform"
    }
    if "Fn::Transform" not in value:
        return expanded
    calls = value["Fn::Transform"]
    for call in calls if isinstance(calls, list) else [calls]:
        if call["Name"] != INCLUDE:
            raise _unknown(call["Name"], around)
        included = _include(call.get("Parameters", {}), around, scope)
        expanded = _merged(expanded, included) if expanded else included
    return expanded


def _merged(outer: Any, included: Any) -> Any:
    """What stands beside an included file, with what it brings: where both name a key, the file wins (recorded)."""
    if not isinstance(included, dict) or not isinstance(outer, dict):
        raise TransformFailed(
            f"Transform {INCLUDE} failed with: The included content must be a map here."
        )
    merged = dict(outer)
    for key, item in included.items():
        if isinstance(item, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merged(merged[key], item)
        else:
            merged[key] = item
    return merged


def _include(arguments: Any, around: Surroundings, scope: ParameterScope) -> Any:
    location = arguments.get("Location") if isinstance(arguments, dict) else None
    where = evaluate(location, scope)
    if not isinstance(where, str) or not where:
        raise TransformFailed(
            f"Transform {INCLUDE} failed with: The location parameter is missing."
        )
    if not where.startswith(("s3://", "https://", "http://")):
        raise TransformFailed(
            f"Transform {INCLUDE} failed with: The location parameter is not a valid S3 uri."
        )
    try:
        return read_fragment(around.fetch(where))
    except ValidationError as refusal:
        raise TransformFailed(f"Transform {INCLUDE} failed with: {refusal.text}") from None


# ---- AWS::Serverless ----------------------------------------------------------------------------


class _Session:
    """All that the translator asks of a boto3 session."""

    def __init__(self, region_name: str) -> None:
        self.region_name = region_name


def _serverless(document: dict[str, Any], around: Surroundings) -> dict[str, Any]:
    from samtranslator.model.exceptions import ExceptionWithMessage, InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.utils.py27hash_fix import (
        to_py27_compatible_template,
        undo_mark_unicode_str_in_template,
    )

    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of metrics nobody reads
    _refuse_repository_applications(document)
    values = {
        name: ",".join(value) if isinstance(value, list) else value
        for name, value in around.parameters.items()
    }
    values["AWS::AccountId"] = around.account
    policies = dict(around.managed_policies)
    try:
        to_py27_compatible_template(document, values)
        translator = Translator(None, Parser(), boto_session=_Session(around.region))
        translated = translator.translate(
            document, parameter_values=values, get_managed_policy_map=lambda: policies
        )
        plain = undo_mark_unicode_str_in_template(translated)
    except InvalidDocumentException as refusal:
        causes = sorted(cause.message for cause in refusal.causes)
        raise _serverless_failed(f"{refusal.message} {' '.join(causes)}") from None
    except ExceptionWithMessage as refusal:
        raise _serverless_failed(refusal.message) from None
    except (AttributeError, KeyError, TypeError, ValueError) as surprise:
        # The translator stumbles over some malformed templates instead of refusing them.
        raise _serverless_failed(f"The template is malformed ({surprise!s}).") from surprise
    # The translator's own kinds of dict and str end here.
    result: dict[str, Any] = json.loads(json.dumps(plain))
    return result


def _serverless_failed(text: str) -> TransformFailed:
    return TransformFailed(f"Transform {SERVERLESS} failed with: {text}")


def _refuse_repository_applications(document: Mapping[str, Any]) -> None:
    for logical_id, resource in document.get("Resources", {}).items():
        if not isinstance(resource, dict) or resource.get("Type") != "AWS::Serverless::Application":
            continue
        properties = resource.get("Properties")
        if isinstance(properties, dict) and not isinstance(properties.get("Location"), str):
            raise _serverless_failed(
                f"Resource with id [{logical_id}] is invalid. Fogline cannot fetch applications from the AWS "
                "Serverless Application Repository; give the URL of a template as Location."
            )
