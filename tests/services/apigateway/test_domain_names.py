"""Custom domain names and what is mapped under them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigateway.conftest import Refusal, RestApi, patch

NAME = "api.example.com"


@pytest.fixture
def domain(gateway: Any) -> str:
    gateway.create_domain_name(domainName=NAME, endpointConfiguration={"types": ["REGIONAL"]})
    return NAME


def test_a_domain_name_is_kept_patched_and_deleted(
    gateway: Any, domain: str, refusal: Refusal
) -> None:
    shown = gateway.get_domain_name(domainName=domain)
    assert shown["domainNameStatus"] == "AVAILABLE"
    assert shown["regionalDomainName"].endswith(".execute-api.us-east-1.amazonaws.com")
    changed = gateway.update_domain_name(
        domainName=domain, patchOperations=patch("replace", "/securityPolicy", "TLS_1_0")
    )
    assert changed["securityPolicy"] == "TLS_1_0"
    assert [one["domainName"] for one in gateway.get_domain_names()["items"]] == [domain]
    assert refusal(gateway.create_domain_name, domainName=domain).code == "BadRequestException"
    gateway.delete_domain_name(domainName=domain)
    assert refusal(gateway.get_domain_name, domainName=domain) == (
        "NotFoundException",
        "Invalid domain name identifier specified",
    )


def test_a_name_is_kept_in_small_letters(gateway: Any, refusal: Refusal) -> None:
    assert (
        gateway.create_domain_name(domainName="Big.Example.com")["domainName"] == "big.example.com"
    )
    assert gateway.get_domain_name(domainName="big.example.com")["domainName"] == "big.example.com"
    assert (
        refusal(gateway.get_domain_name, domainName="Big.Example.com").code == "NotFoundException"
    )
    assert refusal(gateway.create_domain_name, domainName="BIG.example.com").code == (
        "BadRequestException"
    )


def test_names_that_are_none_are_refused(gateway: Any, refusal: Refusal) -> None:
    assert refusal(gateway.create_domain_name, domainName="no_name").code == "BadRequestException"


def test_a_mapping_is_kept_patched_and_deleted(
    gateway: Any, domain: str, served: RestApi, refusal: Refusal
) -> None:
    made = gateway.create_base_path_mapping(domainName=domain, restApiId=served.id, stage="dev")
    assert made["basePath"] == "(none)"
    changed = gateway.update_base_path_mapping(
        domainName=domain, basePath="(none)", patchOperations=patch("replace", "/basePath", "v1")
    )
    assert changed["basePath"] == "v1"
    shown = gateway.get_base_path_mapping(domainName=domain, basePath="v1")
    assert (shown["restApiId"], shown["stage"]) == (served.id, "dev")
    assert len(gateway.get_base_path_mappings(domainName=domain)["items"]) == 1
    assert refusal(served.delete_rest_api).message == (
        "Please remove all base path mappings related to the API in your account before deleting the API."
    )
    gateway.delete_base_path_mapping(domainName=domain, basePath="v1")
    assert gateway.get_base_path_mappings(domainName=domain)["items"] == []


def test_a_path_leads_to_one_stage_that_is_there(
    gateway: Any, domain: str, served: RestApi, refusal: Refusal
) -> None:
    where = {"domainName": domain, "restApiId": served.id, "basePath": "v1"}
    assert refusal(gateway.create_base_path_mapping, **where, stage="no").message == (
        "Invalid stage identifier specified"
    )
    gateway.create_base_path_mapping(**where, stage="dev")
    assert refusal(gateway.create_base_path_mapping, **where) == (
        "ConflictException",
        "Base path already exists for this domain name",
    )
