"""Global tables of CloudFormation: with one replica they are tables, written differently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import Context, Properties, ResourceRefused


def table_properties(context: Context, properties: Properties) -> Properties:
    """The properties of the table that a global table is, in the one region it may be in."""
    [replica, *others] = properties["Replicas"]
    if others or replica["Region"] != context.call.region:
        raise ResourceRefused(
            "Replicas in other regions are not built yet: a global table has one replica, in the "
            "region of its stack."
        )
    shared = (
        "TableName",
        "AttributeDefinitions",
        "KeySchema",
        "LocalSecondaryIndexes",
        "StreamSpecification",
        "TimeToLiveSpecification",
        "WarmThroughput",
    )
    table = {name: properties[name] for name in shared if name in properties}
    table["BillingMode"] = properties.get("BillingMode", "PROVISIONED")
    for name in (
        "TableClass",
        "DeletionProtectionEnabled",
        "PointInTimeRecoverySpecification",
        "Tags",
    ):
        if name in replica:
            table[name] = replica[name]
    encryption = dict(properties.get("SSESpecification") or {})
    if encryption:
        encryption |= replica.get("SSESpecification") or {}
        table["SSESpecification"] = encryption
    throughput = _capacity(properties, replica)
    if throughput and table["BillingMode"] == "PROVISIONED":
        table["ProvisionedThroughput"] = throughput
    on_demand = _on_demand(properties, replica)
    if on_demand:
        table["OnDemandThroughput"] = on_demand
    own = {each["IndexName"]: each for each in replica.get("GlobalSecondaryIndexes") or ()}
    indexes = [
        _global_index(each, own.get(each["IndexName"], {}), table["BillingMode"])
        for each in properties.get("GlobalSecondaryIndexes") or ()
    ]
    if indexes:
        table["GlobalSecondaryIndexes"] = indexes
    return table


def _global_index(
    given: Mapping[str, Any], replica: Mapping[str, Any], billing: str
) -> dict[str, Any]:
    index = {
        name: given[name]
        for name in ("IndexName", "KeySchema", "Projection", "WarmThroughput")
        if name in given
    }
    throughput = _capacity(given, replica)
    if throughput and billing == "PROVISIONED":
        index["ProvisionedThroughput"] = throughput
    return index


def _capacity(shared: Mapping[str, Any], replica: Mapping[str, Any]) -> dict[str, Any] | None:
    read = (replica.get("ReadProvisionedThroughputSettings") or {}).get("ReadCapacityUnits")
    write = shared.get("WriteProvisionedThroughputSettings") or {}
    scaling = write.get("WriteCapacityAutoScalingSettings") or {}
    units = (
        write.get("WriteCapacityUnits") or scaling.get("SeedCapacity") or scaling.get("MinCapacity")
    )
    reading = (replica.get("ReadProvisionedThroughputSettings") or {}).get(
        "ReadCapacityAutoScalingSettings"
    ) or {}
    read = read or reading.get("SeedCapacity") or reading.get("MinCapacity")
    if units is None and read is None:
        return None
    return {"ReadCapacityUnits": read or units, "WriteCapacityUnits": units or read}


def _on_demand(shared: Mapping[str, Any], replica: Mapping[str, Any]) -> dict[str, Any]:
    read = replica.get("ReadOnDemandThroughputSettings") or {}
    write = shared.get("WriteOnDemandThroughputSettings") or {}
    return {**read, **write}
