"""Browsers and HTTP APIs: what a page may do with one is the API's to say, wherever the page comes from."""

from __future__ import annotations

from typing import Any

import pytest

SHOP = "http://shop.localhost"
ASKED = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}
CORS = {
    "AllowOrigins": [SHOP, "http://*.shops.localhost"],
    "AllowMethods": ["POST"],
    "AllowHeaders": ["x-one"],
    "ExposeHeaders": ["date"],
    "MaxAge": 60,
}
CODE = """
def handler(event, context):
    return {"statusCode": 200, "headers": {"access-control-allow-origin": "http://evil.localhost"}, "body": "called"}
"""


@pytest.fixture
def open_api(make_api: Any, make_function: Any) -> Any:
    api = make_api(CorsConfiguration=CORS)
    api.stage()
    api.integrated = api.integration(IntegrationUri=make_function(CODE))
    api.route("POST /pets", api.integrated)
    return api


def test_a_preflight_request_needs_no_route(open_api: Any) -> None:
    answer = open_api.call("OPTIONS", "/anything", headers=ASKED)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-allow-headers"] == "x-one"
    assert answer.headers["access-control-max-age"] == "60"


def test_a_preflight_request_of_a_stranger_is_told_nothing(open_api: Any) -> None:
    answer = open_api.call("OPTIONS", "/pets", headers={**ASKED, "Origin": "http://evil.localhost"})
    assert answer.status_code == 204
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_what_the_integration_says_of_origins_is_ignored(open_api: Any) -> None:
    answer = open_api.call("POST", "/pets", headers={"Origin": "http://a.shops.localhost"})
    assert answer.text == "called"
    assert answer.headers.get_list("access-control-allow-origin") == ["http://a.shops.localhost"]
    assert answer.headers["access-control-expose-headers"] == "date"
    answer = open_api.call("POST", "/pets")
    assert "access-control-allow-origin" not in answer.headers


def test_refusals_may_be_read_by_browsers_too(open_api: Any) -> None:
    answer = open_api.call("GET", "/none", headers={"Origin": SHOP})
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == SHOP


def test_the_api_answers_preflight_requests_that_take_a_route(open_api: Any) -> None:
    open_api.route("$default", open_api.integrated)
    assert open_api.call("OPTIONS", "/pets", headers=ASKED).status_code == 204
    # What is no preflight request is the integration's.
    assert open_api.call("OPTIONS", "/pets").text == "called"


def test_authorization_of_the_default_route_holds_for_preflight_requests(
    open_api: Any, caplog: Any
) -> None:
    open_api.route("$default", open_api.integrated, AuthorizationType="AWS_IAM")
    answer = open_api.call("OPTIONS", "/pets", headers=ASKED)
    assert answer.status_code == 403
    assert "OPTIONS /{proxy+}" in caplog.text
    open_api.route("OPTIONS /{proxy+}", open_api.integrated)
    assert open_api.call("OPTIONS", "/pets", headers=ASKED).status_code == 204


def test_without_configuration_the_integration_decides(api: Any, make_function: Any) -> None:
    api.route("ANY /pets", api.integration(IntegrationUri=make_function(CODE)))
    answer = api.call("OPTIONS", "/pets", headers=ASKED)
    assert answer.text == "called"
    assert answer.headers["access-control-allow-origin"] == "http://evil.localhost"
    assert api.call("OPTIONS", "/none", headers=ASKED).status_code == 404


@pytest.fixture
def for_strangers(make_api: Any, make_function: Any) -> Any:
    api = make_api(CorsConfiguration={"AllowOrigins": ["https://shop.example"]})
    api.stage()
    api.route("GET /pets", api.integration(IntegrationUri=make_function(CODE)))
    return api


def test_pages_of_other_machines_reach_apis(for_strangers: Any) -> None:
    answer = for_strangers.call("GET", "/pets", headers={"Origin": "https://shop.example"})
    assert answer.text == "called"
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    answer = for_strangers.call("GET", "/pets", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.text == "called"


def test_through_the_names_of_apis_pages_reach_nothing_but_these(for_strangers: Any) -> None:
    page = {"Origin": "https://shop.example"}
    assert for_strangers.call("GET", "/_fogline/health", headers=page).status_code == 404
    answer = for_strangers.call("GET", "/_fogline/health", host="localhost", headers=page)
    assert answer.status_code == 403


def test_a_name_that_only_looks_like_an_apis_is_not_let_in(for_strangers: Any) -> None:
    host = f"{for_strangers.id}.execute-api.us-east-1.evil.example"
    answer = for_strangers.call("GET", "/pets", host=host)
    assert (answer.status_code, "is not allowed" in answer.text) == (403, True)
