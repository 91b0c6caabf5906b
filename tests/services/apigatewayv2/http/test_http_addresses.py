"""Where HTTP APIs are reached: stages, paths, and custom domain names."""

from __future__ import annotations

import socket
from typing import Any

import pytest

NOT_FOUND = (404, {"message": "Not Found"})


@pytest.fixture
def staged(make_api: Any, make_function: Any) -> Any:
    """An API with the stages `$default` and `dev`, which tell themselves."""
    api = make_api()
    api.route("$default", api.integration(IntegrationUri=make_function()))
    api.stage()
    api.stage("dev")
    return api


def stage_and_path(answer: Any) -> tuple[str, str]:
    event = answer.json()
    return event["requestContext"]["stage"], event["rawPath"]


@pytest.mark.parametrize(
    ("target", "stage", "path"),
    [
        ("/", "$default", "/"),
        ("/pets", "$default", "/pets"),
        ("/dev", "dev", "/dev"),
        ("/dev/", "dev", "/dev/"),
        ("/dev/pets", "dev", "/dev/pets"),
        ("/devel/pets", "$default", "/devel/pets"),
        ("/$default/pets", "$default", "/$default/pets"),
        ("/a//b", "$default", "/a//b"),
    ],
)
def test_the_first_part_of_a_path_names_a_stage_if_there_is_one(
    staged: Any, target: str, stage: str, path: str
) -> None:
    assert stage_and_path(staged.get(target)) == (stage, path)


@pytest.mark.parametrize(
    "host", ["{}.execute-api.localhost", "{}.execute-api.eu-west-1.localhost:4566"]
)
def test_hosts_have_several_forms(staged: Any, host: str) -> None:
    answer = staged.call("GET", "/dev/x", host=host.format(staged.id))
    assert stage_and_path(answer) == ("dev", "/dev/x")
    assert answer.json()["requestContext"]["domainName"] == host.format(staged.id)
    assert answer.json()["requestContext"]["domainPrefix"] == staged.id


def test_a_path_may_stand_in_for_a_host(staged: Any) -> None:
    answer = staged.call("GET", f"/_aws/execute-api/{staged.id}/dev/x", host="localhost")
    assert stage_and_path(answer) == ("dev", "/dev/x")


def test_without_stage_or_route_nothing_is_found(make_api: Any, make_function: Any) -> None:
    api = make_api()
    answer = api.get("/")
    assert (answer.status_code, answer.json()) == NOT_FOUND
    api.route("GET /pets", api.integration(IntegrationUri=make_function()))
    api.stage("dev")
    for target in ("/pets", "/dev/none", "/dev/pets/", "/dev"):
        answer = api.get(target)
        assert (answer.status_code, answer.json()) == NOT_FOUND
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["apigw-requestid"]
    assert api.call("POST", "/dev/pets").status_code == 404
    assert api.get("/dev/pets").status_code == 200


def test_a_stage_without_deployment_answers_nothing(make_api: Any, make_function: Any) -> None:
    api = make_api()
    api.route("GET /pets", api.integration(IntegrationUri=make_function()))
    api.create_stage(StageName="$default")
    assert api.get("/pets").status_code == 404
    api.create_deployment(StageName="$default")
    assert api.get("/pets").status_code == 200
    api.route(
        "GET /dogs",
        api.integration(IntegrationUri="arn:aws:lambda:us-east-1:000000000000:function:f"),
    )
    assert api.get("/dogs").status_code == 404, "it is not deployed"


def test_a_disabled_endpoint_answers_only_by_its_domain_name(
    staged: Any, fogline: Any, make_domain: Any
) -> None:
    domain = make_domain(staged, stage="dev")
    staged.update_api(DisableExecuteApiEndpoint=True)
    answer = staged.get("/dev/x")
    assert (answer.status_code, answer.json()) == NOT_FOUND
    assert staged.call("GET", "/x", host=domain).status_code == 200


