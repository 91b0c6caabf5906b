"""What HTTP APIs tell browsers."""

from __future__ import annotations

import pytest

from fogline.services.apigatewayv2.http.cors import Cors, find_cors, is_preflight

WHOLE = {
    "AllowOrigins": ["https://shop.example", "https://*.example.com"],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["authorization", "x-one"],
    "ExposeHeaders": ["date"],
    "AllowCredentials": True,
    "MaxAge": 300,
}


def test_a_preflight_request_is_told_all() -> None:
    assert Cors(WHOLE).preflight("https://shop.example") == [
        ("Access-Control-Allow-Origin", "https://shop.example"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "GET,POST"),
        ("Access-Control-Allow-Headers", "authorization,x-one"),
        ("Access-Control-Max-Age", "300"),
    ]


def test_an_answer_tells_what_concerns_it_in_place_of_what_the_integration_says() -> None:
    given = [("X-One", "1"), ("access-control-allow-origin", "*"), ("Access-Control-Max-Age", "1")]
    assert Cors(WHOLE).put(given, "https://shop.example") == [
        ("X-One", "1"),
        ("Access-Control-Allow-Origin", "https://shop.example"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", "date"),
    ]


@pytest.mark.parametrize("origin", ["", "https://other.example", "http://a.example.com", "null"])
def test_origins_that_are_not_allowed_are_told_nothing(origin: str) -> None:
    assert Cors(WHOLE).preflight(origin) == []
    assert Cors(WHOLE).put([("access-control-allow-origin", "*")], origin) == []


@pytest.mark.parametrize(
    ("allowed", "origin", "told"),
    [
        ("*", "https://a.example", "*"),
        ("https://*", "https://a.example", "https://a.example"),
        ("https://*", "http://a.example", None),
        ("https://*.example.com", "https://a.example.com", "https://a.example.com"),
        ("http://localhost:3000", "http://localhost:3000", "http://localhost:3000"),
        ("https://Shop.example", "https://shop.Example", "https://shop.Example"),
    ],
)
def test_origins_may_have_wildcards(allowed: str, origin: str, told: str | None) -> None:
    headers = dict(Cors({"AllowOrigins": [allowed]}).preflight(origin))
    assert headers.get("Access-Control-Allow-Origin") == told


def test_preflight_requests_name_origin_and_method() -> None:
    asked = {"origin": "https://a", "access-control-request-method": "PUT"}
    assert is_preflight("OPTIONS", asked)
    assert not is_preflight("GET", asked)
    assert not is_preflight("OPTIONS", {"origin": "https://a"})


def test_an_api_without_configuration_has_no_cors() -> None:
    assert find_cors({}) is None
    assert find_cors({"CorsConfiguration": {}}) is None
    assert find_cors({"CorsConfiguration": "yes"}) is None
