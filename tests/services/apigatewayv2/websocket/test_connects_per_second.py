"""How many clients may connect in a second, where that has a bound."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.services.apigatewayv2.websocket.conftest import SocketApi

from fogline.config import SettingInvalid, read_config
from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account


@pytest.fixture(scope="module")
def bounded() -> Iterator[LocalPlatform]:
    config = read_config(
        {}, port=0, ephemeral=True, clock="manual", websocket_connects_per_second_max=2
    )
    with LocalPlatform(config) as platform:
        yield platform


def _make(platform: LocalPlatform, account: str) -> SocketApi:
    owner = Account(platform, account)
    client = owner.client("apigatewayv2")
    made = client.create_api(
        Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )
    api = SocketApi(owner, client, made["ApiId"])
    api.route("$default")
    return api


def test_more_clients_than_an_account_may_have_in_a_second_are_refused(
    bounded: LocalPlatform,
) -> None:
    one, other = _make(bounded, "111111111111"), _make(bounded, "111111111111")
    one.connect()
    other.connect()

    refused = one.refused()

    assert refused.status_code == 429
    assert json.loads(refused.body)["message"] == "Too Many Requests"
    bounded.advance(seconds=0.5)
    one.connect()
    assert other.refused().status_code == 429


def test_other_accounts_have_numbers_of_their_own(bounded: LocalPlatform) -> None:
    full, other = _make(bounded, "222222222222"), _make(bounded, "333333333333")
    full.connect()
    full.connect()
    assert full.refused().status_code == 429

    other.connect()


def test_a_number_below_zero_is_no_setting() -> None:
    with pytest.raises(SettingInvalid, match="must be 0 or more"):
        read_config({}, websocket_connects_per_second_max=-1)
