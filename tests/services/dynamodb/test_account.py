from __future__ import annotations


def test_limits_are_those_aws_publishes(dynamodb):
    limits = dynamodb.describe_limits()
    assert limits["AccountMaxReadCapacityUnits"] == 80_000
    assert limits["TableMaxWriteCapacityUnits"] == 40_000


def test_the_endpoint_is_the_one_that_was_called(dynamodb, fogline):
    [endpoint] = dynamodb.describe_endpoints()["Endpoints"]
    assert f"http://{endpoint['Address']}" == fogline.platform.endpoint
