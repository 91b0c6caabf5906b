"""The CloudFormation types that DynamoDB owns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceType,
    boolean,
)
from fogline.services.dynamodb.global_tables import table_properties

_NAME_CHARACTERS_MAX = 255

_AS_GIVEN = (
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "KeySchema",
    "LocalSecondaryIndexes",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "TableClass",
    "WarmThroughput",
)
_CHANGED_AS_GIVEN = (
    "BillingMode",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "TableClass",
    "WarmThroughput",
)


def _create_table(context: Context, properties: Properties) -> Done:
    name = properties.get("TableName") or context.name(_NAME_CHARACTERS_MAX)
    context.ask(
        "dynamodb",
        "CreateTable",
        {
            "TableName": name,
            **{member: properties.get(member) for member in _AS_GIVEN},
            "GlobalSecondaryIndexes": [
                _index(each) for each in properties.get("GlobalSecondaryIndexes") or ()
            ]
            or None,
            "SSESpecification": _encryption(properties),
            "StreamSpecification": _stream(properties),
            "Tags": _tag_list(context, properties) or None,
        },
    )
    _set_expiry(context, name, {}, properties)
    _set_recovery(context, name, {}, properties)
    _set_insights(context, name, {}, properties)
    return _table(context, name)


def _update_table(context: Context, name: str, old: Properties, new: Properties) -> Done:
    changes: dict[str, Any] = {
        member: new.get(member)
        for member in _CHANGED_AS_GIVEN
        if new.get(member) is not None and new.get(member) != old.get(member)
    }
    if new.get("SSESpecification") != old.get("SSESpecification"):
        changes["SSESpecification"] = _encryption(new) or {"Enabled": False}
    if new.get("StreamSpecification") != old.get("StreamSpecification"):
        if old.get("StreamSpecification") and new.get("StreamSpecification"):
            context.ask(
                "dynamodb",
                "UpdateTable",
                {"TableName": name, "StreamSpecification": {"StreamEnabled": False}},
            )
        changes["StreamSpecification"] = _stream(new) or {"StreamEnabled": False}
    if changes:
        context.ask("dynamodb", "UpdateTable", {"TableName": name, **changes})
    _update_indexes(context, name, old, new)
    _set_expiry(context, name, old, new)
    _set_recovery(context, name, old, new)
    _set_insights(context, name, old, new)
    _update_tags(context, name, old, new)
    return _table(context, name)


def _delete_table(context: Context, name: str, properties: Properties) -> None:
    context.ask("dynamodb", "DeleteTable", {"TableName": name})


def _table(context: Context, name: str) -> Done:
    described = context.ask("dynamodb", "DescribeTable", {"TableName": name})["Table"]
    attributes = {"Arn": described["TableArn"], "TableId": described["TableId"]}
    if "LatestStreamArn" in described:
        attributes["StreamArn"] = described["LatestStreamArn"]
    return Done(name, attributes)


def _tag_list(context: Context, properties: Properties) -> list[dict[str, str]]:
    """The stack's tags and the table's. CloudFormation's own do not reach tables (recorded)."""
    return [
        tag for tag in context.tag_list(properties.get("Tags")) if not tag["Key"].startswith("aws:")
    ]


def _encryption(properties: Properties) -> dict[str, Any] | None:
    given = properties.get("SSESpecification")
    if not given:
        return None
    found: dict[str, Any] = {"Enabled": boolean(given.get("SSEEnabled", True))}
    for member in ("SSEType", "KMSMasterKeyId"):
        if given.get(member):
            found[member] = given[member]
    return found


def _stream(properties: Properties) -> dict[str, Any] | None:
    given = properties.get("StreamSpecification")
    if not given:
        return None
    return {"StreamEnabled": True, "StreamViewType": given["StreamViewType"]}


def _index(given: Mapping[str, Any]) -> dict[str, Any]:
    return _without(given, ("ContributorInsightsSpecification",))


def _set_insights(context: Context, name: str, old: Properties, new: Properties) -> None:
    before, after = _insights(old), _insights(new)
    kept = {each["IndexName"] for each in new.get("GlobalSecondaryIndexes") or ()}
    for index in {**before, **after}:
        wanted = after.get(index)
        if wanted == before.get(index) or (index and index not in kept):
            continue
        context.ask(
            "dynamodb",
            "UpdateContributorInsights",
            {
                "TableName": name,
                "IndexName": index or None,
                "ContributorInsightsAction": "DISABLE" if wanted is None else "ENABLE",
                "ContributorInsightsMode": wanted or None,
            },
        )


def _insights(properties: Properties) -> dict[str, str]:
    """The mode of insights, or "" for the usual one, by index ("" for the table), where enabled."""
    owners = {"": properties} | {
        each["IndexName"]: each for each in properties.get("GlobalSecondaryIndexes") or ()
    }
    found: dict[str, str] = {}
    for name, owner in owners.items():
        given = owner.get("ContributorInsightsSpecification")
        if given and boolean(given.get("Enabled", False)):
            found[name] = given.get("Mode", "")
    return found


