from __future__ import annotations

import pytest

from fogline.services.schemas.discovered import schema_name, title_of, write_event
from fogline.services.schemas.inference import infer

EVENT = {
    "version": "0",
    "id": "1",
    "detail-type": "userCreated",
    "source": "users",
    "account": "1",
    "time": "2026-01-01T00:00:00Z",
    "region": "r",
    "resources": [],
    "detail": {"data": {"id": "x"}},
}


def test_an_event_is_written_as_eventbridge_writes_it() -> None:
    """The form of schemas that were discovered on AWS."""
    text = {"type": "string"}
    assert write_event("users", "userCreated", infer(EVENT)) == {
        "openapi": "3.0.0",
        "info": {"version": "1.0.0", "title": "UserCreated"},
        "paths": {},
        "components": {
            "schemas": {
                "AWSEvent": {
                    "type": "object",
                    "required": [
                        "detail-type",
                        "resources",
                        "detail",
                        "id",
                        "source",
                        "time",
                        "region",
                        "version",
                        "account",
                    ],
                    "x-amazon-events-detail-type": "userCreated",
                    "x-amazon-events-source": "users",
                    "properties": {
                        "detail": {"$ref": "#/components/schemas/UserCreated"},
                        "account": text,
                        "detail-type": text,
                        "id": text,
                        "region": text,
                        "resources": {"type": "array", "items": {"type": "object"}},
                        "source": text,
                        "time": {"type": "string", "format": "date-time"},
                        "version": text,
                    },
                },
                "UserCreated": {
                    "type": "object",
                    "required": ["data"],
                    "properties": {"data": {"$ref": "#/components/schemas/Data"}},
                },
                "Data": {"type": "object", "required": ["id"], "properties": {"id": text}},
            }
        },
    }


@pytest.mark.parametrize(
    ("source", "detail_type", "name"),
    [
        ("users", "userCreated", "users@UserCreated"),
        ("com.shop", "order placed", "com.shop@OrderPlaced"),
        (
            "aws.ec2",
            "EC2 Instance State-change Notification",
            "aws.ec2@EC2InstanceStateChangeNotification",
        ),
        ("aws.partner/x.com/y", "z", "aws.partner-x.com-y@Z"),
        ("s", "…", "s@Event"),
    ],
)
def test_the_names_of_schemas(source, detail_type, name) -> None:
    assert schema_name(source, detail_type) == name


def test_titles_are_names_of_types() -> None:
    assert (
        title_of("Step Functions Execution Status Change") == "StepFunctionsExecutionStatusChange"
    )
    assert title_of("") == "Event"


def test_objects_of_one_name_stay_apart() -> None:
    event = {**EVENT, "detail": {"a": {"x": {"n": 1}}, "b": {"x": {"s": "t"}}, "AWSEvent": {}}}
    components = write_event("s", "a", infer(event))["components"]["schemas"]
    assert set(components) == {"AWSEvent", "A", "A_1", "B", "X", "X_1", "AWSEvent_1"}
    assert components["A"]["properties"]["a"] == {"$ref": "#/components/schemas/A_1"}
    assert components["B"]["properties"]["x"] == {"$ref": "#/components/schemas/X_1"}
