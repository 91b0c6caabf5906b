"""Addresses that templates write with custom domain names lead to the APIs mapped there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from tests.services.cloudformation.test_local_addresses import zipped

from fogline.testing.plugin import Account

Resources = dict[str, Any]
Deploy = Callable[..., dict[str, str]]

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/c"
CODE = """
import os, urllib.request
def handler(event, context):
    with urllib.request.urlopen(os.environ["URL"], timeout=10) as answer:
        return {"heard": answer.read().decode(), "url": os.environ["URL"]}
"""
MOCK = {
    "type": "mock",
    "requestTemplates": {"application/json": '{"statusCode": 200}'},
    "responses": {
        "default": {
            "statusCode": "200",
            "responseTemplates": {"text/plain": "$context.domainName $context.path"},
        }
    },
}


@pytest.fixture
def name(fogline: Account) -> str:
    return f"api{fogline.id}.example.com"


def api(name: str) -> Resources:
    """A REST API with the path `/hello`, and a domain name that has it under `/v1`."""
    method = {"responses": {"200": {}}, "x-amazon-apigateway-integration": MOCK}
    body = {"openapi": "3.0.1", "info": {"title": "hello", "version": "1"}}
    mapping = {
        "DomainName": {"Ref": "Domain"},
        "RestApiId": {"Ref": "Api"},
        "Stage": "Prod",
        "BasePath": "v1",
    }
    return {
        "Api": {
            "Type": "AWS::ApiGateway::RestApi",
            "Properties": {"Body": {**body, "paths": {"/hello": {"get": method}}}},
        },
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "Properties": {"RestApiId": {"Ref": "Api"}, "StageName": "Prod"},
        },
        "Domain": {
            "Type": "AWS::ApiGateway::DomainName",
            "Properties": {"DomainName": name, "RegionalCertificateArn": CERTIFICATE}
            | {"EndpointConfiguration": {"Types": ["REGIONAL"]}},
        },
        "Mapping": {
            "Type": "AWS::ApiGateway::BasePathMapping",
            "DependsOn": "Deployment",
            "Properties": mapping,
        },
    }


@pytest.fixture
def deploy(fogline: Account) -> Deploy:
    """Makes the stack `hello`; its outputs."""
    cloudformation = fogline.client("cloudformation")

    def deploy(resources: Resources, **outputs: Any) -> dict[str, str]:
        written = {
            key: {"Value": value, "Export": {"Name": f"hello-{key.lower()}"}}
            for key, value in outputs.items()
        }
        template = {"Resources": resources, "Outputs": written}
        cloudformation.create_stack(StackName="hello", TemplateBody=json.dumps(template))
        fogline.platform.settle()
        stack = cloudformation.describe_stacks(StackName="hello")["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    return deploy


def get(url: str) -> tuple[int, bytes]:
    """Like a client whose resolver knows that all under `localhost` is this machine."""
    parts = urllib3.util.parse_url(url)
    target = f"http://127.0.0.1:{parts.port}{parts.request_uri}"
    answer = urllib3.request("GET", target, headers={"Host": parts.netloc or ""}, retries=False)
    return answer.status, answer.data


def make_caller(fogline: Account, url: str) -> Callable[[], Any]:
    """A function that calls that address; what it tells."""
    functions = fogline.client("lambda")
    functions.create_function(
        FunctionName="caller",
        Runtime="python3.12",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/caller",
        Code={"ZipFile": zipped(CODE)},
        Environment={"Variables": {"URL": url}},
        Timeout=20,
    )
    return lambda: json.loads(functions.invoke(FunctionName="caller")["Payload"].read())


def test_outputs_and_exports_can_be_called(deploy: Deploy, fogline: Account, name: str) -> None:
    outputs = deploy(
        api(name), Url={"Fn::Sub": "https://${Domain}/v1/hello"}, Name={"Ref": "Domain"}
    )
    assert get(outputs["Url"]) == (200, f"{name} /v1/hello".encode())
    assert outputs["Name"] == name, "by it calls and other templates mean the domain name"
    exports = fogline.client("cloudformation").list_exports()["Exports"]
    assert {each["Name"]: each["Value"] for each in exports}["hello-url"] == outputs["Url"]


def test_a_function_calls_it(deploy: Deploy, fogline: Account, name: str) -> None:
    deploy(api(name))
    told = make_caller(fogline, f"https://{name}/v1/hello")()
    assert told["heard"] == f"{name} /v1/hello"
    shown = fogline.client("lambda").get_function_configuration(FunctionName="caller")
    assert shown["Environment"]["Variables"]["URL"] == f"https://{name}/v1/hello"


def test_functions_that_were_there_before_the_name_learn_of_it(
    deploy: Deploy, fogline: Account, name: str
) -> None:
    ask = make_caller(fogline, f"https://{name}/v1/hello")
    assert "errorMessage" in ask()
    deploy(api(name))
    assert ask()["heard"] == f"{name} /v1/hello"
    fogline.client("cloudformation").delete_stack(StackName="hello")
    fogline.platform.settle()
    assert "errorMessage" in ask(), "it is somebody else's again"


def test_parameters_can_be_called(deploy: Deploy, fogline: Account, name: str) -> None:
    value = {"Fn::Sub": '{"orders": "https://${Domain}/v1/hello"}'}
    parameter = {"Name": "/front/config", "Type": "String", "Value": value}
    deploy({**api(name), "Config": {"Type": "AWS::SSM::Parameter", "Properties": parameter}})
    kept = fogline.client("ssm").get_parameter(Name="/front/config")["Parameter"]["Value"]
    assert get(json.loads(kept)["orders"])[0] == 200


PYTHON = """
import asyncio, json, os, socket, urllib.request
import boto3
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

