"""Integration responses of WebSocket APIs."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigatewayv2.conftest import ApiOfTests, Refusal


@pytest.fixture
def mock(chat: ApiOfTests) -> str:
    """An integration that answers by itself."""
    return str(chat.create_integration(IntegrationType="MOCK")["IntegrationId"])


def test_an_answer_is_mapped(chat: ApiOfTests, mock: str) -> None:
    wanted = {
        "IntegrationResponseKey": "/200/",
        "ResponseTemplates": {"$default": '{"ok": true}'},
        "TemplateSelectionExpression": "\\$default",
        "ContentHandlingStrategy": "CONVERT_TO_TEXT",
        "ResponseParameters": {"method.response.header.a": "'b'"},
    }
    made = chat.create_integration_response(IntegrationId=mock, **wanted)
    del made["ResponseMetadata"]
    id = made["IntegrationResponseId"]
    assert made == {**wanted, "IntegrationResponseId": id}
    shown = chat.get_integration_response(IntegrationId=mock, IntegrationResponseId=id)
    del shown["ResponseMetadata"]
    assert shown == made
    assert chat.get_integration_responses(IntegrationId=mock)["Items"] == [made]
    assert "responses" not in chat.get_integration(IntegrationId=mock)


def test_an_answer_is_changed_and_deleted(chat: ApiOfTests, mock: str, refusal: Refusal) -> None:
    names = {"method.response.header.a": "'b'", "method.response.header.c": "'d'"}
    made = chat.create_integration_response(
        IntegrationId=mock, IntegrationResponseKey="$default", ResponseParameters=names
    )
    one = {"IntegrationId": mock, "IntegrationResponseId": made["IntegrationResponseId"]}
    changed = chat.update_integration_response(
        **one,
        IntegrationResponseKey="/4\\d\\d/",
        ResponseParameters={"method.response.header.a": ""},
    )
    assert changed["IntegrationResponseKey"] == "/4\\d\\d/"
    assert changed["ResponseParameters"] == {"method.response.header.c": "'d'"}
    chat.delete_integration_response(**one)
    assert refusal(chat.get_integration_response, **one) == (
        "NotFoundException",
        "Invalid Integration Response identifier specified",
    )


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"IntegrationResponseKey": "200"}, "Invalid integration response key specified."),
        (
            {"IntegrationResponseKey": "$default", "ResponseParameters": {"a": "'b'"}},
            "Invalid mapping expression specified: a",
        ),
        (
            {
                "IntegrationResponseKey": "$default",
                "ResponseParameters": {"method.response.header.a": "b"},
            },
            "Invalid mapping expression specified: b",
        ),
    ],
)
def test_answers_are_held_to_their_rules(
    chat: ApiOfTests, mock: str, refusal: Refusal, settings: dict[str, Any], told: str
) -> None:
    refused = refusal(chat.create_integration_response, IntegrationId=mock, **settings)
    assert refused.code == "BadRequestException"
    assert told in refused.message


def test_a_key_is_had_once(chat: ApiOfTests, mock: str, refusal: Refusal) -> None:
    one = {"IntegrationId": mock, "IntegrationResponseKey": "$default"}
    chat.create_integration_response(**one)
    assert refusal(chat.create_integration_response, **one) == (
        "ConflictException",
        "Integration response with key $default already exists for this integration",
    )


def test_http_apis_have_none(api: ApiOfTests, refusal: Refusal) -> None:
    refused = refusal(
        api.create_integration_response,
        IntegrationId=api.backend(),
        IntegrationResponseKey="$default",
    )
    assert refused.message == (
        "Integration responses are only supported for protocol type WEBSOCKET"
    )
