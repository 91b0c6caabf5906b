"""What an account has besides: certificates, VPC links, its own settings, tags, and kinds of SDKs."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509
from tests.services.apigateway.conftest import Refusal, RestApi, patch

from fogline.testing.plugin import Account

BALANCER = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/a/b"
ROLE = "arn:aws:iam::000000000000:role/logs"


def test_a_client_certificate_is_a_certificate(gateway: Any, refusal: Refusal) -> None:
    made = gateway.generate_client_certificate(description="mine")
    read = x509.load_pem_x509_certificate(made["pemEncodedCertificate"].encode())
    assert read.subject.rfc4514_string() == "CN=ApiGateway"
    assert "privateKey" not in made
    id = made["clientCertificateId"]
    changed = gateway.update_client_certificate(
        clientCertificateId=id, patchOperations=patch("replace", "/description", "yours")
    )
    assert changed["description"] == "yours"
    assert len(gateway.get_client_certificates()["items"]) == 1
    gateway.delete_client_certificate(clientCertificateId=id)
    assert refusal(gateway.get_client_certificate, clientCertificateId=id) == (
        "NotFoundException",
        "Invalid Client Certificate identifier specified",
    )


def test_a_certificate_of_a_stage_stays(gateway: Any, served: RestApi, refusal: Refusal) -> None:
    id = gateway.generate_client_certificate()["clientCertificateId"]
    served.update_stage(
        stageName="dev", patchOperations=patch("replace", "/clientCertificateId", id)
    )
    refused = refusal(gateway.delete_client_certificate, clientCertificateId=id)
    assert refused.code == "BadRequestException"


def test_a_vpc_link_is_kept_patched_and_deleted(gateway: Any, refusal: Refusal) -> None:
    made = gateway.create_vpc_link(name="link", targetArns=[BALANCER])
    assert made["status"] == "PENDING"
    assert gateway.get_vpc_link(vpcLinkId=made["id"])["status"] == "AVAILABLE"
    changed = gateway.update_vpc_link(
        vpcLinkId=made["id"], patchOperations=patch("replace", "/name", "new")
    )
    assert changed["name"] == "new"
    assert len(gateway.get_vpc_links()["items"]) == 1
    gateway.delete_vpc_link(vpcLinkId=made["id"])
    assert refusal(gateway.get_vpc_link, vpcLinkId=made["id"]) == (
        "NotFoundException",
        "Invalid Vpc Link identifier specified",
    )


def test_the_account_says_in_whose_name_logs_are_written(gateway: Any) -> None:
    before = gateway.get_account()
    assert before["throttleSettings"] == {"burstLimit": 5_000, "rateLimit": 10_000.0}
    assert "cloudwatchRoleArn" not in before
    gateway.update_account(patchOperations=patch("replace", "/cloudwatchRoleArn", ROLE))
    assert gateway.get_account()["cloudwatchRoleArn"] == ROLE


def test_tags_come_and_go(gateway: Any, served: RestApi) -> None:
    front = f"arn:aws:apigateway:us-east-1::/restapis/{served.id}"
    for arn in (front, f"{front}/stages/dev"):
        gateway.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        gateway.untag_resource(resourceArn=arn, tagKeys=["a"])
        gateway.tag_resource(resourceArn=arn, tags={"c": "3"})
        assert gateway.get_tags(resourceArn=arn, limit=1)["tags"] == {"b": "2", "c": "3"}
        gateway.untag_resource(resourceArn=arn, tagKeys=["c"])
    assert served.get_rest_api()["tags"] == {"b": "2"}
    assert served.get_stage(stageName="dev")["tags"] == {"b": "2"}


@pytest.mark.parametrize("kind", ["apikeys", "usageplans", "vpclinks", "restapis"])
def test_only_what_is_there_has_tags(gateway: Any, refusal: Refusal, kind: str) -> None:
    arn = f"arn:aws:apigateway:us-east-1::/{kind}/none"
    assert refusal(gateway.get_tags, resourceArn=arn).code == "NotFoundException"


def test_tags_of_aws_are_refused(gateway: Any, fogline: Account, refusal: Refusal) -> None:
    refused = refusal(gateway.create_api_key, tags={"aws:x": "y"})
    assert refused.code == "BadRequestException"


def test_kinds_of_sdks_are_listed(gateway: Any, refusal: Refusal) -> None:
    assert "javascript" in {one["id"] for one in gateway.get_sdk_types()["items"]}
    assert gateway.get_sdk_type(id="java")["friendlyName"] == "Java SDK"
    assert refusal(gateway.get_sdk_type, id="cobol").status == 404
