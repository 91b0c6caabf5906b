"""Activities: names for work that others do."""

from __future__ import annotations


def test_an_activity_is_made_once(fogline, fogline_platform, stepfunctions):
    made = stepfunctions.create_activity(name="bake", tags=[{"key": "a", "value": "1"}])
    arn = made["activityArn"]
    assert arn == f"arn:aws:states:us-east-1:{fogline.id}:activity:bake"
    fogline_platform.advance(seconds=60)
    again = stepfunctions.create_activity(name="bake", tags=[{"key": "b", "value": "2"}])
    assert (again["activityArn"], again["creationDate"]) == (arn, made["creationDate"])
    shown = stepfunctions.describe_activity(activityArn=arn)
    assert (shown["name"], shown["creationDate"]) == ("bake", made["creationDate"])


def test_an_activity_keeps_its_key(stepfunctions, refusal):
    key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "mine"}
    made = stepfunctions.create_activity(name="bake", encryptionConfiguration=key)
    shown = stepfunctions.describe_activity(activityArn=made["activityArn"])
    assert shown["encryptionConfiguration"] == {**key, "kmsDataKeyReusePeriodSeconds": 300}
    assert refusal(stepfunctions.create_activity, name="bake") == (
        "ActivityAlreadyExists",
        f"Activity Already Exists: '{made['activityArn']}'",
    )


def test_an_activity_that_is_gone_is_told_by_its_arn(stepfunctions, refusal):
    arn = stepfunctions.create_activity(name="bake")["activityArn"]
    for _ in range(2):
        stepfunctions.delete_activity(activityArn=arn)
    missing = ("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")
    assert refusal(stepfunctions.describe_activity, activityArn=arn) == missing


def test_what_is_no_activity_is_refused(stepfunctions, make_machine, refusal):
    describe = stepfunctions.describe_activity
    assert refusal(describe, activityArn="bake") == (
        "InvalidArn",
        "Invalid Arn: 'Invalid ARN prefix: bake'",
    )
    assert refusal(describe, activityArn=make_machine()) == (
        "InvalidArn",
        "Invalid Arn: 'Resource type not valid in this context: stateMachine'",
    )
    name = {"name": "two words"}
    assert refusal(stepfunctions.create_activity, **name) == (
        "InvalidName",
        "Invalid Name: 'two words'",
    )


def test_activities_are_listed_in_pages(stepfunctions):
    for name in ("b", "a", "c"):
        stepfunctions.create_activity(name=name)
    pages = stepfunctions.get_paginator("list_activities").paginate(
        PaginationConfig={"PageSize": 2}
    )
    assert [each["name"] for page in pages for each in page["activities"]] == ["a", "b", "c"]
