"""API destinations: how they are called, how often, for how long, and what becomes of an event that they never take."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeVar

import pytest
from botocore.exceptions import ClientError
from tests.services.events.site import Asked, Says, Site, open_site

from fogline.aws.call import Trace
from fogline.background.lineage import Event
from fogline.ports.api_destinations import ApiDestinations, CallRefused, HttpCall
from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

T = TypeVar("T")

TRACE = Trace("1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8")

BASIC = {"BasicAuthParameters": {"Username": "user", "Password": "word"}}
API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "word"}}
KINDS = {
    "BasicAuthParameters": "BASIC",
    "ApiKeyAuthParameters": "API_KEY",
    "OAuthParameters": "OAUTH_CLIENT_CREDENTIALS",
}


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


class Shop:
    """A bus' rule with an API destination for a target, and a queue for what it does not take."""

    def __init__(self, account: Account, platform: LocalPlatform, site: Site) -> None:
        self.events = account.client("events")
        self.sqs = account.client("sqs")
        self.platform = platform
        self.site = site
        self.account = account.id
        self.dead_url = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        self.arn = ""

    def connect(self, **parameters: Any) -> str:
        kind = next(KINDS[name] for name in parameters if name in KINDS)
        return str(
            self.events.create_connection(
                Name="partner", AuthorizationType=kind, AuthParameters=parameters
            )["ConnectionArn"]
        )

    def open(self, connection: str, path: str = "/orders", **settings: Any) -> str:
        self.arn = self.events.create_api_destination(
            Name="orders",
            ConnectionArn=connection,
            InvocationEndpoint=self.site.url + path,
            **{"HttpMethod": "POST", **settings},
        )["ApiDestinationArn"]
        return self.arn

    def route(self, **target: Any) -> None:
        self.events.put_rule(Name="orders", EventPattern=json.dumps({"source": ["shop"]}))
        dead = f"arn:aws:sqs:us-east-1:{self.account}:dead"
        role = f"arn:aws:iam::{self.account}:role/events"
        whole = {"Id": "t", "Arn": self.arn, "RoleArn": role, "DeadLetterConfig": {"Arn": dead}}
        answer = self.events.put_targets(Rule="orders", Targets=[{**whole, **target}])
        assert answer["FailedEntryCount"] == 0, answer

    def put(self, *numbers: int) -> None:
        for number in numbers:
            entry = {"Source": "shop", "DetailType": "d", "Detail": json.dumps({"n": number})}
            assert self.events.put_events(Entries=[entry])["FailedEntryCount"] == 0
        self.platform.settle()

    @property
    def numbers(self) -> list[int]:
        return [json.loads(body)["detail"]["n"] for body in self.site.bodies]

    def dead(self) -> list[dict[str, Any]]:
        found = self.sqs.receive_message(
            QueueUrl=self.dead_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return list(found.get("Messages", []))


@pytest.fixture
def shop(fogline: Account, fogline_platform: LocalPlatform, site: Site) -> Shop:
    return Shop(fogline, fogline_platform, site)


def why(message: dict[str, Any]) -> dict[str, str]:
    return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}


# ---- as resources


def test_an_api_destination_is_told_as_it_was_made(shop: Shop) -> None:
    connection = shop.connect(**BASIC)
    arn = shop.open(connection, Description="d")
    found = shop.events.describe_api_destination(Name="orders")
    assert found["ApiDestinationArn"] == arn
    assert found["ApiDestinationState"] == "ACTIVE"
    assert found["InvocationRateLimitPerSecond"] == 300
    assert (found["HttpMethod"], found["Description"]) == ("POST", "d")


def test_an_api_destination_is_inactive_while_its_connection_is_not_authorized(shop: Shop) -> None:
    shop.open(shop.connect(**BASIC))
    shop.events.deauthorize_connection(Name="partner")
    assert shop.events.describe_api_destination(Name="orders")["ApiDestinationState"] == "INACTIVE"


def test_an_update_of_an_api_destination_changes_what_it_names(shop: Shop) -> None:
    shop.open(shop.connect(**BASIC))
    shop.events.update_api_destination(Name="orders", InvocationRateLimitPerSecond=7)
    found = shop.events.describe_api_destination(Name="orders")
    assert (found["InvocationRateLimitPerSecond"], found["HttpMethod"]) == (7, "POST")


