"""Tokens of pages: what we gave comes back, and nothing else is taken."""

from __future__ import annotations

import base64

import pytest

from fogline.aws.pages import InvalidNextToken, names_after, next_token, page_start


def test_a_token_leads_to_where_its_page_ended() -> None:
    assert page_start(next_token("orders/ü")) == "orders/ü"
    assert page_start("") == page_start(None) == ""


@pytest.mark.parametrize(
    "token", ["?", "abc", base64.b64encode(b"\xff").decode(), base64.b64encode(b"a\0b").decode()]
)
def test_a_token_that_is_none_of_ours_is_refused(token: str) -> None:
    with pytest.raises(InvalidNextToken):
        page_start(token)


def test_names_go_on_in_their_own_order_after_the_one_that_the_page_before_ended_with() -> None:
    names = ["pear", "apple", "fig"]
    assert names_after(names, "", 2) == ["pear", "apple"]
    assert names_after(names, "apple", 2) == ["fig"]
    assert names_after(names, "gone", 2) == []
