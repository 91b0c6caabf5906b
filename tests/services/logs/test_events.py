from __future__ import annotations

import pytest

DAY = 86_400_000
HOUR = 3_600_000


def read(logs, group, stream, **request) -> tuple[list[str], str, str]:
    page = logs.get_log_events(logGroupName=group, logStreamName=stream, **request)
    texts = [each["message"] for each in page["events"]]
    return texts, page["nextForwardToken"], page["nextBackwardToken"]


def found(logs, group, **request) -> list[str]:
    events = logs.filter_log_events(logGroupName=group, **request)["events"]
    return [each["message"] for each in events]


# ---- put


def test_what_is_put_can_be_got(logs, group, stream, put, now) -> None:
    put((now - 1, "one"), (now, "🙀 - 参よ - 日本語"))
    events = logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
    assert events == [
        {"timestamp": now - 1, "message": "one", "ingestionTime": now},
        {"timestamp": now, "message": "🙀 - 参よ - 日本語", "ingestionTime": now},
    ]


def test_sequence_tokens_are_given_and_not_asked_for(logs, group, stream, put, now) -> None:
    first = put((now, "a"))["nextSequenceToken"]
    assert put((now, "b"))["nextSequenceToken"] > first
    logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": now, "message": "c"}],
        sequenceToken="any",
    )
    assert found(logs, group) == ["a", "b", "c"]


def test_events_go_to_a_stream_that_exists(logs, group, stream, put, now, refusal) -> None:
    events = [{"timestamp": now, "message": "x"}]
    assert refusal(
        logs.put_log_events, logGroupName=group, logStreamName="none", logEvents=events
    ) == ("ResourceNotFoundException", "The specified log stream does not exist.")
    assert refusal(
        logs.put_log_events, logGroupName="none", logStreamName=stream, logEvents=events
    ) == ("ResourceNotFoundException", "The specified log group does not exist.")


def test_events_too_old_or_too_new_are_left_out_and_counted(logs, group, put, now) -> None:
    answer = put((now + 2 * HOUR, "last allowed"), (now + 2 * HOUR + 1, "too new"))
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    answer = put((now - 14 * DAY - 1, "too old"), (now - 14 * DAY, "first allowed"))
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    assert found(logs, group) == ["first allowed", "last allowed"]
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    answer = put((now - DAY - 1, "expired"), (now - DAY, "kept"))
    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    assert found(logs, group) == ["kept", "last allowed"]


def test_a_put_must_be_in_order_and_span_a_day_at_most(logs, group, stream, now, refusal) -> None:
    def refused(*instants: int) -> str:
        _, message = refusal(
            logs.put_log_events,
            logGroupName=group,
            logStreamName=stream,
            logEvents=[{"timestamp": at, "message": "x"} for at in instants],
        )
        return message

    assert refused(now, now - 1).endswith("must be in chronological order.")
    assert refused(now - DAY - 1, now).endswith("cannot span more than 24 hours.")


