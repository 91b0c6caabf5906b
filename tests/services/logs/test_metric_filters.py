from __future__ import annotations

import pytest


def transformation(name: str = "errors", **more) -> dict:
    return {"metricName": name, "metricNamespace": "app", "metricValue": "1", **more}


@pytest.fixture
def put_filter(logs, group):
    def put_filter(name: str, pattern: str = "ERROR", **more) -> None:
        logs.put_metric_filter(
            logGroupName=group,
            filterName=name,
            filterPattern=pattern,
            metricTransformations=[transformation(name, **more)],
        )

    return put_filter


def test_a_metric_filter_is_kept_and_described(logs, group, put_filter, now) -> None:
    put_filter("a", "{ $.a = 1 }", defaultValue=0)
    assert logs.describe_metric_filters(logGroupName=group)["metricFilters"] == [
        {
            "filterName": "a",
            "filterPattern": "{ $.a = 1 }",
            "metricTransformations": [transformation("a", defaultValue=0.0)],
            "creationTime": now,
            "logGroupName": group,
            "applyOnTransformedLogs": False,
        }
    ]
    assert logs.describe_log_groups()["logGroups"][0]["metricFilterCount"] == 1


def test_metric_filters_are_found_by_prefix_and_by_metric(logs, group, put_filter, refusal) -> None:
    for name in ("a1", "a2", "b"):
        put_filter(name)

    def names(**request) -> list[str]:
        filters = logs.describe_metric_filters(**request)["metricFilters"]
        return [each["filterName"] for each in filters]

    assert names() == ["a1", "a2", "b"]
    assert names(logGroupName=group, filterNamePrefix="a") == ["a1", "a2"]
    assert names(metricName="b", metricNamespace="app") == ["b"]
    code, _ = refusal(logs.describe_metric_filters, metricName="b")
    assert code == "InvalidParameterException"


def test_a_deleted_metric_filter_is_gone(logs, group, put_filter, refusal) -> None:
    put_filter("a")
    logs.delete_metric_filter(logGroupName=group, filterName="a")
    assert logs.describe_metric_filters()["metricFilters"] == []
    assert refusal(logs.delete_metric_filter, logGroupName=group, filterName="a") == (
        "ResourceNotFoundException",
        "The specified metric filter does not exist.",
    )


def test_metric_filters_go_with_their_group(logs, group, put_filter) -> None:
    put_filter("a")
    logs.delete_log_group(logGroupName=group)
    logs.create_log_group(logGroupName=group)
    assert logs.describe_metric_filters(logGroupName=group)["metricFilters"] == []


def test_a_wrong_pattern_is_refused(logs, group, refusal) -> None:
    code, _ = refusal(
        logs.put_metric_filter,
        logGroupName=group,
        filterName="a",
        filterPattern="{ broken",
        metricTransformations=[transformation()],
    )
    assert code == "InvalidParameterException"


def test_a_pattern_is_tried_on_messages(logs) -> None:
    answer = logs.test_metric_filter(
        filterPattern="[ip, ..., status = 404]",
        logEventMessages=["1.1.1.1 x 200", "1.1.1.2 y 404", "nothing"],
    )
    assert answer["matches"] == [
        {
            "eventNumber": 2,
            "eventMessage": "1.1.1.2 y 404",
            "extractedValues": {"$ip": "1.1.1.2", "$2": "y", "$status": "404"},
        }
    ]
