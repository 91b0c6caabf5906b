from __future__ import annotations

import json

import pytest

from fogline.services.schemas.fitting import Fitting

PRICED = {
    "type": "object",
    "properties": {"detail": {"required": ["price"], "properties": {"price": {"type": "number"}}}},
}


@pytest.fixture
def misfits(fogline, order):
    """Where an order does not fit its schema of a registry."""
    platform = fogline.platform.platform

    def misfits(registry: str = "shop", **changes) -> list[str]:
        async def ask() -> list[str]:
            platform.wiring.load_all()
            fitting = platform.wiring.event_schemas
            assert isinstance(fitting, Fitting)
            with platform.store.read() as tx:
                return fitting.misfits(tx, fogline.id, "us-east-1", registry, order | changes)

        return fogline.platform.ask(ask())

    return misfits


def test_an_event_is_held_to_the_schema_of_its_kind(make_schema, misfits) -> None:
    make_schema("com.shop@OrderPlaced", PRICED)
    assert misfits() == ['detail: "price" is a required property']
    assert misfits(detail={"price": 1}) == []
    assert misfits(detail={"price": "1"}) == ['detail.price: "1" is not of type "number"']


def test_an_event_without_a_schema_fits(registry, misfits) -> None:
    assert misfits() == []
    assert misfits("none") == []


def test_the_newest_version_counts(schemas, make_schema, misfits) -> None:
    make_schema("com.shop@OrderPlaced", PRICED)
    assert misfits()
    request = {"RegistryName": "shop", "SchemaName": "com.shop@OrderPlaced"}
    schemas.update_schema(Content="{}", **request)
    assert misfits() == []
    schemas.delete_schema_version(SchemaVersion="2", **request)
    assert misfits()


def test_an_openapi_schema_is_held_to_as_well(make_schema, misfits) -> None:
    document = {
        "openapi": "3.0.0",
        "info": {"title": "OrderPlaced", "version": "1.0.0"},
        "paths": {},
        "components": {
            "schemas": {
                "AWSEvent": {
                    "type": "object",
                    "properties": {"detail": {"$ref": "#/components/schemas/OrderPlaced"}},
                },
                "OrderPlaced": {"properties": {"total": {"type": "string", "nullable": True}}},
            }
        },
    }
    make_schema("com.shop@OrderPlaced", document, "OpenApi3")
    (misfit,) = misfits()
    assert misfit.startswith("detail.total: 12 is not of type")
    assert misfits(detail={"total": None}) == []


def test_a_schema_may_be_named_without_capitals(make_schema, misfits) -> None:
    make_schema("com.shop@orderplaced", PRICED)
    assert misfits()


def test_arrays_that_were_always_empty_are_not_held_to_objects(schemas, misfits, fogline) -> None:
    events = fogline.client("events")
    bus = events.create_event_bus(Name="shop")["EventBusArn"]
    schemas.create_discoverer(SourceArn=bus)
    events.put_events(
        Entries=[
            {
                "EventBusName": "shop",
                "Source": "com.shop",
                "DetailType": "order placed",
                "Detail": json.dumps({"tags": []}),
            }
        ]
    )
    assert misfits("discovered-schemas", detail={"tags": ["a"]}, resources=["arn"]) == []
    assert misfits("discovered-schemas", detail={"tags": 3}) == [
        'detail.tags: 3 is not of type "array"'
    ]


def test_a_bus_that_cares_rejects_events_that_do_not_fit(make_schema, fogline) -> None:
    make_schema("com.shop@OrderPlaced", PRICED)
    events = fogline.client("events")
    events.create_event_bus(
        Name="strict", Tags=[{"Key": "fogline:schemas", "Value": "reject:shop"}]
    )
    entry = {"EventBusName": "strict", "Source": "com.shop", "DetailType": "order placed"}
    answer = events.put_events(
        Entries=[{**entry, "Detail": '{"price": 1}'}, {**entry, "Detail": "{}"}]
    )
    assert answer["FailedEntryCount"] == 1
    assert "EventId" in answer["Entries"][0]
    assert "price" in answer["Entries"][1]["ErrorMessage"]
