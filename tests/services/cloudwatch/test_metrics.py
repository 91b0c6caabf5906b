"""PutMetricData and ListMetrics."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from tests.services.cloudwatch.conftest import NAMESPACE

VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"


def names(cloudwatch, **filters) -> list[str]:
    pages = cloudwatch.get_paginator("list_metrics").paginate(**filters)
    return [metric["MetricName"] for page in pages for metric in page["Metrics"]]


def test_put_metric_data_shows_in_list_metrics_with_its_dimensions(numbers, cloudwatch):
    numbers.put("Orders", 1, Dimensions=[{"Name": "Country", "Value": "CH"}])
    assert cloudwatch.list_metrics()["Metrics"] == [
        {
            "Namespace": NAMESPACE,
            "MetricName": "Orders",
            "Dimensions": [{"Name": "Country", "Value": "CH"}],
        }
    ]


def test_whole_numbers_of_any_size_are_numbers(numbers):
    numbers.put("Orders", 2**80)
    assert numbers.statistics("Orders", "Sum")[0]["Sum"] == 2.0**80


def test_the_order_of_dimensions_does_not_matter(numbers, cloudwatch):
    one, other = {"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}
    numbers.put("Orders", 1, Dimensions=[one, other])
    numbers.put("Orders", 2, Dimensions=[other, one])
    assert names(cloudwatch) == ["Orders"]
    assert [
        each["Sum"] for each in numbers.statistics("Orders", "Sum", Dimensions=[other, one])
    ] == [3]


def test_metrics_are_listed_by_namespace_name_and_dimensions(numbers, cloudwatch):
    numbers.put("Orders", 1, Dimensions=[{"Name": "Country", "Value": "CH"}])
    numbers.put("Orders", 1, Dimensions=[{"Name": "Country", "Value": "LI"}])
    numbers.put("Returns", 1)
    cloudwatch.put_metric_data(Namespace="Other", MetricData=[{"MetricName": "Orders", "Value": 1}])
    assert names(cloudwatch, Namespace="Other") == ["Orders"]
    assert names(cloudwatch, MetricName="Returns") == ["Returns"]
    assert names(cloudwatch, Dimensions=[{"Name": "Country"}]) == ["Orders", "Orders"]
    assert names(cloudwatch, Dimensions=[{"Name": "Country", "Value": "LI"}]) == ["Orders"]
    assert names(cloudwatch, Dimensions=[{"Name": "Country", "Value": "AT"}]) == []


def test_a_page_has_500_metrics_and_the_next_one_the_rest(numbers, cloudwatch):
    cloudwatch.put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[{"MetricName": f"m{number:03}", "Value": 1} for number in range(501)],
    )
    page = cloudwatch.list_metrics()
    assert len(page["Metrics"]) == 500
    rest = cloudwatch.list_metrics(NextToken=page["NextToken"])
    assert [each["MetricName"] for each in rest["Metrics"]] == ["m500"]
    assert "NextToken" not in rest


def test_a_token_that_nobody_gave_is_refused(cloudwatch, refusal):
    assert refusal(cloudwatch.list_metrics, NextToken="nonsense").code == VALUE


@pytest.mark.parametrize("filters", [{"Namespace": "a\0"}, {"MetricName": "a\0"}])
def test_names_that_no_metric_has_find_nothing(cloudwatch, filters):
    assert names(cloudwatch, **filters) == []


def test_accounts_of_others_have_no_metrics_here(fogline, numbers, cloudwatch):
    numbers.put("Orders", 1)
    assert names(cloudwatch, OwningAccount="999999999999") == []
    mine = cloudwatch.list_metrics(IncludeLinkedAccounts=True)
    assert mine["OwningAccounts"] == [fogline.id]


def test_values_come_with_their_counts(numbers):
    numbers.put("Duration", Values=[10.0, 20.0], Counts=[3.0, 1.0], Unit="Milliseconds")
    (told,) = numbers.statistics("Duration", "Sum", "SampleCount", "Minimum", "Maximum", "Average")
    assert (told["Sum"], told["SampleCount"], told["Average"]) == (50, 4, 12.5)
    assert (told["Minimum"], told["Maximum"], told["Unit"]) == (10, 20, "Milliseconds")


def test_statistic_sets_add_up_with_values(numbers):
    numbers.put("Duration", 1)
    given = {"SampleCount": 2, "Sum": 30, "Minimum": 10, "Maximum": 20}
    numbers.put("Duration", StatisticValues=given)
    (told,) = numbers.statistics("Duration", "Sum", "SampleCount", "Minimum", "Maximum")
    assert [told[each] for each in ("Sum", "SampleCount", "Minimum", "Maximum")] == [31, 3, 1, 20]


def test_data_of_entities_is_kept_like_any_other(numbers, cloudwatch):
    entity = {"KeyAttributes": {"Type": "Service", "Name": "shop"}}
    cloudwatch.put_metric_data(
        Namespace=NAMESPACE,
        EntityMetricData=[{"Entity": entity, "MetricData": [{"MetricName": "Orders", "Value": 2}]}],
        StrictEntityValidation=True,
    )
    assert numbers.statistics("Orders", "Sum")[0]["Sum"] == 2


def test_strictly_an_entity_has_a_type(cloudwatch, refusal):
    entity = {"KeyAttributes": {"Name": "shop", "Environment": "here"}}
    refused = refusal(
        cloudwatch.put_metric_data,
        Namespace=NAMESPACE,
        EntityMetricData=[{"Entity": entity, "MetricData": [{"MetricName": "Orders", "Value": 2}]}],
        StrictEntityValidation=True,
    )
    assert refused.code == "MissingParameter"


@pytest.mark.parametrize(
    ("datum", "code", "message"),
    [
        (
            {},
            COMBINATION,
            "At least one of the parameters MetricData.member.1.Value, MetricData.member.1.Values and"
            " MetricData.member.1.StatisticValues must be specified.",
        ),
        (
            {"Value": 1, "Values": [1]},
            COMBINATION,
            "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually"
            " exclusive and you have specified both.",
        ),
        (
            {"Value": math.nan},
            VALUE,
            "The value NaN for parameter MetricData.member.1.Value is invalid.",
        ),
        (
            {"Value": math.inf},
            VALUE,
            "The value Infinity for parameter MetricData.member.1.Value is invalid.",
        ),
        (
            {"Value": 2.0**361},
            VALUE,
            f"The value {2.0**361} for parameter MetricData.member.1.Value is invalid.",
        ),
        (
            {"Values": [1.0, 2.0], "Counts": [1.0]},
            VALUE,
            "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must have the"
            " same number of elements.",
        ),
        (
            {"Values": [1.0] * 151},
            VALUE,
            "The collection MetricData.member.1.Values must not have a size greater than 150.",
        ),
        (
            {"Values": [1.0], "Counts": [-1.0]},
            VALUE,
            "The value -1.0 for parameter MetricData.member.1.Counts.member.1 is invalid.",
        ),
        (
            {"Value": 1.0, "Counts": [1.0]},
            COMBINATION,
            "The parameter MetricData.member.1.Counts must be specified together with"
            " MetricData.member.1.Values.",
        ),
        (
            {"StatisticValues": {"SampleCount": 0, "Sum": 0, "Minimum": 0, "Maximum": 0}},
            VALUE,
            "The parameter MetricData.member.1.StatisticValues.SampleCount must be greater than 0.",
        ),
        (
            {"Value": 1, "StorageResolution": 5},
            VALUE,
            "The parameter MetricData.member.1.StorageResolution must be a value in the set [ 1, 60 ].",
        ),
        (
            {"Value": 1, "Dimensions": [{"Name": ":a", "Value": "b"}]},
            VALUE,
            "The value :a for parameter MetricData.member.1.Dimensions.member.1.Name is invalid.",
        ),
    ],
)
def test_a_datum_must_make_sense(cloudwatch, refusal, datum, code, message):
    refused = refusal(
        cloudwatch.put_metric_data,
        Namespace=NAMESPACE,
        MetricData=[{"MetricName": "Orders", **datum}],
    )
    assert refused == (code, message)


@pytest.mark.parametrize("namespace", ["AWS/Lambda", "Sh\u00f6p", " "])
def test_namespaces_of_aws_and_odd_ones_are_refused(cloudwatch, refusal, namespace):
    data = [{"MetricName": "Orders", "Value": 1}]
    refused = refusal(cloudwatch.put_metric_data, Namespace=namespace, MetricData=data)
    assert refused == (VALUE, f"The value {namespace} for parameter Namespace is invalid.")


def test_1000_datums_are_taken_and_one_more_is_not(cloudwatch, refusal):
    data = [{"MetricName": "Orders", "Value": 1}] * 1000
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data)
    refused = refusal(cloudwatch.put_metric_data, Namespace=NAMESPACE, MetricData=data + data[:1])
    assert refused == (VALUE, "The collection MetricData must not have a size greater than 1000.")


def test_something_must_be_put(cloudwatch, refusal):
    refused = refusal(cloudwatch.put_metric_data, Namespace=NAMESPACE, MetricData=[])
    assert refused == ("MissingParameter", "The parameter MetricData is required.")


def test_30_dimensions_are_taken_and_one_more_is_not(numbers, refusal):
    dimensions = [{"Name": f"d{number}", "Value": "v"} for number in range(31)]
    numbers.put("Orders", 1, Dimensions=dimensions[:30])
    refused = refusal(lambda: numbers.put("Orders", 1, Dimensions=dimensions))
    assert refused.code == "ValidationError"


def test_data_may_be_two_weeks_old_and_two_hours_ahead(numbers, refusal):
    weeks, hours, moment = timedelta(days=14), timedelta(hours=2), timedelta(minutes=1)
    numbers.put("Orders", 1, Timestamp=numbers.now() - weeks)
    numbers.put("Orders", 1, Timestamp=numbers.now() + hours)
    assert refusal(lambda: numbers.put("Orders", 1, Timestamp=numbers.now() - weeks - moment)) == (
        VALUE,
        "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.",
    )
    assert refusal(lambda: numbers.put("Orders", 1, Timestamp=numbers.now() + hours + moment)) == (
        VALUE,
        "The parameter MetricData.member.1.Timestamp must specify a time no more than two hours in"
        " the future.",
    )
