"""Service models as data."""

from __future__ import annotations

import subprocess
import sys

import pytest
from botocore import xform_name

from fogline.gateway.models import UnknownService, load_service, service_names, snake_case


def test_every_service_is_found_by_the_name_of_its_client() -> None:
    assert {"sqs", "lambda", "dynamodb", "s3", "stepfunctions"} <= set(service_names())


@pytest.mark.parametrize("name", ["", "nothing", "../sqs", "sqs/2012-11-05", "."])
def test_an_unknown_service_is_refused(name: str) -> None:
    with pytest.raises(UnknownService):
        load_service(name)


def test_loading_a_model_does_not_import_botocore() -> None:
    script = (
        "import sys; from fogline.gateway.models import load_service; from fogline.gateway.protocols import codec;"
        "codec(load_service('sqs'), 'SendMessage', 'json'); sys.exit('botocore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=90).returncode == 0


@pytest.mark.parametrize(
    "service",
    ["sqs", "lambda", "dynamodb", "logs", "s3", "cloudformation", "iam", "storagegateway"],
)
def test_methods_are_named_as_boto3_names_them(service: str) -> None:
    for name, operation in load_service(service).operations.items():
        assert operation.method_name == xform_name(name)


@pytest.mark.parametrize(
    "name",
    ["ListHITsForQualificationType", "CreateOAuth2Token", "SendWhatsAppMessage", "DescribeStacks"],
)
def test_irregular_names_are_boto3s_too(name: str) -> None:
    assert snake_case(name) == xform_name(name)


def test_patches_name_only_what_is_in_the_model() -> None:
    sqs = load_service("sqs")
    assert sqs.protocols == ("json", "query")
    names = {
        sqs.shape(name).member.xml_name
        for name in ("QueueUrlList", "MessageList", "SendMessageBatchRequestEntryList")
    }
    assert names == {"QueueUrl", "Message", "SendMessageBatchRequestEntry"}
    error = sqs.error_shape("AWS.SimpleQueueService.NonExistentQueue")
    assert error is not None
    assert error.name == "QueueDoesNotExist"


def test_shapes_that_hold_themselves_are_known_as_such() -> None:
    dynamodb = load_service("dynamodb")
    assert dynamodb.shape("AttributeValue").is_recursive
    assert dynamodb.shape("PutItemInput").is_recursive
    assert not dynamodb.shape("DescribeTableInput").is_recursive


def test_operations_are_found_by_the_name_of_their_method() -> None:
    assert load_service("sqs").operations_by_method["send_message"] == "SendMessage"
