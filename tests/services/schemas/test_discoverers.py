from __future__ import annotations

import json

import pytest

from fogline.aws.call import root_trace
from fogline.ports.targets import Sending


@pytest.fixture
def events(fogline):
    return fogline.client("events")


@pytest.fixture
def bus(events) -> str:
    """The ARN of the bus `shop`."""
    return events.create_event_bus(Name="shop")["EventBusArn"]


@pytest.fixture
def discoverer(schemas, bus) -> str:
    return schemas.create_discoverer(SourceArn=bus)["DiscovererId"]


@pytest.fixture
def put(events):
    def put(detail: dict, detail_type: str = "order placed", source: str = "com.shop") -> None:
        entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail)}
        answer = events.put_events(Entries=[{**entry, "EventBusName": "shop"}])
        assert answer["FailedEntryCount"] == 0

    return put


@pytest.fixture
def describe(schemas):
    def describe(name: str = "com.shop@OrderPlaced", **request) -> tuple[str, dict]:
        found = schemas.describe_schema(
            RegistryName="discovered-schemas", SchemaName=name, **request
        )
        return found["SchemaVersion"], json.loads(found["Content"])["components"]["schemas"]

    return describe


def test_a_discoverer_is_created_described_updated_and_deleted(
    schemas, bus, fogline, refusal
) -> None:
    made = schemas.create_discoverer(SourceArn=bus, Description="d", Tags={"a": "b"})
    assert made["DiscovererId"] == "events-event-bus-shop"
    expected = {
        "DiscovererArn": f"arn:aws:schemas:us-east-1:{fogline.id}:discoverer/events-event-bus-shop",
        "SourceArn": bus,
        "State": "STARTED",
        "CrossAccount": True,
        "Tags": {"a": "b"},
        "Description": "d",
    }
    assert {name: made[name] for name in expected} == expected
    request = {"DiscovererId": made["DiscovererId"]}
    schemas.update_discoverer(Description="e", CrossAccount=False, **request)
    found = schemas.describe_discoverer(**request)
    assert (found["Description"], found["CrossAccount"]) == ("e", False)
    assert refusal(schemas.create_discoverer, SourceArn=bus)[:2] == ("ConflictException", 409)
    schemas.delete_discoverer(**request)
    for function in (schemas.describe_discoverer, schemas.start_discoverer):
        assert refusal(function, **request)[:2] == ("NotFoundException", 404)


def test_the_first_discoverer_brings_the_registry(schemas, refusal, bus) -> None:
    request = {"RegistryName": "discovered-schemas"}
    assert refusal(schemas.describe_registry, **request)[0] == "NotFoundException"
    schemas.create_discoverer(SourceArn=bus)
    assert schemas.describe_registry(**request)["RegistryName"] == "discovered-schemas"
    create = {**request, "SchemaName": "x", "Type": "JSONSchemaDraft4", "Content": "{}"}
    assert refusal(schemas.create_schema, **create)[0] == "ForbiddenException"
    assert refusal(schemas.delete_registry, **request)[0] == "ForbiddenException"


def test_a_discoverer_has_a_rule_that_only_it_may_change(
    schemas, events, discoverer, refusal
) -> None:
    (rule,) = events.list_rules(EventBusName="shop")["Rules"]
    assert rule["Name"] == "Schemas-events-event-bus-shop"
    assert rule["ManagedBy"] == "schemas.amazonaws.com"
    assert json.loads(rule["EventPattern"]) == {
        "source": [{"prefix": "aws.partner/"}, {"anything-but": {"prefix": "aws."}}]
    }
    names = {"Name": rule["Name"], "EventBusName": "shop"}
    for function in (events.disable_rule, events.delete_rule):
        assert refusal(function, **names)[0] == "ManagedRuleException"
    schemas.delete_discoverer(DiscovererId=discoverer)
    assert events.list_rules(EventBusName="shop")["Rules"] == []


@pytest.mark.parametrize(
    "source",
    [
        "arn:aws:sqs:us-east-1:{id}:queue-of-mine",
        "no arn at all, but long enough",
        "arn:aws:events:us-east-1:{id}:event-bus/none",
        "arn:aws:events:eu-west-1:{id}:event-bus/default",
        "arn:aws:events:us-east-1:999999999999:event-bus/default",
    ],
)
def test_only_an_event_bus_of_ones_own_is_watched(schemas, fogline, refusal, source) -> None:
    refused = refusal(schemas.create_discoverer, SourceArn=source.format(id=fogline.id))
    assert refused[0] == "BadRequestException"
    assert schemas.list_discoverers()["Discoverers"] == []


def test_discoverers_are_listed_in_pages(schemas, events) -> None:
    arns = [events.create_event_bus(Name=f"bus-{n}")["EventBusArn"] for n in range(3)]
    for arn in arns:
        schemas.create_discoverer(SourceArn=arn)
    pages = schemas.get_paginator("list_discoverers").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["Discoverers"]) for page in pages] == [2, 1]
    found = schemas.list_discoverers(SourceArnPrefix=arns[1])["Discoverers"]
    assert [each["SourceArn"] for each in found] == [arns[1]]
    assert len(schemas.list_discoverers(DiscovererIdPrefix="events-")["Discoverers"]) == 3
    assert schemas.list_discoverers(DiscovererIdPrefix="x")["Discoverers"] == []


