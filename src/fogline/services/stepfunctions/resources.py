"""The CloudFormation types that Step Functions owns: machines, their versions and aliases, and activities.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_StepFunctions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import Context, Done, Properties, ResourceType
from fogline.services.stepfunctions.resources_aliases import ALIASES
from fogline.services.stepfunctions.revisions import INITIAL
from fogline.services.stepfunctions.template_definition import (
    SOURCES,
    check_sources,
    read_definition,
)

_NAME_CHARACTERS_MAX = 80


def _ask(context: Context, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
    return context.ask("stepfunctions", operation, request)


def _lowered(value: Any) -> Any:
    """A property as the API spells it: `IncludeExecutionData` is `includeExecutionData` there."""
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: _lowered(one) for name, one in value.items()}
    return [_lowered(one) for one in value] if isinstance(value, list) else value


def _tags(context: Context, properties: Properties) -> list[dict[str, str]]:
    tags = context.tags(properties.get("Tags"))
    return [{"key": key, "value": value} for key, value in tags.items()]


def _retag(context: Context, arn: str, old: Properties, new: Properties) -> None:
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    gone = [key for key in before if key not in after]
    if gone:
        _ask(context, "UntagResource", {"resourceArn": arn, "tagKeys": gone})
    if after != before:
        _ask(context, "TagResource", {"resourceArn": arn, "tags": _tags(context, new)})


# ---- AWS::StepFunctions::StateMachine

_SETTINGS: dict[str, dict[str, Any]] = {
    "EncryptionConfiguration": {"Type": "AWS_OWNED_KEY"},
    "LoggingConfiguration": {"Level": "OFF"},
    "TracingConfiguration": {"Enabled": False},
}
"""Each with what it becomes when a template leaves it out again."""


def _member(name: str) -> str:
    return name[:1].lower() + name[1:]


def _create_machine(context: Context, properties: Properties) -> Done:
    made = _ask(
        context,
        "CreateStateMachine",
        {
            "name": properties.get("StateMachineName") or context.name(_NAME_CHARACTERS_MAX),
            "definition": read_definition(context, properties),
            "roleArn": properties["RoleArn"],
            "type": properties.get("StateMachineType"),
            "tags": _tags(context, properties),
            **{_member(name): _lowered(properties.get(name)) for name in _SETTINGS},
        },
    )
    return _machine(context, made["stateMachineArn"])


def _machine(context: Context, arn: str) -> Done:
    found = _ask(context, "DescribeStateMachine", {"stateMachineArn": arn})
    revision = found.get("revisionId", INITIAL)
    return Done(arn, {"Arn": arn, "Name": found["name"], "StateMachineRevisionId": revision})


def _update_machine(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    settings = {
        _member(name): _lowered(new.get(name, default))
        for name, default in _SETTINGS.items()
        if name in new or name in old
    }
    _ask(
        context,
        "UpdateStateMachine",
        {
            "stateMachineArn": arn,
            "definition": read_definition(context, new),
            "roleArn": new["RoleArn"],
            **settings,
        },
    )
    _retag(context, arn, old, new)
    return _machine(context, arn)


def _delete_machine(context: Context, arn: str, properties: Properties) -> None:
    _ask(context, "DeleteStateMachine", {"stateMachineArn": arn})


# ---- AWS::StepFunctions::Activity


def _create_activity(context: Context, properties: Properties) -> Done:
    name = properties["Name"]
    made = _ask(
        context,
        "CreateActivity",
        {
            "name": name,
            "tags": _tags(context, properties),
            "encryptionConfiguration": _lowered(properties.get("EncryptionConfiguration")),
        },
    )
    return _activity(made["activityArn"], name)


def _activity(arn: str, name: str) -> Done:
    return Done(arn, {"Arn": arn, "Name": name})


def _update_activity(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    _retag(context, arn, old, new)
    return _activity(arn, new["Name"])


def _delete_activity(context: Context, arn: str, properties: Properties) -> None:
    _ask(context, "DeleteActivity", {"activityArn": arn})


RESOURCES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::StepFunctions::StateMachine",
        properties=frozenset(
            (
                *SOURCES,
                *_SETTINGS,
                "DefinitionSubstitutions",
                "RoleArn",
                "StateMachineName",
                "StateMachineType",
                "Tags",
            )
        ),
        required=frozenset(("RoleArn",)),
        create_only=frozenset(("StateMachineName", "StateMachineType")),
        attributes=frozenset(("Arn", "Name", "StateMachineRevisionId")),
        primary_identifier="StateMachineName",
        check=check_sources,
        create=_create_machine,
        update=_update_machine,
        delete=_delete_machine,
    ),
    ResourceType(
        name="AWS::StepFunctions::Activity",
        properties=frozenset(("EncryptionConfiguration", "Name", "Tags")),
        required=frozenset(("Name",)),
        create_only=frozenset(("EncryptionConfiguration", "Name")),
        attributes=frozenset(("Arn", "Name")),
        primary_identifier="Name",
        create=_create_activity,
        update=_update_activity,
        delete=_delete_activity,
    ),
    *ALIASES,
)
