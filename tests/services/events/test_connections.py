"""Connections, as a client sees them, and the tokens that they get."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.exceptions import ClientError
from tests.services.events.site import Asked, Says, Site, open_site

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

BASIC = {"BasicAuthParameters": {"Username": "user", "Password": "secret-word"}}
API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "secret-word"}}


@pytest.fixture
def events(fogline: Account) -> Any:
    return fogline.client("events")


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


def oauth(url: str, **more: Any) -> dict[str, Any]:
    return {
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "shop", "ClientSecret": "secret-word"},
            "AuthorizationEndpoint": f"{url}/token",
            "HttpMethod": "POST",
            **more,
        }
    }


def create(events: Any, kind: str, parameters: Any, name: str = "partner") -> str:
    created = events.create_connection(Name=name, AuthorizationType=kind, AuthParameters=parameters)
    return str(created["ConnectionArn"])


def state(events: Any, name: str = "partner") -> str:
    return str(events.describe_connection(Name=name)["ConnectionState"])


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    told = error.value.response["Error"]
    return told["Code"], told["Message"]


@pytest.mark.parametrize(("kind", "parameters"), [("BASIC", BASIC), ("API_KEY", API_KEY)])
def test_a_connection_is_authorized_and_tells_no_secret(
    events: Any, fogline: Account, kind: str, parameters: Any
) -> None:
    arn = create(events, kind, parameters)
    found = events.describe_connection(Name="partner")
    assert arn.startswith(f"arn:aws:events:us-east-1:{fogline.id}:connection/partner/")
    assert (found["ConnectionState"], found["AuthorizationType"]) == ("AUTHORIZED", kind)
    secret = f"arn:aws:secretsmanager:us-east-1:{fogline.id}:secret:events!connection/partner/"
    assert found["SecretArn"].startswith(secret)
    assert "secret-word" not in str(found)


def test_values_that_are_secret_are_not_told_and_others_are(events: Any) -> None:
    more = {
        "HeaderParameters": [
            {"Key": "X-Open", "Value": "seen", "IsValueSecret": False},
            {"Key": "X-Hidden", "Value": "unseen", "IsValueSecret": True},
        ]
    }
    create(events, "BASIC", {**BASIC, "InvocationHttpParameters": more})
    found = events.describe_connection(Name="partner")["AuthParameters"]
    assert found == {
        "BasicAuthParameters": {"Username": "user"},
        "InvocationHttpParameters": {
            "HeaderParameters": [
                {"Key": "X-Open", "Value": "seen", "IsValueSecret": False},
                {"Key": "X-Hidden", "IsValueSecret": True},
            ]
        },
    }


def test_a_name_is_taken_once(events: Any) -> None:
    create(events, "BASIC", BASIC)
    with pytest.raises(ClientError) as error:
        create(events, "BASIC", BASIC)
    assert refusal(error) == (
        "ResourceAlreadyExistsException",
        "Connection partner already exists.",
    )


def test_parameters_must_be_those_of_the_authorization_type(events: Any) -> None:
    with pytest.raises(ClientError) as error:
        create(events, "API_KEY", BASIC)
    assert refusal(error)[0] == "ValidationException"


def test_a_connection_to_a_private_network_is_refused(events: Any) -> None:
    arn = "arn:aws:vpc-lattice:us-east-1:000000000000:resourceconfiguration/rcfg-0123456789abcdefg"
    with pytest.raises(ClientError) as error:
        events.create_connection(
            Name="private",
            AuthorizationType="BASIC",
            AuthParameters=BASIC,
            InvocationConnectivityParameters={
                "ResourceParameters": {"ResourceConfigurationArn": arn}
            },
        )
    assert refusal(error)[0] == "NotImplemented"


def test_a_method_may_be_written_in_small_letters_and_must_be_one(
    events: Any, site: Site, fogline_platform: LocalPlatform
) -> None:
    with pytest.raises(ClientError) as error:
        create(events, "OAUTH_CLIENT_CREDENTIALS", oauth(site.url, HttpMethod="PATCH"))
    assert refusal(error)[0] == "ValidationException"
    create(events, "OAUTH_CLIENT_CREDENTIALS", oauth(site.url, HttpMethod="put"))
    fogline_platform.settle()
    assert site.asked[0].method == "PUT"


def test_an_update_changes_what_it_names(events: Any) -> None:
    create(events, "BASIC", BASIC)
    before = events.describe_connection(Name="partner")
    updated = events.update_connection(
        Name="partner",
        Description="new",
        AuthParameters={"BasicAuthParameters": {"Username": "other"}},
    )
    found = events.describe_connection(Name="partner")
    assert updated["ConnectionState"] == "AUTHORIZED"
    assert found["AuthParameters"] == {"BasicAuthParameters": {"Username": "other"}}
    assert (found["Description"], found["SecretArn"]) == ("new", before["SecretArn"])


def test_an_update_may_change_the_authorization_type(events: Any) -> None:
    create(events, "BASIC", BASIC)
    events.update_connection(Name="partner", AuthorizationType="API_KEY", AuthParameters=API_KEY)
    found = events.describe_connection(Name="partner")
    assert found["AuthParameters"] == {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key"}}


def test_a_deauthorized_connection_has_no_parameters_until_it_gets_new_ones(events: Any) -> None:
    create(events, "BASIC", BASIC)
    assert events.deauthorize_connection(Name="partner")["ConnectionState"] == "DEAUTHORIZING"
    found = events.describe_connection(Name="partner")
    assert found["ConnectionState"] == "DEAUTHORIZED"
    assert not found.keys() & {"AuthParameters", "SecretArn"}
    events.update_connection(Name="partner", AuthParameters=BASIC)
    assert state(events) == "AUTHORIZED"


def test_a_deleted_connection_is_gone(events: Any) -> None:
    create(events, "BASIC", BASIC)
    assert events.delete_connection(Name="partner")["ConnectionState"] == "DELETING"
    for ask in (events.describe_connection, events.delete_connection, events.update_connection):
        with pytest.raises(ClientError) as error:
            ask(Name="partner")
        assert refusal(error)[0] == "ResourceNotFoundException"


def test_connections_are_listed_by_prefix_state_and_page(events: Any) -> None:
    for name in ("a-1", "a-2", "a-3", "b-1"):
        create(events, "BASIC", BASIC, name)
    events.deauthorize_connection(Name="a-2")
    page = events.list_connections(NamePrefix="a-", Limit=2)
    rest = events.list_connections(NamePrefix="a-", Limit=2, NextToken=page["NextToken"])
    names = [each["Name"] for each in page["Connections"] + rest["Connections"]]
    assert names == ["a-1", "a-2", "a-3"]
    assert "NextToken" not in rest
    found = events.list_connections(ConnectionState="DEAUTHORIZED")["Connections"]
    assert [each["Name"] for each in found] == ["a-2"]


# ---- OAuth


def test_an_oauth_connection_is_authorized_once_it_has_a_token(
    events: Any, site: Site, fogline_platform: LocalPlatform
) -> None:
    site.says(200, json.dumps({"access_token": "t", "expires_in": 600}))
    more = {
        "BodyParameters": [{"Key": "audience", "Value": "orders"}],
        "QueryStringParameters": [{"Key": "tenant", "Value": "a b"}],
        "HeaderParameters": [{"Key": "X-Trial", "Value": "yes"}],
    }
    parameters = oauth(site.url, OAuthHttpParameters=more)
    created = events.create_connection(
        Name="partner", AuthorizationType="OAUTH_CLIENT_CREDENTIALS", AuthParameters=parameters
    )
    assert created["ConnectionState"] == "AUTHORIZING"
    fogline_platform.settle()
    assert state(events) == "AUTHORIZED"
    (asked,) = site.asked
    assert (asked.method, asked.path) == ("POST", "/token?tenant=a%20b")
    assert asked.headers["x-trial"] == "yes"
    assert asked.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert parse_qs(asked.body) == {
        "grant_type": ["client_credentials"],
        "client_id": ["shop"],
        "client_secret": ["secret-word"],
        "audience": ["orders"],
    }


def test_a_token_may_be_asked_for_with_get(
    events: Any, site: Site, fogline_platform: LocalPlatform
) -> None:
    site.says(200, json.dumps({"access_token": "t"}))
    create(events, "OAUTH_CLIENT_CREDENTIALS", oauth(site.url, HttpMethod="GET"))
    fogline_platform.settle()
    (asked,) = site.asked
    assert asked.path.startswith("/token?grant_type=client_credentials&client_id=shop")
    assert state(events) == "AUTHORIZED"


@pytest.mark.parametrize(
    "says", [Says(401), Says(200, "no json"), Says(200, "{}"), Says(200, '{"access_token": 7}')]
)
def test_a_connection_that_is_refused_a_token_is_deauthorized(
    events: Any, site: Site, fogline_platform: LocalPlatform, says: Says
) -> None:
    site.answer = lambda asked: says
    create(events, "OAUTH_CLIENT_CREDENTIALS", oauth(site.url))
    fogline_platform.settle()
    found = events.describe_connection(Name="partner")
    assert found["ConnectionState"] == "DEAUTHORIZED"
    assert found["StateReason"].startswith("Failed to authorize: the authorization endpoint")


def test_an_authorization_endpoint_that_fails_for_a_moment_is_asked_again(
    events: Any, site: Site, fogline_platform: LocalPlatform
) -> None:
    site.says(503)
    create(events, "OAUTH_CLIENT_CREDENTIALS", oauth(site.url))
    fogline_platform.settle()
    assert state(events) == "AUTHORIZING"
    site.says(200, json.dumps({"access_token": "t"}))
    fogline_platform.advance(seconds=1)
    assert state(events) == "AUTHORIZED"


def test_one_that_cannot_be_reached_ends_deauthorized(
    events: Any, fogline_platform: LocalPlatform
) -> None:
    create(events, "OAUTH_CLIENT_CREDENTIALS", oauth("http://127.0.0.1:1"))
    fogline_platform.advance(seconds=10)
    assert state(events) == "DEAUTHORIZED"


def test_an_update_gets_a_token_with_the_new_credentials(
    events: Any, site: Site, fogline_platform: LocalPlatform
) -> None:
    def answer(asked: Asked) -> Says:
        is_known = "client_secret=right" in asked.body
        return Says(200, '{"access_token": "t"}') if is_known else Says(401)

    site.answer = answer
    create(events, "OAUTH_CLIENT_CREDENTIALS", oauth(site.url))
    fogline_platform.settle()
    assert state(events) == "DEAUTHORIZED"
    client = {"ClientID": "shop", "ClientSecret": "right"}
    events.update_connection(
        Name="partner", AuthParameters={"OAuthParameters": {"ClientParameters": client}}
    )
    fogline_platform.settle()
    assert state(events) == "AUTHORIZED"
