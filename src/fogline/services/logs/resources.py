"""The CloudFormation types that CloudWatch Logs owns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fogline.aws.arn import make_arn
from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceType,
    boolean,
    integer,
    text,
)

_NAME_CHARACTERS_MAX = 512


def _group_arn(context: Context, name: str) -> str:
    return make_arn("logs", context.call.region, context.call.account, f"log-group:{name}")


def _optional_boolean(value: object) -> bool | None:
    return None if value is None else boolean(value)


# ---- AWS::Logs::LogGroup


def _create_group(context: Context, properties: Properties) -> Done:
    name = properties.get("LogGroupName") or context.name(_NAME_CHARACTERS_MAX)
    context.ask(
        "logs",
        "CreateLogGroup",
        {
            "logGroupName": name,
            "kmsKeyId": properties.get("KmsKeyId"),
            "logGroupClass": properties.get("LogGroupClass"),
            "deletionProtectionEnabled": _optional_boolean(
                properties.get("DeletionProtectionEnabled")
            ),
            "tags": context.tags(properties.get("Tags")),
        },
    )
    _retain(context, name, {}, properties)
    return _group(context, name)


def _update_group(context: Context, name: str, old: Properties, new: Properties) -> Done:
    _retain(context, name, old, new)
    if new.get("KmsKeyId") != old.get("KmsKeyId"):
        if new.get("KmsKeyId"):
            context.ask(
                "logs", "AssociateKmsKey", {"logGroupName": name, "kmsKeyId": new["KmsKeyId"]}
            )
        else:
            context.ask("logs", "DisassociateKmsKey", {"logGroupName": name})
    protected = boolean(new.get("DeletionProtectionEnabled", False))
    if protected is not boolean(old.get("DeletionProtectionEnabled", False)):
        context.ask(
            "logs",
            "PutLogGroupDeletionProtection",
            {"logGroupIdentifier": name, "deletionProtectionEnabled": protected},
        )
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    arn = _group_arn(context, name)
    gone = [key for key in before if key not in after]
    if gone:
        context.ask("logs", "UntagResource", {"resourceArn": arn, "tagKeys": gone})
    context.ask("logs", "TagResource", {"resourceArn": arn, "tags": after})
    return _group(context, name)


def _delete_group(context: Context, name: str, properties: Properties) -> None:
    context.ask("logs", "DeleteLogGroup", {"logGroupName": name})


def _group(context: Context, name: str) -> Done:
    return Done(name, {"Arn": f"{_group_arn(context, name)}:*", "LogGroupName": name})


def _retain(context: Context, name: str, old: Properties, new: Properties) -> None:
    days = new.get("RetentionInDays")
    if days is not None:
        context.ask(
            "logs",
            "PutRetentionPolicy",
            {"logGroupName": name, "retentionInDays": integer(days)},
        )
    elif old.get("RetentionInDays") is not None:
        context.ask("logs", "DeleteRetentionPolicy", {"logGroupName": name})


# ---- AWS::Logs::LogStream


def _create_stream(context: Context, properties: Properties) -> Done:
    name = properties.get("LogStreamName") or context.name(_NAME_CHARACTERS_MAX)
    group = properties["LogGroupName"]
    context.ask("logs", "CreateLogStream", {"logGroupName": group, "logStreamName": name})
    return Done(name, {"LogStreamName": name})


def _delete_stream(context: Context, name: str, properties: Properties) -> None:
    group = properties["LogGroupName"]
    context.ask("logs", "DeleteLogStream", {"logGroupName": group, "logStreamName": name})


# ---- AWS::Logs::MetricFilter


def _create_metric_filter(context: Context, properties: Properties) -> Done:
    name = properties.get("FilterName") or context.name(_NAME_CHARACTERS_MAX)
    _put_metric_filter(context, name, properties)
    return Done(name, {"FilterName": name})


def _update_metric_filter(context: Context, name: str, old: Properties, new: Properties) -> Done:
    _put_metric_filter(context, name, new)
    return Done(name, {"FilterName": name})


def _delete_metric_filter(context: Context, name: str, properties: Properties) -> None:
    context.ask(
        "logs",
        "DeleteMetricFilter",
        {"logGroupName": properties["LogGroupName"], "filterName": name},
    )


def _put_metric_filter(context: Context, name: str, properties: Properties) -> None:
    context.ask(
        "logs",
        "PutMetricFilter",
        {
            "logGroupName": properties["LogGroupName"],
            "filterName": name,
            "filterPattern": text(properties["FilterPattern"]),
            "metricTransformations": [
                _transformation(each) for each in properties["MetricTransformations"]
            ],
            "applyOnTransformedLogs": _optional_boolean(properties.get("ApplyOnTransformedLogs")),
            "fieldSelectionCriteria": properties.get("FieldSelectionCriteria"),
            "emitSystemFieldDimensions": properties.get("EmitSystemFieldDimensions"),
        },
    )


def _transformation(given: Mapping[str, Any]) -> dict[str, Any]:
    transformation: dict[str, Any] = {
        "metricName": given["MetricName"],
        "metricNamespace": given["MetricNamespace"],
        "metricValue": text(given["MetricValue"]),
    }
    if "DefaultValue" in given:
        transformation["defaultValue"] = float(given["DefaultValue"])
    if "Unit" in given:
        transformation["unit"] = given["Unit"]
    if "Dimensions" in given:
        transformation["dimensions"] = {
            each["Key"]: text(each["Value"]) for each in given["Dimensions"]
        }
    return transformation


# ---- AWS::Logs::ResourcePolicy


def _put_policy(context: Context, properties: Properties) -> Done:
    name = properties["PolicyName"]
    document = properties["PolicyDocument"]
    if not isinstance(document, str):
        document = json.dumps(document)
    context.ask("logs", "PutResourcePolicy", {"policyName": name, "policyDocument": document})
    return Done(name)


def _update_policy(context: Context, name: str, old: Properties, new: Properties) -> Done:
    return _put_policy(context, new)


def _delete_policy(context: Context, name: str, properties: Properties) -> None:
    context.ask("logs", "DeleteResourcePolicy", {"policyName": name})


RESOURCES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::Logs::LogGroup",
        properties=frozenset(
            {
                "LogGroupName",
                "KmsKeyId",
                "LogGroupClass",
                "RetentionInDays",
                "DeletionProtectionEnabled",
                "Tags",
            }
        ),
        not_built=frozenset(
            {
                "DataProtectionPolicy",
                "FieldIndexPolicies",
                "ResourcePolicyDocument",
                "BearerTokenAuthenticationEnabled",
            }
        ),
        create=_create_group,
        update=_update_group,
        delete=_delete_group,
        create_only=frozenset({"LogGroupName", "LogGroupClass"}),
        attributes=frozenset({"Arn", "LogGroupName"}),
        primary_identifier="LogGroupName",
    ),
    ResourceType(
        name="AWS::Logs::LogStream",
        properties=frozenset({"LogGroupName", "LogStreamName"}),
        required=frozenset({"LogGroupName"}),
        create=_create_stream,
        delete=_delete_stream,
        create_only=frozenset({"LogGroupName", "LogStreamName"}),
        primary_identifier="LogStreamName",
    ),
    ResourceType(
        name="AWS::Logs::MetricFilter",
        properties=frozenset(
            {
                "FilterName",
                "FilterPattern",
                "LogGroupName",
                "MetricTransformations",
                "ApplyOnTransformedLogs",
                "FieldSelectionCriteria",
                "EmitSystemFieldDimensions",
            }
        ),
        required=frozenset({"FilterPattern", "LogGroupName", "MetricTransformations"}),
        create=_create_metric_filter,
        update=_update_metric_filter,
        delete=_delete_metric_filter,
        create_only=frozenset({"FilterName", "LogGroupName"}),
        primary_identifier="FilterName",
    ),
    ResourceType(
        name="AWS::Logs::ResourcePolicy",
        properties=frozenset({"PolicyName", "PolicyDocument"}),
        required=frozenset({"PolicyName", "PolicyDocument"}),
        create=_put_policy,
        update=_update_policy,
        delete=_delete_policy,
        create_only=frozenset({"PolicyName"}),
        primary_identifier="PolicyName",
    ),
)