def test_events_are_discovered_as_they_pass(discoverer, put, describe, schemas, fogline) -> None:
    put({"id": "1", "customer": {"name": "Ada"}})
    version, components = describe()
    assert version == "1"
    assert components["AWSEvent"]["x-amazon-events-detail-type"] == "order placed"
    assert components["OrderPlaced"]["required"] == ["customer", "id"]
    assert components["Customer"]["properties"] == {"name": {"type": "string"}}
    (listed,) = schemas.list_schemas(RegistryName="discovered-schemas")["Schemas"]
    arn = f"arn:aws:schemas:us-east-1:{fogline.id}:schema/discovered-schemas/com.shop@OrderPlaced"
    assert listed["SchemaArn"] == arn


def test_only_an_event_of_a_new_shape_makes_a_version(discoverer, put, describe) -> None:
    put({"id": "1", "total": 1})
    put({"id": "2", "total": 2})
    assert describe()[0] == "1"
    put({"id": "3", "total": 2.5, "note": None})
    version, components = describe()
    assert version == "2"
    assert components["OrderPlaced"] == {
        "type": "object",
        "required": ["id", "total"],
        "properties": {
            "id": {"type": "string"},
            "note": {},
            "total": {"type": "number", "format": "double"},
        },
    }
    put({"id": "4", "total": 1})
    assert describe()[0] == "2"


def test_a_stopped_discoverer_learns_nothing(schemas, discoverer, put, describe) -> None:
    assert schemas.stop_discoverer(DiscovererId=discoverer)["State"] == "STOPPED"
    put({"id": "1"})
    with pytest.raises(schemas.exceptions.NotFoundException):
        describe()
    assert schemas.start_discoverer(DiscovererId=discoverer)["State"] == "STARTED"
    put({"id": "1"})
    assert describe()[0] == "1"


def test_a_schema_that_is_deleted_is_discovered_again(schemas, discoverer, put, describe) -> None:
    put({"id": "1"})
    request = {"RegistryName": "discovered-schemas", "SchemaName": "com.shop@OrderPlaced"}
    schemas.delete_schema(**request)
    put({"number": 1})
    assert list(describe()[1]["OrderPlaced"]["properties"]) == ["number"]


def test_objects_used_as_maps_do_not_grow_for_ever(discoverer, put, describe) -> None:
    put({"id": "1"})
    put({f"{'key' * 20}-{number}": 1 for number in range(2_000)})
    assert describe()[0] == "1"


def test_the_oldest_versions_are_forgotten(schemas, discoverer, put, describe) -> None:
    for number in range(102):
        put({f"m{number}": 1})
    assert describe()[0] == "102"
    request = {"RegistryName": "discovered-schemas", "SchemaName": "com.shop@OrderPlaced"}
    pages = schemas.get_paginator("list_schema_versions").paginate(**request)
    versions = [each["SchemaVersion"] for page in pages for each in page["SchemaVersions"]]
    assert versions == [str(number) for number in range(3, 103)]


def test_a_discovered_schema_is_exported(schemas, discoverer, put) -> None:
    put({"id": "1", "customer": {"name": "Ada"}})
    answer = schemas.export_schema(
        RegistryName="discovered-schemas",
        SchemaName="com.shop@OrderPlaced",
        Type="JSONSchemaDraft4",
    )
    document = json.loads(answer["Content"])
    assert document["properties"]["detail"] == {"$ref": "#/definitions/OrderPlaced"}
    assert document["definitions"]["OrderPlaced"]["properties"]["customer"] == {
        "$ref": "#/definitions/Customer"
    }


def test_the_default_bus_hears_of_schemas(schemas, events, registry, fogline) -> None:
    sqs = fogline.client("sqs")
    queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{fogline.id}:heard"
    events.put_rule(Name="r", EventPattern='{"source": ["aws.schemas"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": arn}])
    schemas.create_schema(
        RegistryName=registry, SchemaName="one", Type="JSONSchemaDraft4", Content="{}"
    )
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    heard = [json.loads(message["Body"]) for message in messages]
    assert [each["detail-type"] for each in heard] == ["Schema Created", "Schema Version Created"]
    assert heard[1]["detail"]["SchemaName"] == "one"
    assert heard[1]["detail"]["Version"] == "1"
    assert heard[1]["resources"] == [f"arn:aws:schemas:us-east-1:{fogline.id}:schema/shop/one"]


def test_events_of_other_accounts_are_discovered_unless_one_says_no(
    schemas, discoverer, describe, fogline, order
) -> None:
    def send(detail: dict) -> None:
        """What the rule hands on when another account has put an event on the bus."""
        arn = f"arn:aws:schemas:us-east-1:{fogline.id}:discoverer/{discoverer}"
        event = {**order, "account": "999999999999", "detail": detail}
        platform = fogline.platform.platform

        async def deliver() -> None:
            trace = root_trace("0" * 24, "0" * 16, 1)
            with platform.store.write() as tx:
                platform.targets.send(tx, Sending(arn, json.dumps(event), trace, 1))

        fogline.platform.ask(deliver())

    send({"a": 1})
    assert describe()[0] == "1"
    schemas.update_discoverer(DiscovererId=discoverer, CrossAccount=False)
    send({"b": 1})
    assert describe()[0] == "1"


def test_a_target_that_is_no_discoverer_does_not_exist(discoverer, fogline) -> None:
    platform = fogline.platform.platform
    prefix = f"arn:aws:schemas:us-east-1:{fogline.id}"

    async def exist() -> list[bool]:
        with platform.store.read() as tx:
            return [
                platform.targets.exists(tx, f"{prefix}:{resource}")
                for resource in (f"discoverer/{discoverer}", "discoverer/none", "registry/x")
            ]

    assert fogline.platform.ask(exist()) == [True, False, False]