def test_a_put_is_bounded_in_bytes_and_events(logs, group, stream, put, now, refusal) -> None:
    put((now, "x" * (1_048_576 - 26)))
    message = {"timestamp": now, "message": "é" * ((1_048_576 - 26) // 2) + "x"}
    request = {"logGroupName": group, "logStreamName": stream}
    assert refusal(logs.put_log_events, **request, logEvents=[message]) == (
        "InvalidParameterException",
        "Upload too large: 1048577 bytes exceeds limit of 1048576",
    )
    many = [{"timestamp": now, "message": "x"}] * 10_001
    code, _ = refusal(logs.put_log_events, **request, logEvents=many)
    assert code == "InvalidParameterException"


# ---- get


def test_a_stream_is_read_from_its_end_or_from_its_head(logs, group, stream, put, now) -> None:
    put(*((now + n, str(n)) for n in range(5)))
    assert read(logs, group, stream, limit=2)[0] == ["3", "4"]
    assert read(logs, group, stream, limit=2, startFromHead=True)[0] == ["0", "1"]


def test_tokens_lead_forward_and_backward_and_stay_at_the_ends(
    logs, group, stream, put, now
) -> None:
    put(*((now + n, str(n)) for n in range(5)))
    _, forward, backward = read(logs, group, stream, limit=2, startFromHead=True)
    texts, forward, _ = read(logs, group, stream, limit=2, nextToken=forward)
    assert texts == ["2", "3"]
    texts, forward, _ = read(logs, group, stream, nextToken=forward)
    assert texts == ["4"]
    texts, same, back = read(logs, group, stream, nextToken=forward)
    assert (texts, same) == ([], forward)
    assert read(logs, group, stream, limit=2, nextToken=back)[0] == ["3", "4"]
    texts, _, same = read(logs, group, stream, nextToken=backward)
    assert (texts, same) == ([], backward)
    put((now + 9, "later"))
    assert read(logs, group, stream, nextToken=forward)[0] == ["later"]


def test_a_token_of_an_empty_stream_finds_what_comes(logs, group, stream, put, now) -> None:
    _, forward, _ = read(logs, group, stream)
    put((now, "first"))
    assert read(logs, group, stream, nextToken=forward)[0] == ["first"]


@pytest.mark.parametrize("token", ["invalid-token", "f/12/s", "x/" + "0" * 56 + "/s"])
def test_a_made_up_token_is_refused(logs, group, stream, refusal, token) -> None:
    assert refusal(
        logs.get_log_events, logGroupName=group, logStreamName=stream, nextToken=token
    ) == ("InvalidParameterException", "The specified nextToken is invalid.")


def test_the_end_time_is_excluded_here_and_included_in_a_filter(
    logs, group, stream, put, now
) -> None:
    put((now, "a"), (now + 1, "b"), (now + 2, "c"))
    assert read(logs, group, stream, startTime=now + 1, endTime=now + 2)[0] == ["b"]
    assert found(logs, group, startTime=now + 1, endTime=now + 2) == ["b", "c"]


def test_events_of_overlapping_puts_come_in_the_order_of_time(
    logs, group, stream, put, now
) -> None:
    put((now + 1, "1"), (now + 4, "4"), (now + 9, "9"))
    put((now + 2, "2"), (now + 3, "3"))
    put((now + 0, "0"), (now + 5, "5"))
    expected = ["0", "1", "2", "3", "4", "5", "9"]
    assert found(logs, group) == expected
    assert read(logs, group, stream)[0] == expected
    assert read(logs, group, stream, limit=3)[0] == expected[-3:]
    assert found(logs, group, startFromHead=False) == expected[::-1]


def test_a_page_has_a_megabyte_at_most(logs, group, stream, put, now) -> None:
    for n in range(3):
        put((now + n, str(n) * 500_000))
    texts, forward, _ = read(logs, group, stream, startFromHead=True)
    assert [text[0] for text in texts] == ["0", "1"]
    assert [text[0] for text in read(logs, group, stream, nextToken=forward)[0]] == ["2"]


# ---- filter


def test_a_filter_finds_events_in_all_streams_in_the_order_of_time(
    logs, group, stream, put, now
) -> None:
    logs.create_log_stream(logGroupName=group, logStreamName="other")
    put((now, "ERROR one"), (now + 2, "fine"))
    put((now + 1, "ERROR two"), stream="other")
    page = logs.filter_log_events(logGroupName=group, filterPattern="ERROR")
    assert [(each["logStreamName"], each["message"]) for each in page["events"]] == [
        ("main", "ERROR one"),
        ("other", "ERROR two"),
    ]
    assert all(len(each["eventId"]) == 56 for each in page["events"])
    assert found(logs, group, logStreamNames=["other"]) == ["ERROR two"]
    assert found(logs, group, logStreamNamePrefix="ma") == ["ERROR one", "fine"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.level = "error" && $.code >= 500 }', [0]),
        ("?boom ?plain", [0, 2]),
        ("[first, second]", [1, 2]),
        (r"%code\W+4\d\d%", [1]),
        (" ", [0, 1, 2]),
    ],
)
def test_a_filter_understands_every_form_of_pattern(
    logs, group, put, now, pattern, expected
) -> None:
    messages = ['{"level": "error", "code": 500, "a": "boom"}', '{"code": 404}', "plain words"]
    put(*((now + n, message) for n, message in enumerate(messages)))
    assert found(logs, group, filterPattern=pattern) == [messages[n] for n in expected]


def test_a_wrong_pattern_is_refused(logs, group, refusal) -> None:
    assert refusal(logs.filter_log_events, logGroupName=group, filterPattern="a:b") == (
        "InvalidParameterException",
        "Invalid character(s) in term 'a:b'",
    )


def test_a_filter_gives_its_finds_in_pages(logs, group, put, now) -> None:
    put(*((now + n, f"n{n}") for n in range(25)))
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, PaginationConfig={"PageSize": 10}
    )
    assert [len(page["events"]) for page in pages] == [10, 10, 5]


def test_a_limit_beyond_ten_thousand_is_refused(logs, group, refusal) -> None:
    code, message = refusal(logs.filter_log_events, logGroupName=group, limit=10_001)
    assert code == "InvalidParameterException"
    assert message.endswith("Member must have value less than or equal to 10000")


def test_streams_are_chosen_by_name_or_by_prefix(logs, group, refusal) -> None:
    code, _ = refusal(
        logs.filter_log_events, logGroupName=group, logStreamNames=["a"], logStreamNamePrefix="a"
    )
    assert code == "InvalidParameterException"
    code, _ = refusal(logs.filter_log_events, logGroupName=group, logStreamNames=["none"])
    assert code == "ResourceNotFoundException"


def test_a_token_keeps_its_direction(logs, group, put, now) -> None:
    put(*((now + n, str(n)) for n in range(4)))
    page = logs.filter_log_events(logGroupName=group, startFromHead=False, limit=2)
    assert [each["message"] for each in page["events"]] == ["3", "2"]
    page = logs.filter_log_events(logGroupName=group, limit=2, nextToken=page["nextToken"])
    assert [each["message"] for each in page["events"]] == ["1", "0"]


def test_a_filter_goes_backward_only_in_recent_years(logs, group, refusal) -> None:
    code, _ = refusal(
        logs.filter_log_events, logGroupName=group, startFromHead=False, startTime=1_704_067_199_999
    )
    assert code == "InvalidParameterException"
    logs.filter_log_events(logGroupName=group, startFromHead=False, startTime=1_704_067_200_000)
