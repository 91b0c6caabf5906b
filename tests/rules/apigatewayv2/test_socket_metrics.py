from __future__ import annotations

from typing import Any

import pytest

from fogline.aws.call import Trace
from fogline.services.apigatewayv2.sites import Site
from fogline.services.apigatewayv2.websocket.compiled import SocketApi
from fogline.services.apigatewayv2.websocket.exchange import CONNECT, DISCONNECT, MESSAGE, Exchange
from fogline.services.apigatewayv2.websocket.faults import (
    BAD_BODY,
    INTEGRATION_FAILURE,
    TIMEOUT,
    TOO_MANY,
    Fault,
    misconfigured,
)
from fogline.services.apigatewayv2.websocket.metrics import measures, sources, sources_of_peer
from fogline.services.apigatewayv2.websocket.peer import Peer

_API = SocketApi(
    {
        "api": {"RouteSelectionExpression": "$request.body.action"},
        "routes": {
            "1": {"RouteId": "1", "RouteKey": "say", "Target": "integrations/i"},
            "2": {"RouteId": "2", "RouteKey": "mock", "Target": "integrations/m"},
        },
        "integrations": {
            "i": {"IntegrationId": "i", "IntegrationType": "AWS_PROXY"},
            "m": {"IntegrationId": "m", "IntegrationType": "MOCK"},
        },
        "authorizers": {},
        "models": {},
    }
)
_PEER = Peer("p", "1", "eu-west-1", "abc", "dev", "localhost", 0, "127.0.0.1", "")


def _exchange(event: str = MESSAGE, key: str = "say", **changed: Any) -> Exchange:
    stage = changed.pop("stage", {})
    members: dict[str, Any] = {
        "site": Site("1", "eu-west-1", "abc", "WEBSOCKET", "dev", stage, None, "/"),
        "peer": _PEER,
        "event": event,
        "route_key": key,
        "now": 0,
        "request_id": "r",
        "trace": Trace("1-a-b", "c"),
        "route": _API.find(key),
    }
    return Exchange(**{**members, **changed})


def _counts(exchange: Exchange, status: int, length: int = 0, fault: Fault | None = None) -> Any:
    """The sums of what is not nothing."""
    found: dict[str, float] = {}
    for each in measures(exchange, status, length, fault):
        if each.value:
            found[each.name] = found.get(each.name, 0) + each.value
    return found


def test_a_message_counts_once_and_once_more_with_its_answer():
    assert _counts(_exchange(), 200) == {"MessageCount": 1}
    assert _counts(_exchange(), 200, 12) == {"MessageCount": 2}


def test_a_client_that_connects_is_counted_and_is_no_message():
    assert _counts(_exchange(CONNECT), 200) == {"ConnectCount": 1}
    assert _counts(_exchange(DISCONNECT), 200) == {}


def test_a_client_that_is_refused_before_the_integration_counts_as_its_own_error_only():
    assert _counts(_exchange(CONNECT), 429, 0, Fault(TOO_MANY)) == {"ClientError": 1}


_ASKED = {"integrationLatency": 0}


@pytest.mark.parametrize(
    ("facts", "fault", "error"),
    [
        ({}, Fault(BAD_BODY), "ClientError"),
        ({"integrationStatus": 200, **_ASKED}, Fault(INTEGRATION_FAILURE), "IntegrationError"),
        ({"integrationStatus": 502, **_ASKED}, Fault(INTEGRATION_FAILURE), "ExecutionError"),
        ({"integrationStatus": 504, **_ASKED}, Fault(TIMEOUT), "ExecutionError"),
        ({"integrationStatus": 500, **_ASKED}, misconfigured("no function"), "ExecutionError"),
    ],
)
def test_an_error_is_the_clients_or_the_integrations_or_one_of_asking_it(facts, fault, error):
    counts = _counts(_exchange(facts=facts), fault.kind.status, 0, fault)

    assert counts == {"MessageCount": 1, error: 1}


def test_an_integration_that_answers_with_an_error_is_at_fault_itself():
    assert _counts(_exchange(CONNECT), 403) == {"ConnectCount": 1, "IntegrationError": 1}


def test_errors_that_were_none_are_told_too():
    names = [each.name for each in measures(_exchange(), 200, 0, None) if not each.value]

    assert names == ["ClientError", "ExecutionError", "IntegrationError"]


def test_the_latency_of_mock_integrations_is_not_told():
    asked, mocked = _exchange(facts={"integrationLatency": 9}), _exchange(key="mock")
    mocked.facts["integrationLatency"] = 9

    assert _counts(asked, 200) == {"MessageCount": 1, "IntegrationLatency": 9}
    assert _counts(mocked, 200) == {"MessageCount": 1}


def test_numbers_are_about_the_api_and_its_stage_and_in_detail_about_the_route():
    stage = {"RouteSettings": {"say": {"DetailedMetricsEnabled": True}}}

    found = [each.dimensions for each in sources(_exchange(stage=stage))]

    of_stage = (("ApiId", "abc"), ("Stage", "dev"))
    in_detail = (("ApiId", "abc"), ("Route", "say"), ("Stage", "dev"))
    assert found == [(("ApiId", "abc"),), of_stage, in_detail]
    assert sources_of_peer(_PEER) == sources(_exchange())