def test_api_destinations_are_listed_by_prefix_and_connection(shop: Shop) -> None:
    connection = shop.connect(**BASIC)
    shop.open(connection)
    listed = shop.events.list_api_destinations
    assert [each["Name"] for each in listed(NamePrefix="or")["ApiDestinations"]] == ["orders"]
    assert listed(NamePrefix="x")["ApiDestinations"] == []
    assert [each["Name"] for each in listed(ConnectionArn=connection)["ApiDestinations"]] == [
        "orders"
    ]
    assert listed(ConnectionArn=connection + "0")["ApiDestinations"] == []


def test_a_deleted_api_destination_is_gone(shop: Shop) -> None:
    shop.open(shop.connect(**BASIC))
    shop.events.delete_api_destination(Name="orders")
    with pytest.raises(ClientError) as error:
        shop.events.describe_api_destination(Name="orders")
    assert error.value.response["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": "Failed to describe the api-destination(s). An api-destination 'orders' does not exist.",
    }


def test_an_api_destination_needs_a_connection_that_exists(shop: Shop, fogline: Account) -> None:
    arn = f"arn:aws:events:us-east-1:{fogline.id}:connection/none/0-0"
    with pytest.raises(ClientError) as error:
        shop.open(arn)
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"


# ---- one call


def test_an_event_is_posted_with_basic_authorization(shop: Shop, site: Site) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route()
    shop.put(1)
    (asked,) = site.asked
    assert (asked.method, asked.path) == ("POST", "/orders")
    assert json.loads(asked.body)["detail"] == {"n": 1}
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"user:word").decode()
    assert asked.headers["user-agent"] == "Amazon/EventBridge/ApiDestinations"
    assert asked.headers["content-type"] == "application/json; charset=utf-8"


def test_an_api_key_goes_with_the_request(shop: Shop, site: Site) -> None:
    shop.open(shop.connect(**API_KEY))
    shop.route()
    shop.put(1)
    assert site.asked[0].headers["x-key"] == "word"


def test_parameters_of_target_and_connection_join_and_those_of_the_connection_win(
    shop: Shop, site: Site
) -> None:
    more = {
        "HeaderParameters": [{"Key": "X-Both", "Value": "connection"}],
        "QueryStringParameters": [{"Key": "both", "Value": "connection"}],
        "BodyParameters": [{"Key": "extra", "Value": "added"}],
    }
    connection = shop.connect(**BASIC, InvocationHttpParameters=more)
    shop.open(connection, "/shops/*/orders/*?fixed=1")
    shop.route(
        Input='{"id": 5}',
        HttpParameters={
            "PathParameterValues": ["north/1", "$.detail.n"],
            "HeaderParameters": {"X-Both": "target", "X-Own": "own", "Host": "elsewhere"},
            "QueryStringParameters": {"both": "target", "own": "a b"},
        },
    )
    shop.put(1)
    (asked,) = site.asked
    assert asked.path == "/shops/north%2F1/orders/1?fixed=1&own=a%20b&both=connection"
    assert (asked.headers["x-both"], asked.headers["x-own"]) == ("connection", "own")
    assert asked.headers["host"] == site.url.removeprefix("http://")
    assert json.loads(asked.body) == {"id": 5, "extra": "added"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "GET"])
def test_the_method_is_that_of_the_api_destination(shop: Shop, site: Site, method: str) -> None:
    shop.open(shop.connect(**BASIC), HttpMethod=method)
    shop.route()
    shop.put(1)
    assert site.asked[0].method == method
    assert bool(site.asked[0].body) == (method != "GET")


# ---- the rate


def test_calls_beyond_the_rate_wait_for_their_second(shop: Shop) -> None:
    shop.open(shop.connect(**BASIC), InvocationRateLimitPerSecond=2)
    shop.route()
    shop.put(*range(6))
    assert len(shop.numbers) == 2
    shop.platform.advance(seconds=1)
    assert len(shop.numbers) == 4
    shop.platform.advance(seconds=1)
    assert sorted(shop.numbers) == list(range(6))


def test_retries_wait_for_their_second_too(shop: Shop, site: Site) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route()
    site.says(503, Retry_After="60")
    shop.put(*range(4))
    shop.events.update_api_destination(Name="orders", InvocationRateLimitPerSecond=1)
    site.says(200)
    site.asked.clear()
    for count in range(1, 5):
        shop.platform.advance(seconds=60 if count == 1 else 1)
        assert len(site.asked) == count
    assert sorted(shop.numbers) == list(range(4))


# ---- retries


