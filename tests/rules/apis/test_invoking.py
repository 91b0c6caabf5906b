"""Which methods of APIs an ARN names, and how paths are filled."""

from __future__ import annotations

import pytest

from fogline.apis.invoking import find_method
from fogline.aws.arn import find_arn
from fogline.aws.http_parameters import filled_path

FRONT = "arn:aws:execute-api:eu-west-1:1:"


def test_an_arn_names_api_region_stage_method_and_path() -> None:
    assert find_method(find_arn(FRONT + "abc/prod/GET/orders/*")) == (
        "abc", "eu-west-1", "prod", "GET", "/orders/*",
    )  # fmt: skip


@pytest.mark.parametrize("rest", ["abc/prod/*", "abc/$default/*/"])
def test_the_root_is_a_path_and_any_method_a_method(rest: str) -> None:
    method = find_method(find_arn(FRONT + rest))
    assert method is not None
    assert (method.name, method.path) == ("*", "/")


@pytest.mark.parametrize(
    "text",
    [
        FRONT + "abc/prod",
        FRONT + "abc//GET/",
        FRONT + "a.b/prod/GET/",
        FRONT + "abc/prod/TRACE/",
        "arn:aws:execute-api::1:abc/prod/GET/",
        "arn:aws:sqs:eu-west-1:1:abc/prod/GET/",
        "abc",
    ],
)
def test_other_texts_name_none(text: str) -> None:
    assert find_method(find_arn(text)) is None


def test_each_star_takes_the_next_value_while_there_are_any() -> None:
    assert filled_path("/a/*/b/*", ["x y", "1/2"]) == "/a/x%20y/b/1%2F2"
    assert filled_path("/a/*/b/*", ["x"]) == "/a/x/b/*"
    assert filled_path("/a", ["x"]) == "/a"
