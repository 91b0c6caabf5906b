"""Request validators."""

from __future__ import annotations

from typing import Any

from tests.services.apigateway.conftest import Refusal, RestApi, patch


def test_a_validator_is_kept_patched_and_deleted(api: RestApi, refusal: Refusal) -> None:
    id = api.create_request_validator(name="all", validateRequestBody=True)["id"]
    changed = api.update_request_validator(
        requestValidatorId=id,
        patchOperations=patch("replace", "/validateRequestParameters", "true"),
    )
    assert changed["validateRequestBody"] is True
    assert changed["validateRequestParameters"] is True
    assert [one["name"] for one in api.get_request_validators()["items"]] == ["all"]
    api.delete_request_validator(requestValidatorId=id)
    assert refusal(api.get_request_validator, requestValidatorId=id) == (
        "NotFoundException",
        "Invalid Request Validator identifier specified",
    )


def test_a_validator_of_no_api_is_a_bad_request(gateway: Any, refusal: Refusal) -> None:
    assert refusal(gateway.create_request_validator, restApiId="none") == (
        "BadRequestException",
        "Invalid REST API identifier specified",
    )


def test_a_validator_in_use_stays(api: RestApi, refusal: Refusal) -> None:
    id = api.create_request_validator(name="all")["id"]
    api.method(requestValidatorId=id)
    assert (
        refusal(api.delete_request_validator, requestValidatorId=id).code == "BadRequestException"
    )
