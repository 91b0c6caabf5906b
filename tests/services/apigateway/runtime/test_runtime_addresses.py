"""Where an API answers."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def mocked(api: Any, integrate: Any) -> Any:
    integrate(responses=[{"responseTemplates": {"application/json": '{"path": "$context.path"}'}}])
    integrate(
        resource=api.resource("a"), responses=[{"responseTemplates": {"application/json": "{}"}}]
    )
    api.deploy()
    return api


def test_an_api_answers_at_all_forms_of_its_address(mocked: Any, http: Any) -> None:
    for host, path in (
        (f"{mocked.id}.execute-api.us-east-1.localhost", "/dev/a"),
        (f"{mocked.id}.execute-api.us-east-1.localhost:4566", "/dev/a/"),
        (f"{mocked.id}.execute-api.localhost", "/dev/a"),
        (f"{mocked.id}.execute-api.us-east-1.amazonaws.com", "/dev/a?x=1"),
        ("", f"/restapis/{mocked.id}/dev/_user_request_/a"),
        ("", f"/_aws/execute-api/{mocked.id}/dev/a"),
    ):
        answer = http("GET", path, host=host)
        assert (answer.status, answer.json) == (200, {}), (host, path)


def test_the_root_answers_with_and_without_a_slash(mocked: Any, call: Any, http: Any) -> None:
    assert call("GET", "/").json == {"path": "/dev/"}
    assert call("GET", "").json == {"path": "/dev"}
    assert http("GET", f"/restapis/{mocked.id}/dev/_user_request_").status == 200


def test_a_stage_or_an_api_that_is_not_there_is_forbidden(mocked: Any, http: Any) -> None:
    for host in (f"{mocked.id}.execute-api.localhost", "nobody.execute-api.localhost"):
        answer = http("GET", "/prod/a", host=host)
        assert (answer.status, answer.json) == (403, {"message": "Forbidden"})
        assert answer.headers["x-amzn-ErrorType"] == "ForbiddenException"


def test_a_resource_or_method_that_is_not_there_misses_a_token(mocked: Any, call: Any) -> None:
    for method, path in (("GET", "/b"), ("GET", "/a/b"), ("POST", "/a")):
        answer = call(method, path)
        assert (answer.status, answer.json) == (403, {"message": "Missing Authentication Token"})
        assert answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


def test_the_default_host_of_an_api_can_be_turned_off(mocked: Any, call: Any) -> None:
    mocked.update_rest_api(
        patchOperations=[{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"}]
    )
    mocked.deploy()
    assert call("GET", "/a").status == 403


def test_exact_paths_go_before_variables_and_those_before_greedy_ones(
    api: Any, integrate: Any, call: Any
) -> None:
    def answering(text: str) -> list[dict[str, Any]]:
        return [{"responseTemplates": {"application/json": text}}]

    pets = api.resource("pets")
    integrate(resource=api.resource("dogs", pets), responses=answering("dogs"))
    one = api.resource("{id}", pets)
    integrate(resource=one, responses=answering("one $input.params('id')"))
    integrate(
        resource=api.resource("{proxy+}"), verb="ANY", responses=answering("$input.params('proxy')")
    )
    api.deploy()
    assert call("GET", "/pets/dogs").body == b"dogs"
    assert call("GET", "/pets/7").body == b"one 7"
    assert call("GET", "/pets/a%20b").body == b"one a b"
    assert call("GET", "/pets/7/toys").body == b"pets/7/toys"
    assert call("PATCH", "/elsewhere").body == b"elsewhere"
    assert call("GET", "/").status == 403
    assert call("POST", "/pets/dogs").status == 403


def test_a_preflight_is_the_apis_own_to_answer(api: Any, integrate: Any, call: Any) -> None:
    integrate(
        verb="OPTIONS",
        headers=("Access-Control-Allow-Origin",),
        responses=[
            {"responseParameters": {"method.response.header.Access-Control-Allow-Origin": "'*'"}}
        ],
    )
    api.deploy()
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    answer = call("OPTIONS", "/", headers=asked)
    assert answer.status == 200
    assert answer.headers.getlist("Access-Control-Allow-Origin") == ["*"]
    assert "Access-Control-Max-Age" not in answer.headers
