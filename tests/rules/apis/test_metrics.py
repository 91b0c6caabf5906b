from __future__ import annotations

from fogline.apis.metrics import sources_of
from fogline.ports.metrics import Source

_API = ("ApiId", "abc")


def test_numbers_are_about_the_api_and_about_its_stage():
    assert sources_of("1", "eu-west-1", _API, "dev") == (
        Source("1", "eu-west-1", "AWS/ApiGateway", (_API,)),
        Source("1", "eu-west-1", "AWS/ApiGateway", (_API, ("Stage", "dev"))),
    )


def test_a_method_in_detail_is_a_third_whose_dimensions_have_the_order_of_their_names():
    found = sources_of("1", "r", _API, "dev", (("Method", "GET"), ("Resource", "/pets")))

    assert found[2].dimensions == (
        _API,
        ("Method", "GET"),
        ("Resource", "/pets"),
        ("Stage", "dev"),
    )


def test_sources_are_made_once():
    assert sources_of("1", "r", _API, "dev") is sources_of("1", "r", _API, "dev")
