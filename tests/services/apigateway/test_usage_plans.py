"""Usage plans, their keys, and what was used."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.services.apigateway.conftest import Refusal, RestApi, patch


@pytest.fixture
def plan(gateway: Any, served: RestApi) -> str:
    return str(
        gateway.create_usage_plan(
            name="gold",
            apiStages=[{"apiId": served.id, "stage": "dev"}],
            throttle={"rateLimit": 10, "burstLimit": 20},
            quota={"limit": 100, "period": "MONTH"},
        )["id"]
    )


def test_a_plan_is_kept(gateway: Any, plan: str, served: RestApi) -> None:
    shown = gateway.get_usage_plan(usagePlanId=plan)
    assert shown["throttle"] == {"rateLimit": 10.0, "burstLimit": 20}
    assert shown["quota"] == {"limit": 100, "period": "MONTH"}
    assert shown["apiStages"] == [{"apiId": served.id, "stage": "dev"}]
    assert [one["id"] for one in gateway.get_usage_plans()["items"]] == [plan]


def test_a_plan_is_for_stages_that_are_there(gateway: Any, refusal: Refusal) -> None:
    refused = refusal(
        gateway.create_usage_plan, name="p", apiStages=[{"apiId": "abc", "stage": "dev"}]
    )
    assert refused == ("NotFoundException", "API Stage not found: abc:dev")


@pytest.mark.parametrize(
    "quota",
    [{"limit": 0, "period": "DAY"}, {"limit": 1}, {"limit": 1, "period": "DAY", "offset": -1}],
)
def test_quotas_that_can_not_be_are_refused(
    gateway: Any, refusal: Refusal, quota: dict[str, Any]
) -> None:
    assert refusal(gateway.create_usage_plan, name="p", quota=quota).code == "BadRequestException"


def test_limits_of_a_plan_and_of_its_methods_are_patched(
    gateway: Any, plan: str, served: RestApi
) -> None:
    stage = f"/apiStages/{served.id}:dev"
    changed = gateway.update_usage_plan(
        usagePlanId=plan,
        patchOperations=[
            *patch("replace", "/throttle/rateLimit", "5"),
            *patch("remove", "/quota"),
            *patch("replace", f"{stage}/throttle/~1pets/GET/rateLimit", "2"),
            *patch("replace", f"{stage}/throttle/~1pets/GET/burstLimit", "3"),
        ],
    )
    assert changed["throttle"] == {"rateLimit": 5.0, "burstLimit": 20}
    assert "quota" not in changed
    limits = {"/pets/GET": {"rateLimit": 2.0, "burstLimit": 3}}
    assert changed["apiStages"] == [{"apiId": served.id, "stage": "dev", "throttle": limits}]


def test_limits_of_all_methods_of_a_stage_are_replaced_at_once(
    gateway: Any, plan: str, served: RestApi, refusal: Refusal
) -> None:
    path = f"/apiStages/{served.id}:dev/throttle"
    limits = {"//GET": {"rateLimit": 1.5, "burstLimit": 1}}
    operations = patch("replace", path, json.dumps(limits))
    changed = gateway.update_usage_plan(usagePlanId=plan, patchOperations=operations)
    assert changed["apiStages"][0]["throttle"] == limits
    for wrong in ("x", "[]", '{"/GET": 1}', '{"/GET": {"rate": 1}}'):
        operations = patch("replace", path, wrong)
        refused = refusal(gateway.update_usage_plan, usagePlanId=plan, patchOperations=operations)
        assert refused.code == "BadRequestException"


def test_a_plan_with_stages_stays(
    gateway: Any, plan: str, served: RestApi, refusal: Refusal
) -> None:
    assert refusal(gateway.delete_usage_plan, usagePlanId=plan).code == "BadRequestException"
    gateway.update_usage_plan(
        usagePlanId=plan, patchOperations=patch("remove", "/apiStages", f"{served.id}:dev")
    )
    gateway.delete_usage_plan(usagePlanId=plan)
    assert refusal(gateway.get_usage_plan, usagePlanId=plan) == (
        "NotFoundException",
        "Invalid Usage Plan ID specified",
    )


def test_a_plan_outlives_its_stages(gateway: Any, plan: str, served: RestApi) -> None:
    served.delete_rest_api()
    changed = gateway.update_usage_plan(
        usagePlanId=plan, patchOperations=patch("replace", "/name", "silver")
    )
    assert changed["name"] == "silver"


def test_keys_are_in_plans(gateway: Any, plan: str, refusal: Refusal) -> None:
    key = gateway.create_api_key(name="one", enabled=True)
    place = {"usagePlanId": plan, "keyId": key["id"]}
    made = gateway.create_usage_plan_key(**place, keyType="API_KEY")
    assert made["value"] == key["value"]
    assert gateway.get_usage_plan_key(**place)["name"] == "one"
    assert [one["id"] for one in gateway.get_usage_plans(keyId=key["id"])["items"]] == [plan]
    again = refusal(gateway.create_usage_plan_key, **place, keyType="API_KEY")
    assert again.code == "ConflictException"
    gateway.delete_usage_plan_key(**place)
    assert gateway.get_usage_plan_keys(usagePlanId=plan)["items"] == []
    assert gateway.get_usage_plans(keyId=key["id"])["items"] == []


def test_a_key_is_in_one_plan_of_a_stage(
    gateway: Any, plan: str, served: RestApi, refusal: Refusal
) -> None:
    stages = [{"apiId": served.id, "stage": "dev"}]
    other = gateway.create_usage_plan(name="silver", apiStages=stages)["id"]
    key = gateway.create_api_key()["id"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    refused = refusal(
        gateway.create_usage_plan_key, usagePlanId=other, keyId=key, keyType="API_KEY"
    )
    assert refused.code == "ConflictException"


def test_deleting_a_key_takes_it_out_of_its_plans(gateway: Any, plan: str) -> None:
    key = gateway.create_api_key()["id"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    gateway.delete_api_key(apiKey=key)
    assert gateway.get_usage_plan_keys(usagePlanId=plan)["items"] == []


def test_usage_is_told_day_by_day_and_can_be_changed(
    gateway: Any, plan: str, refusal: Refusal
) -> None:
    key = gateway.create_api_key()["id"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    changed = gateway.update_usage(
        usagePlanId=plan, keyId=key, patchOperations=patch("replace", "/remaining", "250")
    )
    assert changed["items"] == {key: [[0, 250]]}
    today = changed["startDate"]
    shown = gateway.get_usage(usagePlanId=plan, startDate=today, endDate=today)
    assert shown["items"] == {key: [[0, 250]]}
    for start, end in (("no", today), (today, "2001-01-01")):
        refused = refusal(gateway.get_usage, usagePlanId=plan, startDate=start, endDate=end)
        assert refused.code == "BadRequestException"