@pytest.fixture
def make_domain(fogline: Any) -> Any:
    """Gives an API a custom domain name with a mapping."""

    def make(api: Any, *, stage: str, key: str = "", name: str = "") -> str:
        name = name or f"d{fogline.id}.localhost"
        arn = f"arn:aws:acm:us-east-1:{fogline.id}:certificate/a"
        client = api.client
        client.create_domain_name(
            DomainName=name, DomainNameConfigurations=[{"CertificateArn": arn}]
        )
        given = {"ApiMappingKey": key} if key else {}
        client.create_api_mapping(ApiId=api.id, DomainName=name, Stage=stage, **given)
        return name

    return make


def test_a_domain_name_leads_to_its_stage(staged: Any, make_domain: Any) -> None:
    domain = make_domain(staged, stage="dev", key="v1/shop")
    answer = staged.call("GET", "/v1/shop/pets/7", host=domain)
    assert stage_and_path(answer) == ("dev", "/dev/pets/7")
    assert answer.json()["requestContext"]["domainName"] == domain
    assert staged.call("GET", "/v2", host=domain).status_code == 403


@pytest.mark.parametrize(
    "ending", ["", ".:4566", ":4566", ".localhost:4566", ".localhost.localstack.cloud"]
)
@pytest.mark.parametrize("made", ["api-{}.example.com", "*.{}.example.com"])
def test_a_domain_name_has_local_names_beside(
    staged: Any, fogline: Any, make_domain: Any, made: str, ending: str
) -> None:
    domain = make_domain(staged, stage="dev", key="shop", name=made.format(fogline.id))
    called = domain.replace("*", "tea")
    answer = staged.call("GET", "/shop/pets", host=f"{called}{ending}")
    assert stage_and_path(answer) == ("dev", "/dev/pets")
    context = answer.json()["requestContext"]
    assert (context["domainName"], context["domainPrefix"]) == (called, called.partition(".")[0])


@pytest.mark.parametrize(
    ("ending", "status", "words"),
    [("", 403, "is not allowed: no custom domain name"), (".localhost", 404, "Nothing here has")],
)
def test_a_domain_name_that_is_gone_leads_nowhere(
    staged: Any, fogline: Any, make_domain: Any, ending: str, status: int, words: str
) -> None:
    domain = make_domain(staged, stage="dev", name=f"gone-{fogline.id}.example.com")
    host = f"{domain}{ending}"
    assert staged.call("GET", "/pets", host=host).status_code == 200
    staged.client.delete_domain_name(DomainName=domain)
    answer = staged.call("GET", "/pets", host=host)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert domain in answer.text


def test_a_path_may_stand_in_for_a_domain_name(staged: Any, fogline: Any, make_domain: Any) -> None:
    domain = make_domain(staged, stage="dev", key="shop", name=f"api-{fogline.id}.example.com")
    answer = staged.call("GET", f"/_aws/execute-api/{domain}/shop/pets?a=1", host="localhost")
    assert stage_and_path(answer) == ("dev", "/dev/pets")
    assert answer.json()["requestContext"]["domainName"] == domain
    elsewhere = staged.call("GET", f"/_aws/execute-api/x{domain}/shop/pets", host="localhost")
    assert elsewhere.status_code == 403


def test_a_domain_name_may_lead_to_the_default_stage(staged: Any, make_domain: Any) -> None:
    domain = make_domain(staged, stage="$default", key="shop")
    assert stage_and_path(staged.call("GET", "/shop/dev/x", host=domain)) == ("$default", "/dev/x")


def test_format_1_tells_the_path_with_the_mapping(
    make_api: Any, make_function: Any, make_domain: Any
) -> None:
    api = make_api()
    integration = api.integration(IntegrationUri=make_function(), PayloadFormatVersion="1.0")
    api.route("GET /pets/{id}", integration)
    api.stage("dev")
    domain = make_domain(api, stage="dev", key="shop")
    event = api.call("GET", "/shop/pets/7", host=domain).json()
    assert (event["path"], event["resource"]) == ("/shop/pets/7", "/pets/{id}")


def test_whoever_keeps_no_connection_is_told_once_that_it_ends(fogline: Any, staged: Any) -> None:
    port = fogline.platform.platform.port
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(f"GET / HTTP/1.0\r\nHost: {staged.host}\r\n\r\n".encode())
        answer = client.makefile().read()
    told = [line for line in answer.splitlines() if line.lower().startswith("connection")]
    assert told == ["Connection: close"]
