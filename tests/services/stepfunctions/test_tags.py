"""Tags of machines and activities."""

from __future__ import annotations

import pytest


def tags(**given):
    return [{"key": key, "value": value} for key, value in given.items()]


@pytest.fixture(params=["machine", "activity"])
def tagged(request, stepfunctions, make_machine):
    if request.param == "machine":
        return make_machine(tags=tags(a="1"))
    return stepfunctions.create_activity(name="bake", tags=tags(a="1"))["activityArn"]


@pytest.fixture
def listed(stepfunctions):
    return lambda arn: stepfunctions.list_tags_for_resource(resourceArn=arn)["tags"]


def test_tags_are_added_changed_and_taken_away(stepfunctions, tagged, listed):
    stepfunctions.tag_resource(resourceArn=tagged, tags=tags(a="2", b=""))
    assert listed(tagged) == tags(a="2", b="")
    stepfunctions.untag_resource(resourceArn=tagged, tagKeys=["a", "a", "none"])
    assert listed(tagged) == tags(b="")
    stepfunctions.untag_resource(resourceArn=tagged, tagKeys=[])
    assert listed(tagged) == tags(b="")


def test_there_are_fifty_tags_at_most(stepfunctions, tagged, refusal):
    more = {f"k{number}": "v" for number in range(49)}
    stepfunctions.tag_resource(resourceArn=tagged, tags=tags(**more))
    refused = refusal(stepfunctions.tag_resource, resourceArn=tagged, tags=tags(one="more"))
    assert refused[0] == "TooManyTags"


def test_the_keys_of_aws_are_its_own(stepfunctions, tagged, refusal):
    own = [{"key": "aws:x", "value": "y"}]
    refused = refusal(stepfunctions.tag_resource, resourceArn=tagged, tags=own)
    assert refused[0] == "ValidationException"


def test_what_is_not_there_has_no_tags(stepfunctions, tagged, listed, refusal):
    missing = f"{tagged}2"
    assert refusal(listed, missing) == ("ResourceNotFound", f"Resource not found: '{missing}'")
    assert refusal(listed, "machine")[0] == "InvalidArn"


def test_versions_have_no_tags(make_machine, listed, refusal):
    assert refusal(listed, f"{make_machine(publish=True)}:1")[0] == "ResourceNotFound"