def test_an_endpoint_that_fails_for_an_hour_gets_every_event_once_when_it_recovers(
    shop: Shop, site: Site
) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route()
    site.says(500)
    shop.put(*range(5))
    shop.platform.advance(hours=1)
    assert len(site.asked) > 5 * 5
    site.asked.clear()
    site.says(200)
    shop.platform.advance(hours=1)
    assert sorted(shop.numbers) == list(range(5))
    shop.platform.advance(hours=1)
    assert len(site.asked) == 5
    assert shop.dead() == []


def test_an_endpoint_that_never_recovers_fills_the_dead_letter_queue_after_a_day(
    shop: Shop, site: Site, fogline: Account
) -> None:
    arn = shop.open(shop.connect(**BASIC))
    shop.route()
    site.says(500)
    shop.put(1, 2)
    shop.platform.advance(hours=20)
    assert shop.dead() == []
    shop.platform.advance(hours=4)
    dead = shop.dead()
    assert sorted(json.loads(each["Body"])["detail"]["n"] for each in dead) == [1, 2]
    told = why(dead[0])
    assert told.pop("EXHAUSTED_RETRY_CONDITION") in (
        "MaximumRetryAttempts",
        "MaximumEventAgeInSeconds",
    )
    assert 150 <= int(told.pop("RETRY_ATTEMPTS")) <= 185
    assert told == {
        "RULE_ARN": f"arn:aws:events:us-east-1:{fogline.id}:rule/orders",
        "TARGET_ARN": arn,
        "ERROR_CODE": "ERROR_FROM_TARGET",
        "ERROR_MESSAGE": "Unable to invoke ApiDestination endpoint: The request failed with status code 500",
    }


