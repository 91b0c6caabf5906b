from __future__ import annotations

import json

import pytest

POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})


def test_a_policy_is_put_got_and_deleted(schemas, registry, refusal) -> None:
    assert refusal(schemas.get_resource_policy, RegistryName=registry)[0] == "NotFoundException"
    made = schemas.put_resource_policy(RegistryName=registry, Policy=POLICY)
    found = schemas.get_resource_policy(RegistryName=registry)
    assert (found["Policy"], found["RevisionId"]) == (POLICY, made["RevisionId"])
    schemas.delete_resource_policy(RegistryName=registry)
    assert refusal(schemas.delete_resource_policy, RegistryName=registry)[1] == 404


def test_a_policy_is_replaced_only_at_the_revision_that_is_expected(
    schemas, registry, refusal
) -> None:
    first = schemas.put_resource_policy(RegistryName=registry, Policy=POLICY)["RevisionId"]
    request = {"RegistryName": registry, "Policy": POLICY, "RevisionId": first}
    second = schemas.put_resource_policy(**request)["RevisionId"]
    assert second != first
    code, status, _ = refusal(schemas.put_resource_policy, **request)
    assert (code, status) == ("PreconditionFailedException", 412)


@pytest.mark.parametrize("policy", ["no json", "[]", "{}", '{"Statement": 3}'])
def test_what_is_no_policy_is_refused(schemas, registry, refusal, policy) -> None:
    request = {"RegistryName": registry, "Policy": policy}
    assert refusal(schemas.put_resource_policy, **request)[0] == "BadRequestException"


def test_a_policy_needs_a_registry(schemas, refusal) -> None:
    assert refusal(schemas.get_resource_policy)[0] == "BadRequestException"
    assert refusal(schemas.get_resource_policy, RegistryName="none")[0] == "NotFoundException"
