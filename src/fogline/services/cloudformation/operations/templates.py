"""Templates: given back, summed up, validated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.ports.resources import text as as_text
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.document import read_document
from fogline.services.cloudformation.errors import ChangeSetNotFoundException, ValidationError
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.outside import with_public_urls
from fogline.services.cloudformation.preparation import (
    iam_types,
    needed_capabilities,
    template_text,
)
from fogline.services.cloudformation.stacks import require_stack
from fogline.services.cloudformation.template import (
    Template,
    check_parameters,
    check_sections,
    declared_transforms,
    read_template,
    refuse_nulls,
)
from fogline.services.cloudformation.transform import transform_names

if TYPE_CHECKING:
    from types_boto3_cloudformation import type_defs as t

Result = Mapping[str, Any]


def get_template(cf: Cloudformation, call: Call, request: t.GetTemplateInputTypeDef) -> Result:
    stack_name, change_set = request.get("StackName"), request.get("ChangeSetName")
    with cf.store.read() as tx:
        if change_set:
            template_id = _template_of_change_set(tx, call, stack_name, change_set)
        elif stack_name:
            stack = require_stack(tx, call, stack_name)
            if stack["StackStatus"] == "REVIEW_IN_PROGRESS":
                # The stack has nothing yet. `cdk deploy` asks here, and goes on when it gets no template.
                return {"StagesAvailable": []}
            work = tables.find_work(tx, stack["StackId"])
            target = work["target"] if work else None
            template_id = stack.get("template_id") or (target["template_id"] if target else "")
        else:
            raise ValidationError("StackName is required if ChangeSetName is not specified.")
        texts = tables.find_template(tx, template_id) if template_id else None
    if texts is None:
        raise ValidationError(f"Template for stack [{stack_name}] does not exist.")
    stage = request.get("TemplateStage", "Original")
    return {
        "TemplateBody": with_public_urls(
            texts[1] if stage == "Processed" else texts[0], call.region
        ),
        "StagesAvailable": ["Original", "Processed"],
    }


def _template_of_change_set(tx: Any, call: Call, stack_name: str | None, name: str) -> str:
    if name.startswith("arn:"):
        found = tables.find_change_set(tx, name)
    elif stack_name:
        stack = require_stack(tx, call, stack_name)
        found = tables.find_change_set_by_name(tx, stack["StackId"], name)
    else:
        raise ValidationError("StackName is required if ChangeSetName is not specified.")
    if found is None:
        raise ChangeSetNotFoundException(change_set=name)
    target = found.get("target")
    return str(target["template_id"]) if target else ""


def get_template_summary(
    cf: Cloudformation, call: Call, request: t.GetTemplateSummaryInputTypeDef
) -> Result:
    stack_name = request.get("StackName")
    if stack_name:
        with cf.store.read() as tx:
            stack = require_stack(tx, call, stack_name, "Stack with id {} does not exist")
            texts = tables.find_template(tx, stack.get("template_id", ""))
        text = texts[1] if texts else None
    else:
        text = template_text(request, cf.api, call)
    if text is None:
        raise ValidationError("Either StackName or TemplateBody or TemplateURL must be specified.")
    document, template = _read(text)
    summary: dict[str, Any] = {
        "Parameters": _declarations(document, with_constraints=True),
        "ResourceTypes": template.types(),
        "ResourceIdentifierSummaries": [
            {
                "ResourceType": name,
                "LogicalResourceIds": [
                    logical_id
                    for logical_id, resource in template.resources.items()
                    if resource.type == name
                ],
            }
            for name in template.types()
        ],
        **_about(document, template),
    }
    if "AWSTemplateFormatVersion" in document:
        summary["Version"] = document["AWSTemplateFormatVersion"]
    if "Metadata" in document:
        summary["Metadata"] = json.dumps(document["Metadata"], separators=(",", ":"))
    return summary


def validate_template(
    cf: Cloudformation, call: Call, request: t.ValidateTemplateInputTypeDef
) -> Result:
    text = template_text(request, cf.api, call)
    if text is None:
        raise ValidationError("Either Template URL or Template Body must be specified.")
    document, template = _read(text)
    return {
        "Parameters": _declarations(document, with_constraints=False),
        **_about(document, template),
    }


def _read(text: str) -> tuple[dict[str, Any], Template]:
    document = read_document(text)
    check_sections(document)
    refuse_nulls(document)
    check_parameters(document.get("Parameters", {}))
    if transform_names(document):
        # What transforms will make of it is not known here: only its types are read.
        types = {
            name: {"Type": resource["Type"]}
            for name, resource in document["Resources"].items()
            if isinstance(resource, dict) and isinstance(resource.get("Type"), str)
        }
        return document, read_template(
            {"Resources": types} if types else {"Resources": {"None": {"Type": "None"}}}
        )
    return document, read_template(document)


def _about(document: Mapping[str, Any], template: Template) -> dict[str, Any]:
    about: dict[str, Any] = {}
    if document.get("Description"):
        about["Description"] = document["Description"]
    needed = needed_capabilities(template)
    transforms = transform_names(document)
    capabilities = [needed] if needed else []
    if transforms:
        capabilities.append("CAPABILITY_AUTO_EXPAND")
    if capabilities:
        about["Capabilities"] = capabilities
        reasons = []
        if needed:
            reasons.append(
                f"The following resource(s) require capabilities: [{', '.join(iam_types(template))}]"
            )
        if transforms:
            reasons.append(
                f"The following transform(s) require capabilities: [{', '.join(transforms)}]"
            )
        about["CapabilitiesReason"] = ". ".join(reasons)
    if declared_transforms(document):
        about["DeclaredTransforms"] = transforms
    return about


def _declarations(document: Mapping[str, Any], *, with_constraints: bool) -> list[dict[str, Any]]:
    shown = []
    for name, declared in (document.get("Parameters") or {}).items():
        parameter: dict[str, Any] = {
            "ParameterKey": name,
            "NoEcho": as_text(declared.get("NoEcho", False)).lower() == "true",
        }
        if "Default" in declared:
            parameter["DefaultValue"] = as_text(declared["Default"])
        if declared.get("Description"):
            parameter["Description"] = as_text(declared["Description"])
        if with_constraints:
            parameter["ParameterType"] = declared["Type"]
            allowed = declared.get("AllowedValues")
            parameter["ParameterConstraints"] = (
                {"AllowedValues": [as_text(each) for each in allowed]}
                if isinstance(allowed, list)
                else {}
            )
        shown.append(parameter)
    return shown
