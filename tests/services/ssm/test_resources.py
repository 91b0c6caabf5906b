from __future__ import annotations

import pytest

from fogline.aws.call import Call, Principal, Trace
from fogline.ports.resources import Context
from fogline.services.ssm.resources import RESOURCES


class Client:
    """Asks the platform over HTTP what a stack would ask it within."""

    def __init__(self, client) -> None:
        self._client = client

    def call(self, service, operation, request, call):
        from botocore import xform_name

        return getattr(self._client, xform_name(operation))(**request)


class Untagged(Context):
    """Leaves out the tags that only CloudFormation itself may give."""

    def tags(self, own: object = None) -> dict[str, str]:
        given = super().tags(own)
        return {key: value for key, value in given.items() if not key.startswith("aws:")}


@pytest.fixture
def context(ssm, fogline) -> Context:
    principal, trace = Principal("", "", ""), Trace("1", "1")
    call = Call("ssm", "", fogline.id, "us-east-1", principal, "r", 0, trace, "")
    return Untagged(call, Client(ssm), "arn:stack", "stack", "Logical", "AWS::Any::Type", "token")


def test_a_parameter_is_made_changed_and_removed(ssm, context) -> None:
    (kind,) = RESOURCES
    first = {"Type": "String", "Value": 1, "Tags": {"a": "1", "b": "1"}}
    made = kind.create(context, first)
    assert made.physical_id.startswith("CFN-Logical-")
    assert made.attributes == {"Type": "String", "Value": "1"}
    second = {"Type": "String", "Value": "2", "Tags": {"b": "2"}}
    kind.update(context, made.physical_id, first, second)
    assert ssm.get_parameter(Name=made.physical_id)["Parameter"]["Value"] == "2"
    resource = {"ResourceType": "Parameter", "ResourceId": made.physical_id}
    assert ssm.list_tags_for_resource(**resource)["TagList"] == [{"Key": "b", "Value": "2"}]
    kind.delete(context, made.physical_id, second)
    assert ssm.describe_parameters()["Parameters"] == []


def test_secrets_are_refused() -> None:
    (kind,) = RESOURCES
    assert kind.check({"Type": "SecureString", "Value": "x"}) is not None
    assert kind.check({"Type": "StringList", "Value": "x"}) is None
