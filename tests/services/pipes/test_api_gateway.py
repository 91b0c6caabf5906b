"""Pipes to APIs of API Gateway, and enrichments by them: each event is one request, signed by the pipe's role."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from tests.services.events.apis import AskedApi
from tests.services.pipes.conftest import MakePipe, Queue

from fogline.testing.plugin import Account

PARAMETERS = {
    "PathParameterValues": ["$.body.id"],
    "HeaderParameters": {"X-Kind": "$.body.kind"},
    "QueryStringParameters": {"page": "1"},
}


def test_an_api_gets_each_event_from_the_pipes_role(
    fogline: Account, make_pipe: MakePipe, source: Queue, role: str
) -> None:
    api = AskedApi(fogline, "AWS_IAM")
    made = make_pipe(
        Target=api.arn("prod/POST/in/*"),
        TargetParameters={
            "InputTemplate": '{"total": <$.body.total>}',
            "HttpParameters": PARAMETERS,
        },
    )
    source.send({"id": 1, "kind": {"size": 2}, "total": 7})
    [asked] = api.asked()
    assert (asked["path"], asked["id"], asked["page"]) == ("/prod/in/1/", "1", "1")
    assert asked["X-Kind"] == '{"size":2}'
    assert json.loads(asked["body"]) == {"total": 7}
    assert asked["user"] == f"arn:aws:sts::{fogline.id}:assumed-role/{role.split('/')[-1]}/pipe"
    assert asked["X-Amz-Source-Arn"] == made["Arn"]
    assert source.counts() == (0, 0)


def test_a_message_that_an_api_refuses_stays(
    fogline: Account, make_pipe: MakePipe, source: Queue
) -> None:
    api = AskedApi(fogline)
    api.answer(503)
    make_pipe(Target=api.arn())
    source.send("bad")
    assert source.counts() == (0, 1)
    api.answer(202)
    fogline.platform.advance(seconds=30)
    assert source.counts() == (0, 0)


def test_an_enrichment_by_an_api_answers_what_goes_on(
    fogline: Account, make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    api = AskedApi(fogline)
    make_pipe(
        Enrichment=api.arn("prod/PUT/in/*"), EnrichmentParameters={"HttpParameters": PARAMETERS}
    )
    source.send({"id": "o1", "kind": "large"})
    [asked] = api.asked()
    assert (asked["method"], asked["id"], asked["X-Kind"]) == ("PUT", "o1", "large")
    assert json.loads(json.loads(asked["body"])["body"]) == {"id": "o1", "kind": "large"}
    assert target.bodies() == [{"name": "Ada"}]


def test_an_enrichment_by_an_api_that_is_not_there_leaves_the_message(
    fogline: Account, make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    make_pipe(Enrichment=f"arn:aws:execute-api:us-east-1:{fogline.id}:gone/prod/GET/in")
    source.send("one")
    assert (source.counts(), target.counts()) == ((0, 1), (0, 0))


@pytest.mark.parametrize("member", ["Enrichment", "Target"])
@pytest.mark.parametrize("rest", ["abc", "abc/prod", "abc/prod/FETCH/in"])
def test_an_arn_has_to_name_a_method(make_pipe: MakePipe, member: str, rest: str) -> None:
    with pytest.raises(ClientError) as caught:
        make_pipe(**{member: f"arn:aws:execute-api:us-east-1:000000000001:{rest}"})
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"


TEMPLATE = """
Resources:
  Pipe:
    Type: AWS::Pipes::Pipe
    Properties:
      Name: pipe
      RoleArn: arn:aws:iam::000000000001:role/anybody
      Source: SOURCE
      Enrichment: !Sub arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:API/prod/GET/in/*
      EnrichmentParameters:
        HttpParameters: {PathParameterValues: [first]}
      Target: !Sub arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:API/prod/POST/in/*
      TargetParameters:
        InputTemplate: "<$.name>"
        HttpParameters:
          PathParameterValues: [$.name]
          HeaderParameters: {X-Kind: large}
"""


def test_a_template_makes_a_pipe_through_an_api(fogline: Account, source: Queue) -> None:
    api = AskedApi(fogline)
    text = TEMPLATE.replace("SOURCE", source.arn).replace("API", api.id)
    cloudformation = fogline.client("cloudformation")
    cloudformation.create_stack(StackName="s", TemplateBody=text)
    fogline.platform.settle()
    assert cloudformation.describe_stacks()["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    source.send("one")
    asked = {each["method"]: each for each in api.asked()}
    assert (asked["GET"]["id"], asked["POST"]["id"]) == ("first", "Ada")
    assert (asked["POST"]["X-Kind"], asked["POST"]["body"]) == ("large", "Ada")
