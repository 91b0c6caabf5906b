"""Route responses of WebSocket APIs."""

from __future__ import annotations

from tests.services.apigatewayv2.conftest import ApiOfTests, Refusal


def test_a_route_answers(chat: ApiOfTests, refusal: Refusal) -> None:
    route = chat.route("ask", RouteResponseSelectionExpression="$default")
    made = chat.create_route_response(
        RouteId=route,
        RouteResponseKey="$default",
        ResponseModels={"$default": "Pet"},
        ModelSelectionExpression="\\$default",
    )
    del made["ResponseMetadata"]
    one = {"RouteId": route, "RouteResponseId": made["RouteResponseId"]}
    shown = chat.get_route_response(**one)
    del shown["ResponseMetadata"]
    assert shown == made
    assert chat.get_route_responses(RouteId=route)["Items"] == [made]
    assert "responses" not in chat.get_route(RouteId=route)
    changed = chat.update_route_response(**one, ResponseModels={"$default": "Cat"})
    assert changed["ResponseModels"] == {"$default": "Cat"}
    chat.delete_route_response(**one)
    assert refusal(chat.get_route_response, **one) == (
        "NotFoundException",
        "Invalid Route Response identifier specified",
    )


def test_there_is_one_kind_of_answer(chat: ApiOfTests, refusal: Refusal) -> None:
    route = chat.route("ask")
    one = {"RouteId": route, "RouteResponseKey": "$default"}
    chat.create_route_response(**one)
    assert refusal(chat.create_route_response, **one).code == "ConflictException"
    refused = refusal(chat.create_route_response, **{**one, "RouteResponseKey": "200"})
    assert refused.message == "Invalid route response key specified. Only $default is supported"


def test_http_apis_have_none(api: ApiOfTests, refusal: Refusal) -> None:
    refused = refusal(api.create_route_response, RouteId=api.route(), RouteResponseKey="$default")
    assert refused.message == "Route responses are only supported for protocol type WEBSOCKET"
