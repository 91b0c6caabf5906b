"""Which notification configurations S3 takes, and whom of one a change concerns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from fogline.aws.errors import AwsError
from fogline.services.s3.limits import Limits
from fogline.services.s3.notifications import checked, receivers

REGION = "us-east-1"
ANY_PUT = ("s3:ObjectCreated:*",)


def entry(
    *, events: Sequence[str] = ANY_PUT, queue: str = "queue", id: str = "", **affixes: str
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "QueueArn": f"arn:aws:sqs:{REGION}:000000000000:{queue}",
        "Events": list(events),
    }
    if id:
        made["Id"] = id
    if affixes:
        rules = [{"Name": name, "Value": value} for name, value in affixes.items()]
        made["Filter"] = {"Key": {"FilterRules": rules}}
    return made


def check(*entries: dict[str, Any], limits: Limits | None = None) -> dict[str, Any]:
    ids = iter("abcdefgh")
    given = {"QueueConfigurations": list(entries)}
    return checked(given, REGION, limits or Limits(), lambda: next(ids))


def refusal(*entries: dict[str, Any]) -> AwsError:
    with pytest.raises(AwsError) as refused:
        check(*entries)
    return refused.value


def heard(configuration: dict[str, Any], event: str, key: str) -> list[str]:
    return [found["Id"] for _, found in receivers(configuration, event, key)]


def test_an_entry_without_an_id_gets_one() -> None:
    kept = check(entry(id="mine"), entry(events=["s3:ObjectRemoved:*"]))
    assert [each["Id"] for each in kept["QueueConfigurations"]] == ["mine", "a"]


def test_ids_are_unique_over_all_destinations() -> None:
    error = refusal(entry(id="a"), entry(id="a", events=["s3:ObjectRemoved:*"]))
    assert error.text == "Same ID used for multiple configurations. IDs must be unique"


def test_names_of_filters_are_answered_capitalized_whatever_their_case() -> None:
    kept = check(entry(PREFIX="a", suffix=""))
    rules = kept["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"]
    assert rules == [{"Name": "Prefix", "Value": "a"}, {"Name": "Suffix", "Value": ""}]


def test_a_filter_has_prefixes_and_suffixes_only_and_one_of_each() -> None:
    error = refusal(entry(INVALID="x"))
    assert error.text == "filter rule name must be either prefix or suffix"
    assert error.members == {"ArgumentName": "FilterRule.Name", "ArgumentValue": "INVALID"}
    assert "more than one prefix" in refusal(entry(prefix="a", Prefix="b")).text


@pytest.mark.parametrize("rule", [{}, {"Name": "prefix"}, {"Value": "a"}])
def test_a_rule_of_a_filter_has_a_name_and_a_value(rule: dict[str, str]) -> None:
    incomplete = {**entry(), "Filter": {"Key": {"FilterRules": [rule]}}}
    assert refusal(incomplete).code == "MalformedXML"


def test_a_value_of_a_filter_is_no_longer_than_a_key() -> None:
    check(entry(prefix="a" * 1_024))
    assert "cannot exceed 1024 bytes" in refusal(entry(prefix="a" * 1_025)).text


def test_events_are_those_of_s3() -> None:
    check(entry(events=["s3:ObjectRestore:Post"]))
    error = refusal(entry(events=["s3:ObjectCreated:Guess"]))
    assert error.text == "A specified event is not supported for notifications."
    assert refusal(entry(events=[])).code == "MalformedXML"


def test_events_that_never_come_here_are_refused_by_name() -> None:
    error = refusal(entry(events=["s3:LifecycleExpiration:*"]))
    assert error.status == 501
    assert "s3:LifecycleExpiration:*" in error.text


def test_a_destination_is_an_arn_of_its_kind_in_the_region_of_the_bucket() -> None:
    error = refusal({"QueueArn": "invalid", "Events": ["s3:ObjectCreated:*"]})
    assert error.text == "The ARN could not be parsed"
    assert error.members == {"ArgumentName": "Queue", "ArgumentValue": "invalid"}
    topic = {**entry(), "QueueArn": f"arn:aws:sns:{REGION}:000000000000:t"}
    assert refusal(topic).text == "The ARN is not well formed"
    elsewhere = {**entry(), "QueueArn": "arn:aws:sqs:eu-west-1:000000000000:q"}
    assert "service region is not valid" in refusal(elsewhere).text


def test_two_entries_without_filters_share_no_event() -> None:
    error = refusal(entry(), entry(events=["s3:ObjectCreated:Put"]))
    assert error.text.startswith("Configurations overlap.")
    assert error.members["ArgumentValue"] == "s3:ObjectCreated:*, s3:ObjectCreated:Put"
    check(entry(), entry(events=["s3:ObjectRemoved:Delete"]))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"prefix": "a/"}, {"prefix": "a/b"}),
        ({"suffix": ".jpg"}, {"suffix": "jpg"}),
        ({"prefix": "a"}, {"suffix": "z"}),
        ({"prefix": "a"}, {}),
    ],
)
def test_filters_that_one_key_can_pass_both_are_ambiguous(
    first: dict[str, str], second: dict[str, str]
) -> None:
    assert "ambiguously defined" in refusal(entry(**first), entry(**second)).text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"prefix": "a"}, {"prefix": "b"}),
        ({"suffix": ".jpg"}, {"suffix": ".png"}),
        ({"prefix": "a", "suffix": "y"}, {"prefix": "a", "suffix": "z"}),
    ],
)
def test_filters_apart_may_share_an_event(first: dict[str, str], second: dict[str, str]) -> None:
    assert len(check(entry(**first), entry(**second))["QueueConfigurations"]) == 2


def test_a_bucket_has_a_bounded_number_of_entries() -> None:
    limits = Limits(notifications_max=2)
    entries = [entry(prefix=letter) for letter in "abc"]
    check(*entries[:2], limits=limits)
    with pytest.raises(AwsError, match="2 notification configurations at most"):
        check(*entries, limits=limits)


def test_a_change_concerns_those_that_asked_for_its_event_or_all_of_its_kind() -> None:
    kept = check(
        entry(id="any", prefix="x"),
        entry(id="put", prefix="y", events=["s3:ObjectCreated:Put"]),
    )
    assert heard(kept, "s3:ObjectCreated:Put", "x") == ["any"]
    assert heard(kept, "s3:ObjectCreated:Copy", "x") == ["any"]
    assert heard(kept, "s3:ObjectCreated:Put", "y") == ["put"]
    assert heard(kept, "s3:ObjectCreated:Copy", "y") == []
    assert heard(kept, "s3:ObjectRemoved:Delete", "x") == []


def test_a_key_passes_prefix_and_suffix_both() -> None:
    kept = check(entry(id="pictures", prefix="in/", suffix=".png"))
    assert heard(kept, "s3:ObjectCreated:Put", "in/a.png") == ["pictures"]
    assert heard(kept, "s3:ObjectCreated:Put", "in/a.jpg") == []
    assert heard(kept, "s3:ObjectCreated:Put", "out/a.png") == []


def test_nothing_configured_is_nothing_kept() -> None:
    assert checked({}, REGION, Limits(), str) == {}
    assert checked({"EventBridgeConfiguration": {}}, REGION, Limits(), str) == {
        "EventBridgeConfiguration": {}
    }
