"""Tags of topics, as a client sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Refusal = Callable[..., str]


def tags(sns: Any, topic: str) -> dict[str, str]:
    found = sns.list_tags_for_resource(ResourceArn=topic)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def test_tags_are_added_changed_and_removed(sns: Any, topic: str) -> None:
    sns.tag_resource(
        ResourceArn=topic, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    )
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "b", "Value": "3"}])
    assert tags(sns, topic) == {"a": "1", "b": "3"}
    sns.untag_resource(ResourceArn=topic, TagKeys=["a", "never"])
    assert tags(sns, topic) == {"b": "3"}


def test_a_topic_is_created_with_its_tags(sns: Any) -> None:
    made = sns.create_topic(Name="tagged", Tags=[{"Key": "a", "Value": ""}])
    assert tags(sns, made["TopicArn"]) == {"a": ""}


def test_a_key_twice_and_a_key_of_aws_are_refused(sns: Any, topic: str, refusal: Refusal) -> None:
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "1"}]
    told = refusal(sns.tag_resource, ResourceArn=topic, Tags=twice)
    assert told == "InvalidParameter: Invalid parameter: Duplicated keys are not allowed."
    reserved = refusal(sns.tag_resource, ResourceArn=topic, Tags=[{"Key": "aws:a", "Value": "1"}])
    assert reserved.startswith("InvalidParameter: ")


def test_a_tag_has_letters_and_few_signs(sns: Any, topic: str, refusal: Refusal) -> None:
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "ä b", "Value": "_.:/=+-@"}])
    for odd in ("\x00", "a\n", "{}"):
        told = refusal(sns.tag_resource, ResourceArn=topic, Tags=[{"Key": "a", "Value": odd}])
        assert told.startswith("InvalidParameter: ")


def test_fifty_tags_are_allowed_and_one_more_is_refused(
    sns: Any, topic: str, refusal: Refusal
) -> None:
    fifty = [{"Key": str(number), "Value": "v"} for number in range(50)]
    sns.tag_resource(ResourceArn=topic, Tags=fifty)
    one_more = refusal(sns.tag_resource, ResourceArn=topic, Tags=[{"Key": "more", "Value": "v"}])
    assert one_more.startswith("TagLimitExceeded: ")


def test_a_topic_that_is_not_there_has_no_tags(sns: Any, topic: str, refusal: Refusal) -> None:
    sns.delete_topic(TopicArn=topic)
    told = refusal(sns.list_tags_for_resource, ResourceArn=topic)
    assert told == "ResourceNotFound: Resource does not exist"
