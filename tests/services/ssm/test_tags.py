from __future__ import annotations


def test_tags_are_added_listed_and_removed(ssm, put) -> None:
    put("a", Tags=[{"Key": "x", "Value": "1"}])
    resource = {"ResourceType": "Parameter", "ResourceId": "a"}
    ssm.add_tags_to_resource(**resource, Tags=[{"Key": "y", "Value": "2"}])
    ssm.remove_tags_from_resource(**resource, TagKeys=["x", "none"])
    assert ssm.list_tags_for_resource(**resource)["TagList"] == [{"Key": "y", "Value": "2"}]


def test_tags_need_a_parameter_and_stay_within_bounds(ssm, put, refusal) -> None:
    missing = {"ResourceType": "Parameter", "ResourceId": "none"}
    assert refusal(ssm.list_tags_for_resource, **missing)[0] == "InvalidResourceId"
    other = {"ResourceType": "Document", "ResourceId": "a"}
    assert refusal(ssm.list_tags_for_resource, **other)[0] == "NotImplemented"
    put("a")
    resource = {"ResourceType": "Parameter", "ResourceId": "a"}
    many = [{"Key": f"k{n}", "Value": ""} for n in range(51)]
    assert refusal(ssm.add_tags_to_resource, **resource, Tags=many)[0] == "TooManyTagsError"
    own = [{"Key": "aws:x", "Value": ""}]
    assert refusal(ssm.add_tags_to_resource, **resource, Tags=own)[0] == "ValidationException"


def test_tags_and_overwriting_exclude_each_other(put, refusal) -> None:
    tags = [{"Key": "x", "Value": "1"}]
    put("a")
    assert refusal(put, name="a", Overwrite=True, Tags=tags)[0] == "ValidationException"