def test_a_retry_policy_bounds_the_attempts(shop: Shop, site: Site) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route(RetryPolicy={"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600})
    site.says(503)
    shop.put(1)
    shop.platform.advance(seconds=60)
    assert len(site.asked) == 3
    told = why(shop.dead()[0])
    assert (told["EXHAUSTED_RETRY_CONDITION"], told["RETRY_ATTEMPTS"]) == (
        "MaximumRetryAttempts",
        "2",
    )


def test_a_retry_policy_bounds_the_age(shop: Shop, site: Site) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route(RetryPolicy={"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 60})
    site.says(503)
    shop.put(1)
    shop.platform.advance(seconds=59)
    assert shop.dead() == []
    shop.platform.advance(seconds=1)
    assert why(shop.dead()[0])["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"


@pytest.mark.parametrize("status", [409, 429, 500, 503])
def test_statuses_that_may_pass_are_tried_again(shop: Shop, site: Site, status: int) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route()
    site.says(status)
    shop.put(1)
    site.says(200)
    shop.platform.advance(seconds=5)
    assert len(site.asked) == 2
    assert shop.dead() == []


@pytest.mark.parametrize("status", [301, 400, 403, 404, 410])
def test_other_refusals_are_dead_letters_at_once(shop: Shop, site: Site, status: int) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route()
    site.says(status)
    shop.put(1)
    told = why(shop.dead()[0])
    assert told["ERROR_CODE"] == "SDK_CLIENT_ERROR"
    assert told["ERROR_MESSAGE"].endswith(f"status code {status}")
    assert "EXHAUSTED_RETRY_CONDITION" not in told
    assert len(site.asked) == 1


def test_an_endpoint_may_say_when_to_come_again(shop: Shop, site: Site) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route()
    site.says(429, Retry_After="120")
    shop.put(1)
    shop.platform.advance(seconds=119)
    assert len(site.asked) == 1
    shop.platform.advance(seconds=1)
    assert len(site.asked) == 2


def test_an_endpoint_may_name_the_time_to_come_again(shop: Shop, site: Site) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route()
    at = datetime.fromtimestamp(shop.platform.now() // 1000 + 120, UTC)
    site.says(503, Retry_After=format_datetime(at, usegmt=True))
    shop.put(1)
    shop.platform.advance(seconds=118)
    assert len(site.asked) == 1
    shop.platform.advance(seconds=2)
    assert len(site.asked) == 2


def test_an_endpoint_may_say_never_to_come_again(shop: Shop, site: Site) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route()
    site.says(503, Retry_After="-1")
    shop.put(1)
    shop.platform.advance(hours=1)
    assert len(site.asked) == 1
    assert why(shop.dead()[0])["ERROR_CODE"] == "ERROR_FROM_TARGET"


def test_a_wait_that_is_none_is_not_minded(shop: Shop, site: Site) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route()
    site.says(503, Retry_After="soon")
    shop.put(1)
    shop.platform.advance(seconds=1)
    assert len(site.asked) == 2


def test_an_endpoint_that_cannot_be_reached_is_tried_again(shop: Shop) -> None:
    connection = shop.connect(**BASIC)
    with open_site() as gone:
        address = gone.url
    shop.arn = shop.events.create_api_destination(
        Name="gone", ConnectionArn=connection, InvocationEndpoint=address, HttpMethod="POST"
    )["ApiDestinationArn"]
    shop.route(RetryPolicy={"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60})
    shop.put(1)
    assert shop.dead() == []
    shop.platform.advance(seconds=2)
    assert why(shop.dead()[0])["ERROR_CODE"] == "CONNECTION_FAILURE"


def test_an_api_destination_deleted_meanwhile_is_no_longer_called(shop: Shop, site: Site) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route()
    site.says(500)
    shop.put(1)
    shop.events.delete_api_destination(Name="orders")
    shop.platform.advance(seconds=5)
    assert len(site.asked) == 1
    assert why(shop.dead()[0])["ERROR_CODE"] == "NO_RESOURCE"


def test_credentials_that_an_endpoint_refuses_deauthorize_the_connection_until_it_is_updated(
    shop: Shop, site: Site
) -> None:
    shop.open(shop.connect(**BASIC))
    shop.route()
    site.says(401)
    shop.put(1)
    assert shop.events.describe_connection(Name="partner")["ConnectionState"] == "DEAUTHORIZED"
    site.says(200)
    shop.platform.advance(seconds=30)
    assert len(site.asked) == 1
    shop.events.update_connection(Name="partner", AuthParameters=BASIC)
    shop.platform.advance(hours=1)
    assert shop.numbers == [1, 1]


# ---- OAuth


class Issuer:
    """Gives out tokens t1, t2, ... and knows the last one."""

    def __init__(self, expires_in: int | None) -> None:
        self.expires_in = expires_in
        self.count = 0

    def __call__(self, asked: Asked) -> Says:
        if asked.path == "/token":
            self.count += 1
            return Says(
                200,
                json.dumps({"access_token": f"t{self.count}", "expires_in": self.expires_in}),
            )
        is_valid = asked.headers.get("authorization") == f"Bearer t{self.count}"
        return Says(200 if is_valid else 401)


def oauth(site: Site) -> dict[str, Any]:
    return {
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "shop", "ClientSecret": "word"},
            "AuthorizationEndpoint": f"{site.url}/token",
            "HttpMethod": "POST",
        }
    }


def paths(site: Site) -> list[str]:
    return [each.path for each in site.asked]


def test_a_token_is_used_until_just_before_it_expires(shop: Shop, site: Site) -> None:
    site.answer = Issuer(600)
    shop.open(shop.connect(**oauth(site)))
    shop.route()
    shop.put(1, 2)
    shop.platform.advance(seconds=539)
    shop.put(3)
    assert paths(site) == ["/token", "/orders", "/orders", "/orders"]
    shop.platform.advance(seconds=1)
    shop.put(4)
    assert paths(site)[4:] == ["/token", "/orders"]
    assert site.asked[-1].headers["authorization"] == "Bearer t2"


def test_a_token_that_is_refused_is_got_anew_and_the_call_made_again(
    shop: Shop, site: Site
) -> None:
    issuer = Issuer(None)
    site.answer = issuer
    shop.open(shop.connect(**oauth(site)))
    shop.route()
    shop.put(1)
    issuer.count += 1  # the issuer has forgotten the token
    shop.put(2)
    assert paths(site) == ["/token", "/orders", "/orders", "/token", "/orders"]
    assert shop.dead() == []


def test_an_event_waits_for_an_authorization_endpoint_that_fails(shop: Shop, site: Site) -> None:
    site.says(503)
    shop.open(shop.connect(**oauth(site)))
    shop.route()
    shop.put(1)
    assert "/orders" not in paths(site)
    site.answer = Issuer(600)
    shop.platform.advance(seconds=5)
    assert paths(site)[-1] == "/orders"
    assert shop.events.describe_connection(Name="partner")["ConnectionState"] == "AUTHORIZED"


def test_many_events_that_need_a_new_token_get_one(shop: Shop, site: Site) -> None:
    site.answer = Issuer(600)
    shop.open(shop.connect(**oauth(site)))
    shop.route()
    shop.platform.advance(seconds=600)
    entry = {"Source": "shop", "DetailType": "d", "Detail": '{"n": 1}'}
    shop.events.put_events(Entries=[entry] * 10)
    shop.platform.settle()
    assert sorted(paths(site)) == ["/orders"] * 10 + ["/token"] * 2


# ---- what caused a call


def causes(shop: Shop) -> list[tuple[str, str]]:
    """Kind and name of all work in the chain of the last call."""
    chain = shop.site.asked[-1].headers["x-amzn-trace-id"].split(";")[0].removeprefix("Root=")

    async def of_trace() -> list[Event]:
        return shop.platform.platform.lineage.of_trace(chain)

    return sorted((event.kind, event.name) for event in shop.platform.ask(of_trace()))


def test_a_call_is_caused_by_the_put_of_its_event(shop: Shop) -> None:
    arn = shop.open(shop.connect(**BASIC))
    shop.route()
    shop.put(1)
    delivery = ("delivery", f"events.api_destination:{arn}")
    assert causes(shop) == [delivery, ("request", "events:PutEvents")]


def test_a_call_is_caused_by_the_schedule_of_its_rule(shop: Shop) -> None:
    arn = shop.open(shop.connect(**BASIC))
    shop.route()
    shop.events.put_rule(Name="orders", ScheduleExpression="rate(1 minute)")
    shop.platform.advance(seconds=60)
    shop.events.disable_rule(Name="orders")
    delivery = ("delivery", f"events.api_destination:{arn}")
    assert causes(shop) == [delivery, ("schedule", "orders")]


def test_a_call_is_caused_by_the_request_of_a_replay(shop: Shop) -> None:
    arn = shop.open(shop.connect(**BASIC))
    shop.route()
    bus = f"arn:aws:events:us-east-1:{shop.account}:event-bus/default"
    archive = shop.events.create_archive(ArchiveName="kept", EventSourceArn=bus)
    shop.put(1)
    now = datetime.fromtimestamp(shop.platform.now() / 1000, UTC)
    hour = timedelta(hours=1)
    shop.events.start_replay(
        ReplayName="again",
        EventSourceArn=archive["ArchiveArn"],
        EventStartTime=now - hour,
        EventEndTime=now + hour,
        Destination={"Arn": bus},
    )
    shop.platform.advance(seconds=1)
    delivery = ("delivery", f"events.api_destination:{arn}")
    assert causes(shop) == [delivery, ("request", "events:StartReplay")]


# ---- for those who need the answer (ports/api_destinations.py)


def ask(shop: Shop, work: Callable[[ApiDestinations], Coroutine[Any, Any, T]]) -> T:
    return shop.platform.ask(work(shop.platform.platform.wiring.api_destinations))


def test_a_call_gives_the_answer_whatever_it_is(shop: Shop, site: Site) -> None:
    arn = shop.open(shop.connect(**API_KEY), "/orders/*")
    site.says(404, '{"no": "such"}')
    parameters = {"PathParameterValues": ["5"]}
    answer = ask(shop, lambda calls: calls.call(arn, b'{"n": 1}', parameters, TRACE))
    assert (answer.status, answer.body) == (404, b'{"no": "such"}')
    (asked,) = site.asked
    assert (asked.path, asked.body, asked.headers["x-key"]) == ("/orders/5", '{"n": 1}', "word")
    assert asked.headers["x-amzn-trace-id"].startswith(f"Root={TRACE.trace_id}")


def test_a_call_beyond_the_rate_is_refused_and_told_when_to_come_again(shop: Shop) -> None:
    arn = shop.open(shop.connect(**BASIC), InvocationRateLimitPerSecond=1)
    ask(shop, lambda calls: calls.call(arn, b"{}", {}, TRACE))
    for _ in range(3):
        with pytest.raises(CallRefused) as refused:
            ask(shop, lambda calls: calls.call(arn, b"{}", {}, TRACE))
        assert refused.value.code == "THROTTLING"
        assert refused.value.retry_at == shop.platform.now() + 1000
    shop.platform.advance(seconds=1)
    ask(shop, lambda calls: calls.call(arn, b"{}", {}, TRACE))


def test_a_request_is_authorized_by_a_connection_alone(shop: Shop, site: Site) -> None:
    site.answer = Issuer(600)
    connection = shop.connect(**oauth(site))
    call = HttpCall("GET", "https://example.com/orders?page=1")
    first = ask(shop, lambda calls: calls.authorize(connection, call))
    assert dict(first.headers)["Authorization"] == "Bearer t1"
    again = ask(shop, lambda calls: calls.authorize(connection, call, renew=True))
    assert dict(again.headers)["Authorization"] == "Bearer t2"
    with pytest.raises(CallRefused) as refused:
        ask(shop, lambda calls: calls.authorize(connection + "0", call))
    assert (refused.value.code, refused.value.is_lasting) == ("NO_RESOURCE", True)