def _update_indexes(context: Context, name: str, old: Properties, new: Properties) -> None:
    before = {each["IndexName"]: _index(each) for each in old.get("GlobalSecondaryIndexes") or ()}
    after = {each["IndexName"]: _index(each) for each in new.get("GlobalSecondaryIndexes") or ()}
    settings = ("ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput")
    updates: list[dict[str, Any]] = []
    for index, given in before.items():
        if index not in after:
            updates.append({"Delete": {"IndexName": index}})
        elif _without(given, settings) != _without(after[index], settings):
            updates.append({"Delete": {"IndexName": index}})
            updates.append({"Create": after[index]})
        elif given != after[index]:
            changed = {each: after[index][each] for each in settings if each in after[index]}
            updates.append({"Update": {"IndexName": index, **changed}})
    updates += [{"Create": given} for index, given in after.items() if index not in before]
    for update in updates:
        context.ask(
            "dynamodb",
            "UpdateTable",
            {
                "TableName": name,
                "AttributeDefinitions": new["AttributeDefinitions"],
                "GlobalSecondaryIndexUpdates": [update],
            },
        )


def _without(given: Mapping[str, Any], members: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in members}


def _set_expiry(context: Context, name: str, old: Properties, new: Properties) -> None:
    before, after = _expiry(old), _expiry(new)
    if before == after:
        return
    for attribute, is_enabled in ((before, False), (after, True)):
        if attribute:
            context.ask(
                "dynamodb",
                "UpdateTimeToLive",
                {
                    "TableName": name,
                    "TimeToLiveSpecification": {
                        "Enabled": is_enabled,
                        "AttributeName": attribute,
                    },
                },
            )


def _expiry(properties: Properties) -> str:
    given = properties.get("TimeToLiveSpecification")
    if not given or not boolean(given.get("Enabled", True)):
        return ""
    return str(given["AttributeName"])


def _set_recovery(context: Context, name: str, old: Properties, new: Properties) -> None:
    before = old.get("PointInTimeRecoverySpecification")
    after = new.get("PointInTimeRecoverySpecification")
    if before != after:
        context.ask(
            "dynamodb",
            "UpdateContinuousBackups",
            {
                "TableName": name,
                "PointInTimeRecoverySpecification": after or {"PointInTimeRecoveryEnabled": False},
            },
        )


def _update_tags(context: Context, name: str, old: Properties, new: Properties) -> None:
    before, after = _tag_list(context, old), _tag_list(context, new)
    if before == after:
        return
    described = context.ask("dynamodb", "DescribeTable", {"TableName": name})["Table"]
    arn = described["TableArn"]
    kept = {tag["Key"] for tag in after}
    gone = [tag["Key"] for tag in before if tag["Key"] not in kept]
    if gone:
        context.ask("dynamodb", "UntagResource", {"ResourceArn": arn, "TagKeys": gone})
    if after:
        context.ask("dynamodb", "TagResource", {"ResourceArn": arn, "Tags": after})


# ---- AWS::DynamoDB::GlobalTable, with one replica: here


def _create_global(context: Context, properties: Properties) -> Done:
    return _create_table(context, table_properties(context, properties))


def _update_global(context: Context, name: str, old: Properties, new: Properties) -> Done:
    return _update_table(
        context, name, table_properties(context, old), table_properties(context, new)
    )


RESOURCES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::DynamoDB::Table",
        properties=frozenset(
            {
                *_AS_GIVEN,
                "TableName",
                "ContributorInsightsSpecification",
                "GlobalSecondaryIndexes",
                "PointInTimeRecoverySpecification",
                "SSESpecification",
                "StreamSpecification",
                "Tags",
                "TimeToLiveSpecification",
            }
        ),
        not_built=frozenset(
            {
                "ImportSourceSpecification",
                "KinesisStreamSpecification",
                "ResourcePolicy",
            }
        ),
        required=frozenset({"KeySchema"}),
        create=_create_table,
        update=_update_table,
        delete=_delete_table,
        create_only=frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"}),
        attributes=frozenset({"Arn", "StreamArn", "TableId"}),
        primary_identifier="TableName",
        has_snapshot=False,
    ),
    ResourceType(
        name="AWS::DynamoDB::GlobalTable",
        properties=frozenset(
            {
                "TableName",
                "AttributeDefinitions",
                "BillingMode",
                "GlobalSecondaryIndexes",
                "KeySchema",
                "LocalSecondaryIndexes",
                "Replicas",
                "SSESpecification",
                "StreamSpecification",
                "TimeToLiveSpecification",
                "WarmThroughput",
                "WriteOnDemandThroughputSettings",
                "WriteProvisionedThroughputSettings",
            }
        ),
        not_built=frozenset({"GlobalTableWitnesses", "MultiRegionConsistency"}),
        required=frozenset({"KeySchema", "AttributeDefinitions", "Replicas"}),
        create=_create_global,
        update=_update_global,
        delete=_delete_table,
        create_only=frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"}),
        attributes=frozenset({"Arn", "StreamArn", "TableId"}),
        primary_identifier="TableName",
    ),
)
