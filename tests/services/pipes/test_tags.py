"""Tags of pipes."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.services.pipes.conftest import MakePipe


def test_tags_are_added_listed_and_removed(client: Any, make_pipe: MakePipe) -> None:
    arn = make_pipe(Tags={"a": "1"})["Arn"]
    client.tag_resource(resourceArn=arn, tags={"b": "2", "a": "3"})
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "3", "b": "2"}
    client.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    assert client.describe_pipe(Name="pipe")["Tags"] == {"b": "2"}


def test_a_pipe_has_fifty_tags_at_most(client: Any, make_pipe: MakePipe) -> None:
    arn = make_pipe(Tags={f"k{at}": "" for at in range(49)})["Arn"]
    client.tag_resource(resourceArn=arn, tags={"last": ""})
    with pytest.raises(ClientError) as caught:
        client.tag_resource(resourceArn=arn, tags={"one": "more"})
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_tags_of_no_pipe_are_not_found(client: Any, fogline: Any) -> None:
    arn = f"arn:aws:pipes:us-east-1:{fogline.id}:pipe/missing"
    with pytest.raises(ClientError) as caught:
        client.list_tags_for_resource(resourceArn=arn)
    assert caught.value.response["Error"]["Code"] == "NotFoundException"
