"""Pipes to API destinations, and enrichments by them: each event is one call, which may fail alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from tests.services.events.site import Asked, Says, Site, open_site
from tests.services.pipes.conftest import MakePipe, Queue

from fogline.testing.plugin import Account


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def open_destination(fogline: Account, site: Site) -> Callable[[str], str]:
    """Open an API destination under a path of the site, and return its ARN."""

    def do(path: str) -> str:
        events = fogline.client("events")
        connection = events.create_connection(
            Name="partner",
            AuthorizationType="API_KEY",
            AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "word"}},
        )
        made = events.create_api_destination(
            Name="partner",
            ConnectionArn=connection["ConnectionArn"],
            InvocationEndpoint=site.url + path,
            HttpMethod="POST",
        )
        return str(made["ApiDestinationArn"])

    return do


def test_an_endpoint_gets_each_event_with_parameters_of_its_own(
    make_pipe: MakePipe, open_destination: Callable[[str], str], site: Site, source: Queue
) -> None:
    make_pipe(
        Target=open_destination("/orders/*"),
        TargetParameters={
            "InputTemplate": '{"total": <$.body.total>}',
            "HttpParameters": {
                "PathParameterValues": ["$.body.id"],
                "HeaderParameters": {"X-Kind": "$.body.kind"},
                "QueryStringParameters": {"page": "1"},
            },
        },
    )
    source.send({"id": "o1", "kind": "large", "total": 7})
    [asked] = site.asked
    assert asked.path == "/orders/o1?page=1"
    assert (asked.headers["x-key"], asked.headers["x-kind"]) == ("word", "large")
    assert json.loads(asked.body) == {"total": 7}
    assert source.counts() == (0, 0)


def test_a_message_that_an_endpoint_refuses_stays_alone(
    fogline: Account,
    make_pipe: MakePipe,
    open_destination: Callable[[str], str],
    site: Site,
    source: Queue,
) -> None:
    def answer(asked: Asked) -> Says:
        return Says(500 if "bad" in asked.body else 200)

    site.answer = answer
    source.send_together("good", "bad", "fine")
    make_pipe(Target=open_destination("/in"), TargetParameters={"InputTemplate": "<$.body>"})
    assert sorted(site.bodies) == ["bad", "fine", "good"]
    assert source.counts() == (0, 1)
    site.says(200)
    fogline.platform.advance(seconds=30)
    assert source.counts() == (0, 0)


def test_an_enrichment_by_an_endpoint_answers_what_goes_on(
    make_pipe: MakePipe,
    open_destination: Callable[[str], str],
    site: Site,
    source: Queue,
    target: Queue,
) -> None:
    site.says(200, '{"name": "Ada"}')
    make_pipe(
        Enrichment=open_destination("/people"),
        EnrichmentParameters={"InputTemplate": '{"id": <$.body.id>}'},
    )
    source.send({"id": 7})
    assert site.bodies == ['{"id":7}']
    assert target.bodies() == [{"name": "Ada"}]


def test_an_enrichment_that_answers_an_error_leaves_the_message(
    make_pipe: MakePipe,
    open_destination: Callable[[str], str],
    site: Site,
    source: Queue,
    target: Queue,
) -> None:
    site.says(503)
    make_pipe(Enrichment=open_destination("/people"))
    source.send({"id": 7})
    assert (source.counts(), target.counts()) == ((0, 1), (0, 0))
