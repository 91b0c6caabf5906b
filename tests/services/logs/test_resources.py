from __future__ import annotations

import pytest

from fogline.aws.call import Call, Principal, Trace
from fogline.ports.resources import Context
from fogline.services.logs.resources import RESOURCES

TYPES = {each.name: each for each in RESOURCES}


class Client:
    """Asks the platform over HTTP what a stack would ask it within."""

    def __init__(self, client) -> None:
        self._client = client

    def call(self, service, operation, request, call):
        from botocore import xform_name

        return getattr(self._client, xform_name(operation))(**request)


@pytest.fixture
def context(logs, fogline) -> Context:
    call = Call(
        "logs", "", fogline.id, "us-east-1", Principal("", "", ""), "r", 0, Trace("1", "1"), ""
    )
    untagged = Client(logs)
    return _Untagged(call, untagged, "arn:stack", "stack", "Logical", "AWS::Any::Type", "token")


class _Untagged(Context):
    """Leaves out the tags that only CloudFormation itself may give."""

    def tags(self, own: object = None) -> dict[str, str]:
        given = super().tags(own)
        return {key: value for key, value in given.items() if not key.startswith("aws:")}


def test_a_log_group_is_made_changed_and_removed(logs, context, fogline) -> None:
    kind = TYPES["AWS::Logs::LogGroup"]
    first = {"RetentionInDays": "7", "Tags": [{"Key": "a", "Value": "1"}]}
    made = kind.create(context, first)
    assert made.physical_id.startswith("stack-Logical-")
    assert made.attributes["Arn"].endswith(f":{fogline.id}:log-group:{made.physical_id}:*")
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 7
    second = {"KmsKeyId": "key", "Tags": [{"Key": "b", "Value": "2"}]}
    kind.update(context, made.physical_id, first, second)
    group = logs.describe_log_groups()["logGroups"][0]
    assert "retentionInDays" not in group
    assert group["kmsKeyId"] == "key"
    assert logs.list_tags_log_group(logGroupName=made.physical_id)["tags"] == {"b": "2"}
    kind.delete(context, made.physical_id, second)
    assert logs.describe_log_groups()["logGroups"] == []


def test_a_stream_a_metric_filter_and_a_policy_are_made_and_removed(logs, group, context) -> None:
    transformations = [
        {"MetricName": "m", "MetricNamespace": "n", "MetricValue": 1, "DefaultValue": "0"}
    ]
    cases = {
        "AWS::Logs::LogStream": {"LogGroupName": group},
        "AWS::Logs::MetricFilter": {
            "LogGroupName": group,
            "FilterPattern": "ERROR",
            "MetricTransformations": transformations,
        },
        "AWS::Logs::ResourcePolicy": {"PolicyName": "p", "PolicyDocument": {"Statement": []}},
    }
    made = {name: TYPES[name].create(context, given).physical_id for name, given in cases.items()}
    assert made["AWS::Logs::ResourcePolicy"] == "p"
    assert logs.describe_log_streams(logGroupName=group)["logStreams"]
    (kept,) = logs.describe_metric_filters()["metricFilters"]
    assert kept["metricTransformations"] == [
        {"metricName": "m", "metricNamespace": "n", "metricValue": "1", "defaultValue": 0.0}
    ]
    for name, given in cases.items():
        TYPES[name].delete(context, made[name], given)
    assert logs.describe_log_streams(logGroupName=group)["logStreams"] == []
    assert logs.describe_metric_filters()["metricFilters"] == []
    assert logs.describe_resource_policies()["resourcePolicies"] == []
