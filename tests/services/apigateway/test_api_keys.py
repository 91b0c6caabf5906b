"""API keys."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigateway.conftest import Refusal, patch


def test_a_key_has_a_value_that_is_shown_when_asked_for(gateway: Any) -> None:
    made = gateway.create_api_key(name="one", enabled=True)
    assert len(made["id"]) == 10
    assert len(made["value"]) == 40
    assert "value" not in gateway.get_api_key(apiKey=made["id"])
    assert gateway.get_api_key(apiKey=made["id"], includeValue=True)["value"] == made["value"]
    [listed] = gateway.get_api_keys(nameQuery="on", includeValues=True)["items"]
    assert listed["value"] == made["value"]
    assert gateway.get_api_keys(nameQuery="two")["items"] == []


def test_a_value_is_of_one_key(gateway: Any, refusal: Refusal) -> None:
    value = "a-value-of-twenty-or-more"
    id = gateway.create_api_key(value=value)["id"]
    assert refusal(gateway.create_api_key, value=value) == (
        "ConflictException",
        "API Key already exists",
    )
    gateway.delete_api_key(apiKey=id)
    assert gateway.create_api_key(value=value)["value"] == value


@pytest.mark.parametrize("characters", [19, 129])
def test_values_are_held_to_their_length(gateway: Any, refusal: Refusal, characters: int) -> None:
    assert refusal(gateway.create_api_key, value="v" * characters).code == "BadRequestException"


@pytest.mark.parametrize("characters", [20, 128])
def test_values_at_their_borders_are_taken(gateway: Any, characters: int) -> None:
    assert gateway.create_api_key(value="v" * characters)["value"] == "v" * characters


def test_a_key_is_patched(gateway: Any) -> None:
    id = gateway.create_api_key(name="one")["id"]
    changed = gateway.update_api_key(
        apiKey=id,
        patchOperations=[
            *patch("replace", "/enabled", "true"),
            *patch("replace", "/customerId", "c"),
            *patch("add", "/stages", "abc/dev"),
        ],
    )
    assert (changed["enabled"], changed["customerId"]) == (True, "c")
    assert changed["stageKeys"] == ["abc/dev"]
    assert "value" not in changed


def test_keys_come_from_a_file(gateway: Any, refusal: Refusal) -> None:
    plan = gateway.create_usage_plan(name="plan")["id"]
    body = f"name,key,description,Enabled,usageplanIds\none,{'1' * 20},d,TRUE,{plan}\ntwo,{'2' * 20},,false,\n"
    made = gateway.import_api_keys(body=body, format="csv")
    found = {one["name"]: one for one in gateway.get_api_keys(includeValues=True)["items"]}
    assert set(made["ids"]) == {one["id"] for one in found.values()}
    assert (found["one"]["value"], found["one"]["enabled"]) == ("1" * 20, True)
    assert found["two"]["enabled"] is False
    assert [one["name"] for one in gateway.get_usage_plan_keys(usagePlanId=plan)["items"]] == [
        "one"
    ]
    again = gateway.import_api_keys(body=body, format="csv")
    assert again["ids"] == []
    assert len(again["warnings"]) == 2
    refused = refusal(gateway.import_api_keys, body=body, format="csv", failOnWarnings=True)
    assert refused.code == "BadRequestException"


@pytest.mark.parametrize("body", ["\n", "a,b\n1,2\n", "\xff"])
def test_files_that_are_none_are_refused(gateway: Any, refusal: Refusal, body: str) -> None:
    refused = refusal(gateway.import_api_keys, body=body.encode("latin-1"), format="csv")
    assert refused.code == "BadRequestException"
