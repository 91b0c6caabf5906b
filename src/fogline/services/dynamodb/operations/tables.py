"""Tables: created, described, changed and deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fogline.aws.arn import make_arn
from fogline.aws.call import Call
from fogline.services.dynamodb import streams
from fogline.services.dynamodb.errors import (
    ResourceInUseException,
    ResourceNotFoundException,
    ValidationException,
    invalid_parameters,
)
from fogline.services.dynamodb.index_entries import fill_index
from fogline.services.dynamodb.lookup import (
    check_name,
    find_table,
    require_table_itself,
    require_writable,
)
from fogline.services.dynamodb.operations.tags import check_tags, tags_of
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Table
from fogline.services.dynamodb.table_definition import (
    ON_DEMAND,
    check_definition,
    check_index,
    check_index_throughput,
    check_stream,
    index_document,
)
from fogline.services.dynamodb.table_description import described, described_as_deleted
from fogline.services.dynamodb.tables import Position, position_of
from fogline.store.store import Tx

Request = Mapping[str, Any]
Result = Mapping[str, Any]

_FILLED_AT_ONCE = 500
_CHANGEABLE = (
    "ProvisionedThroughput",
    "BillingMode",
    "StreamSpecification",
    "GlobalSecondaryIndexUpdates",
    "SSESpecification",
    "ReplicaUpdates",
    "TableClass",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "WarmThroughput",
)


def create_table(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    name: str = request["TableName"]
    check_name(name)
    check_definition(request, dynamodb.limits)
    tags = tags_of(request.get("Tags") or ())
    check_tags(tags, dynamodb.limits, call)
    with dynamodb.store.write() as tx:
        tx.lock(f"dynamodb:{call.account}:{call.region}:{name}")
        if find_table(dynamodb, tx, call, name) is not None:
            raise ResourceInUseException(f"Table already exists: {name}")
        document = _document(dynamodb, call, request, tags)
        if (request.get("StreamSpecification") or {}).get("StreamEnabled"):
            streams.start(dynamodb, tx, call, document, request["StreamSpecification"])
        table = dynamodb.tables.save_table(tx, call.account, call.region, document)
    return {"TableDescription": described(table, "CREATING")}


def _document(
    dynamodb: DynamoDb, call: Call, request: Request, tags: Mapping[str, str]
) -> dict[str, Any]:
    new_number = dynamodb.ids.ordered
    billing = request.get("BillingMode", "PROVISIONED")
    document: dict[str, Any] = {
        "TableName": request["TableName"],
        "Number": new_number(call.now),
        "TableId": dynamodb.ids.uuid(),
        "CreatedAt": call.now,
        "AttributeDefinitions": _sorted(request["AttributeDefinitions"]),
        "KeySchema": request["KeySchema"],
        "BillingMode": billing,
        "DeletionProtectionEnabled": request.get("DeletionProtectionEnabled", False),
        "Tags": tags,
        "Indexes": [
            index_document(index, new_number(call.now), is_local=is_local)
            for is_local, name in (
                (True, "LocalSecondaryIndexes"),
                (False, "GlobalSecondaryIndexes"),
            )
            for index in request.get(name) or ()
        ],
    }
    if billing == ON_DEMAND:
        document["OnDemandAt"] = call.now
    for name in ("ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput", "TableClass"):
        if request.get(name) is not None:
            document[name] = request[name]
    encryption = request.get("SSESpecification")
    if encryption and encryption.get("Enabled"):
        document["SSE"] = _encryption(dynamodb, call, encryption)
    return document


def _sorted(definitions: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    return sorted(definitions, key=lambda each: each["AttributeName"])


def _encryption(dynamodb: DynamoDb, call: Call, given: Request) -> dict[str, Any]:
    key: str = given.get("KMSMasterKeyId") or dynamodb.ids.uuid()
    if not key.startswith("arn:"):
        kind = "" if key.startswith("alias/") else "key/"
        key = make_arn("kms", call.region, call.account, f"{kind}{key}")
    return {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key}


def describe_table(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    with dynamodb.store.read() as tx:
        table = require_table_itself(dynamodb, tx, call, request["TableName"])
        return {"Table": _described_now(dynamodb, tx, table, call.now)}


def _described_now(dynamodb: DynamoDb, tx: Tx, table: Table, now: int) -> dict[str, Any]:
    return described(
        table,
        "ACTIVE",
        measured=dynamodb.tables.measure_items(tx, table, now),
        measured_indexes={
            index.name: dynamodb.tables.measure_entries(tx, index, now) for index in table.indexes
        },
    )


def list_tables(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    limit = request.get("Limit", dynamodb.limits.list_tables_max)
    after = request.get("ExclusiveStartTableName", "")
    with dynamodb.store.read() as tx:
        names = dynamodb.tables.list_names(tx, call.account, call.region, after, limit + 1)
    if len(names) > limit:
        return {"TableNames": names[:limit], "LastEvaluatedTableName": names[limit - 1]}
    return {"TableNames": names}


def delete_table(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    with dynamodb.store.write() as tx:
        table = require_writable(dynamodb, tx, call, request["TableName"])
        if table.document["DeletionProtectionEnabled"]:
            raise ValidationException(
                "Resource cannot be deleted as it is currently protected against deletion. "
                "Disable deletion protection first."
            )
        document = dict(table.document)
        streams.end(dynamodb, tx, table, document, call.now)
        dynamodb.tables.remove_table(tx, table)
    return {"TableDescription": described_as_deleted(table)}


# ---- changes


def update_table(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    if request.get("ReplicaUpdates"):
        raise ValidationException("Fogline does not build replicas of tables: ReplicaUpdates")
    if not any(request.get(name) is not None for name in _CHANGEABLE):
        raise ValidationException(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
            "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required"
        )
    with dynamodb.store.write() as tx:
        table = require_writable(dynamodb, tx, call, request["TableName"])
        document = dict(table.document)
        _refuse_same_throughput(request, document)
        _change_settings(dynamodb, call, request, document)
        _change_stream(dynamodb, tx, call, table, request, document)
        statuses: dict[str, str] = {}
        for each in request.get("GlobalSecondaryIndexUpdates") or ():
            [(action, index)] = each.items()
            statuses[index["IndexName"]] = f"{action.upper().removesuffix('E')}ING"
            if action == "Create":
                _add_index(dynamodb, tx, call, table, request, document, index)
            elif action == "Delete":
                _remove_index(dynamodb, tx, table, document, index["IndexName"])
            else:
                _change_index(table, document, index)
        before = table.document.get("SSE")
        table = dynamodb.tables.save_table(tx, table.account, table.region, document)
    description = described(table, "UPDATING", index_status=statuses)
    encryption = document.get("SSE") or before
    if request.get("SSESpecification") is not None and encryption is not None:
        description["SSEDescription"] = {**encryption, "Status": "UPDATING"}
    return {"TableDescription": description}


def _refuse_same_throughput(request: Request, document: Mapping[str, Any]) -> None:
    wanted, present = request.get("ProvisionedThroughput"), document.get("ProvisionedThroughput")
    others = [name for name in _CHANGEABLE if request.get(name) is not None]
    if wanted is None or wanted != present or others != ["ProvisionedThroughput"]:
        return
    read, write = present["ReadCapacityUnits"], present["WriteCapacityUnits"]
    raise ValidationException(
        "The provisioned throughput for the table will not change. The requested value equals the "
        f"current value. Current ReadCapacityUnits provisioned for the table: {read}. Requested "
        f"ReadCapacityUnits: {read}. Current WriteCapacityUnits provisioned for the table: {write}. "
        f"Requested WriteCapacityUnits: {write}. Refer to the Amazon DynamoDB Developer Guide for "
        "current limits and how to request higher limits."
    )


def _change_settings(
    dynamodb: DynamoDb, call: Call, request: Request, document: dict[str, Any]
) -> None:
    for name in (
        "TableClass",
        "DeletionProtectionEnabled",
        "OnDemandThroughput",
        "WarmThroughput",
    ):
        if request.get(name) is not None:
            document[name] = request[name]
    billing = request.get("BillingMode", document["BillingMode"])
    throughput = request.get("ProvisionedThroughput")
    if billing == ON_DEMAND:
        if throughput is not None:
            raise invalid_parameters(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                "BillingMode is PAY_PER_REQUEST"
            )
        if document["BillingMode"] != ON_DEMAND:
            document["OnDemandAt"] = call.now
        document.pop("ProvisionedThroughput", None)
    elif throughput is not None:
        document["ProvisionedThroughput"] = throughput
    elif "ProvisionedThroughput" not in document:
        raise invalid_parameters(
            "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"
        )
    document["BillingMode"] = billing
    encryption = request.get("SSESpecification")
    if encryption is not None:
        if encryption.get("Enabled", True):
            document["SSE"] = _encryption(dynamodb, call, encryption)
        else:
            document.pop("SSE", None)


def _change_stream(
    dynamodb: DynamoDb,
    tx: Tx,
    call: Call,
    table: Table,
    request: Request,
    document: dict[str, Any],
) -> None:
    wanted = request.get("StreamSpecification")
    if wanted is None:
        return
    if wanted["StreamEnabled"]:
        if table.stream is not None:
            raise ResourceInUseException(
                f"Table already has an enabled stream: TableName: {table.name}"
            )
        check_stream(wanted)
        streams.start(dynamodb, tx, call, document, wanted)
    else:
        if table.stream is None:
            raise ValidationException(
                f"Table has no enabled stream to disable: TableName: {table.name}"
            )
        streams.end(dynamodb, tx, table, document, call.now)


def _add_index(
    dynamodb: DynamoDb,
    tx: Tx,
    call: Call,
    table: Table,
    request: Request,
    document: dict[str, Any],
    index: Request,
) -> None:
    definitions = {each["AttributeName"]: each for each in document["AttributeDefinitions"]}
    definitions |= {
        each["AttributeName"]: each for each in request.get("AttributeDefinitions") or ()
    }
    check_index(index, list(definitions), dynamodb.limits)
    check_index_throughput(index, document)
    if any(each["IndexName"] == index["IndexName"] for each in document["Indexes"]):
        raise invalid_parameters(
            f"Attempting to create an index which already exists: {index['IndexName']}"
        )
    global_count = sum(not each["IsLocal"] for each in document["Indexes"])
    if global_count >= dynamodb.limits.global_indexes_max:
        raise invalid_parameters(
            "GlobalSecondaryIndex count exceeds the per-table limit of "
            f"{dynamodb.limits.global_indexes_max}"
        )
    number = dynamodb.ids.ordered(call.now)
    document["Indexes"] = [*document["Indexes"], index_document(index, number, is_local=False)]
    _keep_definitions(document, definitions)
    _fill(dynamodb, tx, Table(table.account, table.region, document), index["IndexName"])


def _keep_definitions(document: dict[str, Any], definitions: Mapping[str, Any]) -> None:
    """Only attributes that some key names stay defined."""
    used = {each["AttributeName"] for each in document["KeySchema"]}
    for index in document["Indexes"]:
        used |= {each["AttributeName"] for each in index["KeySchema"]}
    document["AttributeDefinitions"] = _sorted(
        each for name, each in definitions.items() if name in used
    )


def _fill(dynamodb: DynamoDb, tx: Tx, table: Table, name: str) -> None:
    index = table.find_index(name)
    assert index is not None, "the index was just added"
    start = Position(b"", b"")
    while lines := dynamodb.tables.scan_items(tx, table, start, None, _FILLED_AT_ONCE):
        fill_index(dynamodb.tables, tx, index, lines)
        start = position_of(lines[-1])


def _remove_index(
    dynamodb: DynamoDb, tx: Tx, table: Table, document: dict[str, Any], name: str
) -> None:
    index = table.find_index(name)
    if index is None or index.is_local:
        raise ResourceNotFoundException(
            f"Requested resource not found: Table: {table.name} not found"
            if index is not None
            else "Requested resource not found"
        )
    dynamodb.tables.remove_all_entries(tx, index)
    document["Indexes"] = [each for each in document["Indexes"] if each["IndexName"] != name]
    _keep_definitions(
        document, {each["AttributeName"]: each for each in document["AttributeDefinitions"]}
    )


def _change_index(table: Table, document: dict[str, Any], change: Request) -> None:
    if table.find_index(change["IndexName"]) is None:
        raise ResourceNotFoundException()
    settings = {name: value for name, value in change.items() if name != "IndexName"}
    document["Indexes"] = [
        {**each, **settings} if each["IndexName"] == change["IndexName"] else each
        for each in document["Indexes"]
    ]
