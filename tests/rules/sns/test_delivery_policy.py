import json
from typing import Any

import pytest

from fogline.services.sns.delivery_policy import (
    InvalidDeliveryPolicy,
    check_subscription_policy,
    check_topic_policy,
    delays_of,
    effective_document,
    effective_policy,
    effective_topic_document,
)


def retry(**given: Any) -> dict[str, Any]:
    return {"numRetries": 3, "minDelayTarget": 20, "maxDelayTarget": 20} | given


def own(**given: Any) -> str:
    return json.dumps({"healthyRetryPolicy": retry(**given)})


def of_topic(**given: Any) -> str:
    return json.dumps({"http": given})


# ---- the phases


def test_without_a_policy_there_are_three_retries_twenty_seconds_apart():
    policy = effective_policy(None, None)
    assert policy.delays == (20, 20, 20)
    assert policy.receives_per_second is None
    assert policy.content_type == "text/plain; charset=UTF-8"


def test_the_four_phases_follow_each_other():
    given = retry(
        numRetries=10,
        numNoDelayRetries=2,
        numMinDelayRetries=2,
        numMaxDelayRetries=3,
        minDelayTarget=1,
        maxDelayTarget=5,
    )
    assert delays_of(given) == (0, 0, 1, 1, 1, 3, 5, 5, 5, 5)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("linear", (10, 20, 30, 40, 50)),
        ("arithmetic", (10, 14, 22, 34, 50)),
        ("geometric", (10, 14.953, 22.361, 33.437, 50)),
        ("exponential", (10, 12.667, 18, 28.667, 50)),
    ],
)
def test_backoff_goes_from_the_shortest_to_the_longest_delay(function, expected):
    given = retry(numRetries=5, minDelayTarget=10, maxDelayTarget=50, backoffFunction=function)
    assert delays_of(given) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize("function", ["linear", "arithmetic", "geometric", "exponential"])
def test_a_single_backoff_is_the_shortest_delay(function):
    given = retry(numRetries=1, minDelayTarget=5, maxDelayTarget=60, backoffFunction=function)
    assert delays_of(given) == (5,)


def test_retries_end_after_an_hour():
    assert sum(delays_of(retry(numRetries=100, minDelayTarget=36, maxDelayTarget=36))) == 3_600
    assert len(delays_of(retry(numRetries=100, minDelayTarget=60, maxDelayTarget=60))) == 60


def test_no_retries_are_no_delays():
    assert delays_of(retry(numRetries=0)) == ()


# ---- what holds


def test_a_subscription_takes_from_its_topic_what_it_does_not_say():
    topic = of_topic(
        defaultHealthyRetryPolicy=retry(numRetries=1),
        defaultThrottlePolicy={"maxReceivesPerSecond": 7},
    )
    assert effective_policy(topic, None).delays == (20,)
    policy = effective_policy(topic, own(numRetries=2))
    assert (policy.delays, policy.receives_per_second) == ((20, 20), 7)


def test_a_topic_may_forbid_overrides():
    topic = of_topic(
        disableSubscriptionOverrides=True, defaultHealthyRetryPolicy=retry(numRetries=1)
    )
    assert effective_policy(topic, own(numRetries=2)).delays == (20,)


def test_members_that_are_null_count_as_absent():
    policy = effective_policy(None, '{"healthyRetryPolicy": null, "throttlePolicy": null}')
    assert policy.delays == (20, 20, 20)


def test_the_content_type_can_be_chosen():
    policy = effective_policy(None, '{"requestPolicy": {"headerContentType": "application/json"}}')
    assert policy.content_type == "application/json"


def test_the_effective_policy_of_a_subscription_is_complete():
    assert effective_document(None, own(numRetries=5)) == {
        "healthyRetryPolicy": {
            "minDelayTarget": 20,
            "maxDelayTarget": 20,
            "numRetries": 5,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        },
        "requestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }


def test_the_effective_policy_of_a_topic_is_complete():
    document = effective_topic_document(of_topic(defaultThrottlePolicy={"maxReceivesPerSecond": 1}))
    assert list(document["http"]) == [
        "defaultHealthyRetryPolicy",
        "disableSubscriptionOverrides",
        "defaultThrottlePolicy",
        "defaultRequestPolicy",
    ]
    assert document["http"]["disableSubscriptionOverrides"] is False


# ---- what is refused


@pytest.mark.parametrize(
    "given",
    [
        {"numRetries": 100},
        {"minDelayTarget": 1},
        {"minDelayTarget": 3_600, "maxDelayTarget": 3_600},
        {"numRetries": 3, "numNoDelayRetries": 1, "numMinDelayRetries": 1, "numMaxDelayRetries": 1},
    ],
)
def test_the_last_allowed_numbers_are_taken(given):
    check_subscription_policy(own(**given))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"numRetries": 101}, "healthyRetryPolicy.numRetries must be less than or equal to 100"),
        ({"numRetries": -1}, "healthyRetryPolicy.numRetries must be greater than or equal to 0"),
        (
            {"minDelayTarget": 0},
            "healthyRetryPolicy.minDelayTarget must be greater than or equal to 1",
        ),
        (
            {"maxDelayTarget": 3_601},
            "healthyRetryPolicy.maxDelayTarget must be less than or equal to 3600",
        ),
        ({"maxDelayTarget": 19}, "healthyRetryPolicy.maxDelayTarget must be greater than or equal"),
        ({"maxDelayTarget": None}, "healthyRetryPolicy.maxDelayTarget must be specified"),
        ({"numNoDelayRetries": 4}, "healthyRetryPolicy.numRetries must be greater than or equal"),
        ({"backoffFunction": "cubic"}, "healthyRetryPolicy.backoffFunction must be one of"),
        ({"numRetries": True}, "healthyRetryPolicy.numRetries must be an integer"),
        ({"retries": 1}, "Unexpected JSON member: healthyRetryPolicy.retries"),
    ],
)
def test_numbers_out_of_range_are_refused_by_name(given, text):
    with pytest.raises(InvalidDeliveryPolicy) as refused:
        check_subscription_policy(own(**given))
    assert str(refused.value).startswith(text)


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "[]",
        '{"http": {}}',
        '{"throttlePolicy": {"maxReceivesPerSecond": 0}}',
        '{"throttlePolicy": 1}',
        '{"requestPolicy": {"headerContentType": "image/png"}}',
        '{"requestPolicy": {"headerContentType": "text/plain\\r\\nx-evil: 1"}}',
    ],
)
def test_what_is_no_policy_of_a_subscription_is_refused(policy):
    with pytest.raises(InvalidDeliveryPolicy):
        check_subscription_policy(policy)


def test_a_topics_policy_names_its_parts_in_full():
    with pytest.raises(InvalidDeliveryPolicy) as refused:
        check_topic_policy(of_topic(defaultHealthyRetryPolicy={"numRetries": 1}))
    assert str(refused.value) == "http.defaultHealthyRetryPolicy.minDelayTarget must be specified"


@pytest.mark.parametrize(
    "policy", ["1", '{"https": {}}', '{"http": 1}', '{"http": {"disableSubscriptionOverrides": 1}}']
)
def test_what_is_no_policy_of_a_topic_is_refused(policy):
    with pytest.raises(InvalidDeliveryPolicy):
        check_topic_policy(policy)
