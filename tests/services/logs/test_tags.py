from __future__ import annotations


def test_old_and_new_operations_see_the_same_tags(logs, fogline) -> None:
    logs.create_log_group(logGroupName="a", tags={"env": "test"})
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:a"
    logs.tag_log_group(logGroupName="a", tags={"one": "1"})
    logs.tag_resource(resourceArn=arn, tags={"two": "2", "one": "x"})
    expected = {"env": "test", "one": "x", "two": "2"}
    assert logs.list_tags_log_group(logGroupName="a")["tags"] == expected
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == expected
    logs.untag_log_group(logGroupName="a", tags=["one"])
    logs.untag_resource(resourceArn=arn, tagKeys=["two", "none"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"env": "test"}


def test_a_group_has_fifty_tags_at_most(logs, group, fogline, refusal) -> None:
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:{group}"
    logs.tag_resource(resourceArn=arn, tags={f"k{n}": "" for n in range(50)})
    code, _ = refusal(logs.tag_resource, resourceArn=arn, tags={"more": ""})
    assert code == "TooManyTagsException"


def test_tags_of_aws_and_of_missing_groups_are_refused(logs, fogline, refusal) -> None:
    code, _ = refusal(logs.create_log_group, logGroupName="a", tags={"aws:x": "1"})
    assert code == "InvalidParameterException"
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:none"
    code, _ = refusal(logs.list_tags_for_resource, resourceArn=arn)
    assert code == "ResourceNotFoundException"
    code, _ = refusal(logs.list_tags_for_resource, resourceArn="none")
    assert code == "InvalidParameterException"
