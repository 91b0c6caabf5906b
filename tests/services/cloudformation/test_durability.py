"""Operations on stacks outlive the server: what was begun is carried on after a restart."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from fogline.config import read_config
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.limits import Limits
from fogline.services.cloudformation.loops import Operations
from fogline.testing.platform import LocalPlatform

WAITING = """
Resources:
  First: {Type: 'AWS::SQS::Queue', Properties: {QueueName: first}}
  Handle: {Type: 'AWS::CloudFormation::WaitConditionHandle'}
  Ready: {Type: 'AWS::CloudFormation::WaitCondition', Properties: {Handle: !Ref Handle, Timeout: "60"}}
  Last: {Type: 'AWS::SQS::Queue', DependsOn: Ready}
"""


def start(folder: Path) -> LocalPlatform:
    return LocalPlatform(read_config({}, port=0, data=folder, clock="manual"))


def test_a_creation_goes_on_after_a_restart(tmp_path: Path) -> None:
    with start(tmp_path) as platform:
        client = platform.client("cloudformation")
        client.create_stack(StackName="shop", TemplateBody=WAITING)
        platform.settle()
        found = client.describe_stack_resource(StackName="shop", LogicalResourceId="Handle")
    path = found["StackResourceDetail"]["PhysicalResourceId"].partition("/_fogline/")[2]
    with start(tmp_path) as platform:
        client = platform.client("cloudformation")
        assert client.describe_stacks(StackName="shop")["Stacks"][0]["StackStatus"] == (
            "CREATE_IN_PROGRESS"
        )
        body = json.dumps({"Status": "SUCCESS", "UniqueId": "one"}).encode()
        request = urllib.request.Request(f"{platform.endpoint}/_fogline/{path}", body, method="PUT")
        urllib.request.urlopen(request).close()
        platform.settle()
        stack = client.describe_stacks(StackName="shop")["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        assert len(platform.client("sqs").list_queues()["QueueUrls"]) == 2


@pytest.mark.parametrize("steps", range(1, 9))
def test_a_server_that_stops_after_any_step_leaves_work_that_can_be_ended(
    tmp_path: Path, steps: int
) -> None:
    template = json.dumps(
        {
            "Resources": {
                f"Q{number}": {
                    "Type": "AWS::SQS::Queue",
                    "Properties": {"QueueName": f"q{number}"},
                    **({"DependsOn": f"Q{number - 1}"} if number else {}),
                }
                for number in range(6)
            }
        }
    )
    with start(tmp_path) as platform:
        loop = _stopped_loop(platform)
        client = platform.client("cloudformation")
        client.create_stack(StackName="shop", TemplateBody=template)
        for _ in range(steps):
            platform.ask(_step(loop, platform.now()))
    with start(tmp_path) as platform:
        platform.settle()
        client = platform.client("cloudformation")
        stack = client.describe_stacks(StackName="shop")["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        names = sorted(
            url.rpartition("/")[2] for url in platform.client("sqs").list_queues()["QueueUrls"]
        )
        assert names == [f"q{number}" for number in range(6)]


def _stopped_loop(platform: LocalPlatform) -> Operations:
    """The work on stacks, no longer done by itself, one resource a step."""
    service = platform.platform.dispatch.services()["cloudformation"]
    service.loops[0].step = lambda now: None  # type: ignore[method-assign]
    cf = service.stands_on
    assert isinstance(cf, Cloudformation)
    return Operations(replace(cf, limits=Limits(actions_per_step_max=1)))


async def _step(loop: Operations, now: int) -> None:
    loop.step(now)