async def streams(host, path):
    import ssl
    reader, writer = await asyncio.open_connection(host, 443, ssl=ssl.create_default_context())
    writer.write(f"GET {path} HTTP/1.0\\r\\nHost: {host}\\r\\n\\r\\n".encode())
    return (await reader.read()).decode().rpartition("\\n")[2]

async def by_address(host, path):
    import ssl
    address = (await asyncio.get_running_loop().getaddrinfo(host, 443))[0][4][0]
    context = ssl.create_default_context()
    reader, writer = await asyncio.open_connection(address, 443, ssl=context, server_hostname=host)
    writer.write(f"GET {path} HTTP/1.0\\r\\nHost: {host}\\r\\n\\r\\n".encode())
    return (await reader.read()).decode().rpartition("\\n")[2]

def handler(event, context):
    host, path = event["host"], event["path"]
    with urllib.request.urlopen(f"https://{host}{path}", timeout=10) as answer:
        heard = [answer.read().decode()]
    session = URLLib3Session(verify=os.environ["AWS_CA_BUNDLE"])
    heard.append(session.send(AWSRequest("GET", f"https://{host}{path}").prepare()).text)
    heard.append(asyncio.run(streams(host, path)))
    heard.append(asyncio.run(by_address(host, path)))
    return heard
"""
NODE = """
const https = require('https'), tls = require('tls');
const asked = (url) => new Promise((done, failed) => https.get(url, (answer) => {
  let text = '';
  answer.on('data', (part) => (text += part)).on('end', () => done(text));
}).on('error', failed));
const raw = (host, path) => new Promise((done, failed) => {
  let text = '';
  const socket = tls.connect(443, host, { servername: host }, () =>
    socket.write(`GET ${path} HTTP/1.0\\r\\nHost: ${host}\\r\\n\\r\\n`));
  socket.on('data', (part) => (text += part)).on('end', () => done(text.split('\\n').pop())).on('error', failed);
});
exports.handler = async ({ host, path }) => [
  await (await fetch(`https://${host}${path}`)).text(),
  await asked(`https://${host}${path}`),
  await asked({ host, path }),
  await raw(host, path),
];
"""


@pytest.mark.parametrize(
    ("runtime", "file", "code"),
    [("python3.12", "index.py", PYTHON), ("nodejs20.x", "index.js", NODE)],
    ids=["python", "node"],
)
@pytest.mark.parametrize("is_custom", [True, False], ids=["custom", "aws"])
def test_addresses_that_a_function_makes_itself_lead_here(
    deploy: Deploy, fogline: Account, name: str, runtime: str, file: str, code: str, is_custom: bool
) -> None:
    outputs = deploy(api(name), Id={"Ref": "Api"})
    ask = make_asker(fogline, runtime, zipped(code, file))
    host = name if is_custom else f"{outputs['Id']}.execute-api.us-east-1.amazonaws.com"
    path = "/v1/hello" if is_custom else "/Prod/hello"
    assert ask(host, path) == [f"{host} {path}"] * 4


def test_a_name_alone_is_learned_by_functions_that_were_there_before(
    deploy: Deploy, fogline: Account, name: str
) -> None:
    ask = make_asker(fogline, "python3.12", zipped(PYTHON))
    assert "errorMessage" in ask(name, "/v1/hello")
    deploy(api(name))
    assert ask(name, "/v1/hello") == [f"{name} /v1/hello"] * 4


SOCKETS = """
import socket, ssl

def handler(event, context):
    host, path = event["host"], event["path"]
    heard = []
    for connect in (socket.socket.connect, socket.socket.connect_ex):
        plain = socket.socket()
        connect(plain, (host, 443))
        with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as sock:
            sock.sendall(f"GET {path} HTTP/1.0\\r\\nHost: {host}\\r\\n\\r\\n".encode())
            heard.append(sock.makefile().read().rpartition("\\n")[2])
    return heard
"""


def test_a_socket_that_is_given_a_name_leads_here(
    deploy: Deploy, fogline: Account, name: str
) -> None:
    deploy(api(name))
    ask = make_asker(fogline, "python3.12", zipped(SOCKETS))
    assert ask(name, "/v1/hello") == [f"{name} /v1/hello"] * 2


def test_what_is_aws_s_own_is_nobodys_domain_name_to_functions(fogline: Account) -> None:
    client = fogline.client("apigatewayv2")
    names = (f"api{fogline.id}.example.com", f"sts{fogline.id}.amazonaws.com")
    for each in names:
        settings = {"CertificateArn": CERTIFICATE, "EndpointType": "REGIONAL"}
        client.create_domain_name(DomainName=each, DomainNameConfigurations=[settings])
    platform = fogline.platform.platform
    with platform.store.read() as tx:
        told = platform.wiring.addresses.names_of(tx, fogline.id, "us-east-1")
    assert told == names[:1]


def make_asker(fogline: Account, runtime: str, package: bytes) -> Callable[[str, str], Any]:
    """A function that asks a host for a path in several ways; what it hears."""
    functions = fogline.client("lambda")
    functions.create_function(
        FunctionName="caller",
        Runtime=runtime,
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/caller",
        Code={"ZipFile": package},
        Timeout=20,
    )

    def ask(host: str, path: str) -> Any:
        payload = json.dumps({"host": host, "path": path})
        return json.loads(
            functions.invoke(FunctionName="caller", Payload=payload)["Payload"].read()
        )

    return ask
