"""Which mapping template a message to a WebSocket API goes through."""

from __future__ import annotations

import pytest

from fogline.services.apigatewayv2.websocket.templates import Templates


@pytest.mark.parametrize(
    ("expression", "templates", "is_there"),
    [
        (None, {"$default": "x"}, True),
        (None, {"application/json": "x"}, True),
        ("\\$default", {"$default": "x"}, True),
        ("\\$default", {"application/json": "x"}, True),
        ("$request.body.action", {"say": "x"}, True),
        ("$request.body.action", {"$default": "x"}, True),
        ("$request.body.action", {"application/json": "x"}, False),
        ("\\$default", {"other": "x"}, False),
        (None, {}, False),
    ],
)
def test_a_template_is_selected_by_its_key(
    expression: str | None, templates: dict[str, str], is_there: bool
) -> None:
    found = Templates(expression, templates).select(lambda name: "say")
    assert (found is not None) is is_there
