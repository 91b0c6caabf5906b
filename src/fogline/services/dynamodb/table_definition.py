"""What a table may be: the checks of CreateTable and UpdateTable, and the document that results."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fogline.services.dynamodb.errors import ValidationException, invalid_parameters
from fogline.services.dynamodb.limits import Limits

Request = Mapping[str, Any]
Elements = Sequence[Mapping[str, str]]

_INDEX_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
ON_DEMAND = "PAY_PER_REQUEST"


def check_definition(request: Request, limits: Limits) -> None:
    """Refuse a CreateTable that AWS refuses, in its words."""
    for member, path in (
        ("AttributeDefinitions", "attributeDefinitions"),
        ("KeySchema", "keySchema"),
    ):
        # The model asks for neither, because a replica has them from its source.
        if not request.get(member):
            raise ValidationException(
                f"1 validation error detected: Value null at '{path}' failed to satisfy "
                "constraint: Member must not be null"
            )
    definitions = [each["AttributeName"] for each in request["AttributeDefinitions"]]
    check_billing(request)
    check_key_schema(request["KeySchema"], definitions)
    used = {each["AttributeName"] for each in request["KeySchema"]}
    local = request.get("LocalSecondaryIndexes") or ()
    indexes = (*local, *(request.get("GlobalSecondaryIndexes") or ()))
    _check_counts(request, limits)
    names: set[str] = set()
    for index in indexes:
        check_index(index, definitions, limits)
        if index["IndexName"] in names:
            raise invalid_parameters(f"Duplicate index name: {index['IndexName']}")
        names.add(index["IndexName"])
        used |= {each["AttributeName"] for each in index["KeySchema"]}
    for index in local:
        _check_local_index(index, request["KeySchema"])
    for index in request.get("GlobalSecondaryIndexes") or ():
        check_index_throughput(index, request)
    _check_all_used(definitions, used, bool(indexes))
    check_stream(request.get("StreamSpecification"))


def check_billing(request: Request) -> None:
    throughput = request.get("ProvisionedThroughput")
    if request.get("BillingMode", "PROVISIONED") == ON_DEMAND:
        if throughput is not None:
            raise invalid_parameters(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                "BillingMode is PAY_PER_REQUEST"
            )
    elif throughput is None:
        raise invalid_parameters(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
            "PROVISIONED"
        )


def check_index_throughput(index: Request, table: Request) -> None:
    """The capacity of a global index must be told just when the table's is."""
    is_on_demand = table.get("BillingMode", "PROVISIONED") == ON_DEMAND
    given = index.get("ProvisionedThroughput")
    if is_on_demand and given is not None:
        raise invalid_parameters(
            "ProvisionedThroughput should not be specified for index: "
            f"{index['IndexName']} when BillingMode is PAY_PER_REQUEST"
        )
    if not is_on_demand and given is None:
        raise invalid_parameters(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified for index: "
            f"{index['IndexName']} when BillingMode is PROVISIONED"
        )


def check_key_schema(elements: Elements, definitions: Sequence[str]) -> None:
    if not elements or elements[0]["KeyType"] != "HASH":
        raise ValidationException(
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
        )
    if len(elements) > 2:
        raise ValidationException(
            "1 validation error detected: Value at 'keySchema' failed to satisfy constraint: "
            "Member must have length less than or equal to 2"
        )
    if len(elements) == 2:
        if elements[1]["KeyType"] != "RANGE":
            raise ValidationException(
                "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"
            )
        if elements[0]["AttributeName"] == elements[1]["AttributeName"]:
            raise ValidationException(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name"
            )
    names = [each["AttributeName"] for each in elements]
    if any(name not in definitions for name in names):
        raise invalid_parameters(
            "Some index key attributes are not defined in AttributeDefinitions. "
            f"Keys: {_listed(names)}, AttributeDefinitions: {_listed(definitions)}"
        )


def check_index(index: Request, definitions: Sequence[str], limits: Limits) -> None:
    name = index["IndexName"]
    if _INDEX_NAME.fullmatch(name) is None:
        raise ValidationException(
            "Invalid table/index name.  Table/index names must be between 3 and 255 characters "
            "long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'"
        )
    check_key_schema(index["KeySchema"], definitions)
    projection = index.get("Projection") or {}
    kind = projection.get("ProjectionType")
    attributes = projection.get("NonKeyAttributes")
    if kind is None:
        raise invalid_parameters("Unknown ProjectionType: null")
    if kind == "INCLUDE" and not attributes:
        raise invalid_parameters("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
    if kind != "INCLUDE" and attributes is not None:
        raise invalid_parameters(f"ProjectionType is {kind}, but NonKeyAttributes is specified")
    if attributes and len(attributes) > limits.projected_attributes_max:
        raise invalid_parameters(
            "Number of NonKeyAttributes exceeds the limit of "
            f"{limits.projected_attributes_max} for index: {name}"
        )


def _check_local_index(index: Request, table: Elements) -> None:
    name = index["IndexName"]
    if len(table) < 2:
        raise invalid_parameters(
            "Table KeySchema does not have a range key, which is required when specifying a "
            "LocalSecondaryIndex"
        )
    own = index["KeySchema"]
    if len(own) < 2:
        raise invalid_parameters(f"Index KeySchema does not have a range key for index: {name}")
    if own[0]["AttributeName"] != table[0]["AttributeName"]:
        raise invalid_parameters(
            "Index KeySchema does not have the same leading hash key as table KeySchema for index: "
            f"{name}. index hash key: {own[0]['AttributeName']}, "
            f"table hash key: {table[0]['AttributeName']}"
        )


def _check_counts(request: Request, limits: Limits) -> None:
    for kind, most in (
        ("Local", limits.local_indexes_max),
        ("Global", limits.global_indexes_max),
    ):
        given = request.get(f"{kind}SecondaryIndexes")
        if given is None:
            continue
        if not given:
            raise invalid_parameters(f"List of {kind}SecondaryIndexes is empty")
        if len(given) > most:
            raise invalid_parameters(
                f"{kind}SecondaryIndex count exceeds the per-table limit of {most}"
            )


def _check_all_used(definitions: Sequence[str], used: set[str], has_indexes: bool) -> None:
    if used == set(definitions):
        return
    if not has_indexes:
        raise invalid_parameters(
            "Number of attributes in KeySchema does not exactly match number of attributes defined "
            "in AttributeDefinitions"
        )
    raise invalid_parameters(
        "Some AttributeDefinitions are not used. "
        f"AttributeDefinitions: {_listed(definitions)}, keys used: {_listed(sorted(used))}"
    )


def check_stream(stream: Request | None) -> None:
    if stream is None:
        return
    if stream["StreamEnabled"] and not stream.get("StreamViewType"):
        raise invalid_parameters("StreamViewType is required when StreamEnabled is true")
    if not stream["StreamEnabled"] and stream.get("StreamViewType"):
        raise invalid_parameters(
            "Table is being created with StreamEnabled false, but StreamViewType is specified"
        )


def _listed(names: Sequence[str]) -> str:
    return f"[{', '.join(names)}]"


# ---- documents


def index_document(index: Request, number: int, *, is_local: bool) -> dict[str, Any]:
    """An index as its table's document keeps it."""
    document = {
        "IndexName": index["IndexName"],
        "Number": number,
        "IsLocal": is_local,
        "KeySchema": index["KeySchema"],
        "Projection": index["Projection"],
    }
    for name in ("ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"):
        if index.get(name) is not None:
            document[name] = index[name]
    return document
