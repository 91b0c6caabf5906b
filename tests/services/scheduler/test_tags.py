"""Tags of schedule groups."""

from __future__ import annotations


def test_tags_are_kept_changed_and_removed(scheduler):
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    arn = scheduler.create_schedule_group(Name="g", Tags=tags)["ScheduleGroupArn"]
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "3"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["a", "none"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "3"}]


def test_a_group_of_another_account_or_none_has_no_tags(fogline, scheduler, refusal):
    other = "arn:aws:scheduler:us-east-1:999999999999:schedule-group/default"
    assert refusal(scheduler.list_tags_for_resource, ResourceArn=other) == (
        "ResourceNotFoundException",
        "Schedule group default does not exist.",
    )
    missing = f"arn:aws:scheduler:us-east-1:{fogline.id}:schedule-group/missing"
    assert refusal(scheduler.untag_resource, ResourceArn=missing, TagKeys=["a"]) == (
        "ResourceNotFoundException",
        "Schedule group missing does not exist.",
    )
