"""The CloudFormation type that Pipes owns.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-pipes-pipe.html
"""

from __future__ import annotations

from typing import Any

from fogline.ports.resources import Context, Done, Properties, ResourceType

_NAME_CHARACTERS_MAX = 64
_PLAIN = (
    "Description", "DesiredState", "Enrichment", "EnrichmentParameters", "KmsKeyIdentifier",
    "LogConfiguration", "RoleArn", "SourceParameters", "Target", "TargetParameters",
)  # fmt: skip
_EMPTY = {"Description": "", "DesiredState": "RUNNING", "Enrichment": "", "KmsKeyIdentifier": ""}
"""What an update says for members that a template does not have any more."""
_CREATED_ONLY = ("StartingPosition", "StartingPositionTimestamp")


def _create(context: Context, properties: Properties) -> Done:
    name = properties.get("Name") or context.name(_NAME_CHARACTERS_MAX)
    request = {member: properties[member] for member in _PLAIN if member in properties}
    created = context.ask(
        "pipes",
        "CreatePipe",
        {
            **request,
            "Name": name,
            "Source": properties["Source"],
            "Tags": context.tags(properties.get("Tags")),
        },
    )
    return _done(context, name, created["Arn"])


def _done(context: Context, name: str, arn: str) -> Done:
    found = context.ask("pipes", "DescribePipe", {"Name": name})
    return Done(
        name,
        {
            "Arn": arn,
            "CreationTime": str(found["CreationTime"]),
            "CurrentState": found["CurrentState"],
            "LastModifiedTime": str(found["LastModifiedTime"]),
            "StateReason": found.get("StateReason", ""),
        },
    )


def _update(context: Context, name: str, old: Properties, new: Properties) -> Done:
    request: dict[str, Any] = {
        member: new.get(member, empty)
        for member, empty in _EMPTY.items()
        if member in new or member in old
    }
    for member in ("RoleArn", "Target", "LogConfiguration"):
        if member in new:
            request[member] = new[member]
    if "LogConfiguration" in old and "LogConfiguration" not in new:
        request["LogConfiguration"] = {"Level": "OFF"}
    for member in ("EnrichmentParameters", "TargetParameters"):
        request[member] = _replacing(old.get(member) or {}, new.get(member) or {})
    if "SourceParameters" in new or "SourceParameters" in old:
        request["SourceParameters"] = _source(new.get("SourceParameters") or {})
    updated = context.ask("pipes", "UpdatePipe", {**request, "Name": name})
    _update_tags(context, updated["Arn"], old, new)
    return _done(context, name, updated["Arn"])


def _replacing(old: Properties, new: Properties) -> dict[str, Any]:
    """Parameters that take the place of others: what is not there any more is emptied."""
    gone = {name: "" if name == "InputTemplate" else {} for name in old if name not in new}
    return {**gone, **new}


def _source(new: Properties) -> dict[str, Any]:
    """SourceParameters as an update takes them: where reading began is not among them."""
    parameters: dict[str, Any] = {"FilterCriteria": {}}
    for name, value in new.items():
        if isinstance(value, dict):
            value = {key: each for key, each in value.items() if key not in _CREATED_ONLY}
        parameters[name] = value
    return parameters


def _update_tags(context: Context, arn: str, old: Properties, new: Properties) -> None:
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    gone = [key for key in before if key not in after]
    if gone:
        context.ask("pipes", "UntagResource", {"resourceArn": arn, "tagKeys": gone})
    context.ask("pipes", "TagResource", {"resourceArn": arn, "tags": after})


def _delete(context: Context, name: str, properties: Properties) -> None:
    context.ask("pipes", "DeletePipe", {"Name": name})


RESOURCES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::Pipes::Pipe",
        properties=frozenset((*_PLAIN, "Name", "Source", "Tags")),
        required=frozenset(("RoleArn", "Source", "Target")),
        create_only=frozenset(
            (
                "Name",
                "Source",
                "SourceParameters.DynamoDBStreamParameters.StartingPosition",
                "SourceParameters.KinesisStreamParameters.StartingPosition",
                "SourceParameters.KinesisStreamParameters.StartingPositionTimestamp",
            )
        ),
        attributes=frozenset(
            ("Arn", "CreationTime", "CurrentState", "LastModifiedTime", "StateReason")
        ),
        primary_identifier="Name",
        create=_create,
        update=_update,
        delete=_delete,
    ),
)
