"""When schedules fire, with the clock moved by hand, and what their targets get."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from fogline.services.scheduler.schedule import Address

ROLE = "arn:aws:iam::000000000000:role/scheduler"
TIME = {"Input": "<aws.scheduler.scheduled-time>"}


def now(fogline_platform, **later):
    return datetime.fromtimestamp(fogline_platform.now() / 1000, UTC) + timedelta(**later)


def spelled(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%S")


# ---- when


def test_a_rate_begins_at_once_and_goes_on_until_it_is_deleted(
    fogline_platform, scheduler, make_schedule, bodies
):
    make_schedule("rate(5 minutes)")
    fogline_platform.settle()
    assert bodies() == ["tick"]
    fogline_platform.advance(seconds=299)
    assert bodies() == []
    fogline_platform.advance(seconds=1)
    assert bodies() == ["tick"]
    fogline_platform.advance(seconds=3600)
    assert len(bodies()) == 12
    scheduler.delete_schedule(Name="schedule")
    fogline_platform.advance(seconds=3600)
    assert bodies() == []


def test_every_five_minutes_by_the_clock(fogline_platform, sleep_until, make_schedule, bodies):
    sleep_until("01-01T00:01:00")
    make_schedule("cron(0/5 * * * ? *)", target=TIME)
    fogline_platform.advance(seconds=900)
    assert [body[10:] for body in bodies()] == ["T00:05:00Z", "T00:10:00Z", "T00:15:00Z"]


def test_at_two_in_berlin_across_both_changes_of_the_clock(
    fogline_platform, sleep_until, scheduler, make_schedule, make_queue, bodies
):
    url, arn = make_queue("long", MessageRetentionPeriod="1209600")
    zone = {"ScheduleExpressionTimezone": "Europe/Berlin"}

    def hours_of_nine_days():
        made = make_schedule("cron(0 2 * * ? *)", target={**TIME, "Arn": arn}, **zone)
        fogline_platform.advance(days=9)
        scheduler.delete_schedule(Name=made.rpartition("/")[2])
        return [body[11:] for body in bodies(url)]

    sleep_until("03-24T12:00:00")
    spring = hours_of_nine_days()
    # On the last Sunday of March no clock in Berlin shows 02:00.
    assert len(spring) == 8
    assert spring == sorted(spring, reverse=True)
    assert set(spring) <= {"01:00:00Z", "00:00:00Z"}
    sleep_until("10-24T12:00:00")
    autumn = hours_of_nine_days()
    # On the last Sunday of October they show it twice, which counts once.
    assert len(autumn) == 9
    assert autumn == sorted(autumn)
    assert set(autumn) <= {"00:00:00Z", "01:00:00Z"}


def test_a_single_time_comes_once_and_the_schedule_stays(
    fogline_platform, scheduler, make_schedule, bodies
):
    make_schedule(f"at({spelled(now(fogline_platform, hours=1))})")
    fogline_platform.advance(seconds=3601)
    assert bodies() == ["tick"]
    fogline_platform.advance(days=1)
    assert bodies() == []
    assert scheduler.get_schedule(Name="schedule")["State"] == "ENABLED"


def test_a_single_time_that_was_made_is_not_made_again_when_the_schedule_changes(
    fogline_platform, scheduler, make_schedule, queue, bodies
):
    expression = f"at({spelled(now(fogline_platform, hours=1))})"
    make_schedule(expression)
    fogline_platform.advance(hours=2)
    assert bodies() == ["tick"]
    target = {"Arn": queue[1], "RoleArn": ROLE, "Input": "tock"}
    for state in ("DISABLED", "ENABLED"):
        scheduler.update_schedule(
            Name="schedule",
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=target,
            State=state,
        )
    fogline_platform.advance(hours=1)
    assert bodies() == []


def test_a_single_time_may_delete_its_schedule(
    fogline_platform, scheduler, make_schedule, bodies, refusal
):
    expression = f"at({spelled(now(fogline_platform, hours=1))})"
    make_schedule(expression, ActionAfterCompletion="DELETE")
    fogline_platform.advance(seconds=3601)
    assert bodies() == ["tick"]
    assert refusal(scheduler.get_schedule, Name="schedule")[0] == "ResourceNotFoundException"


def test_a_single_time_that_has_just_passed_comes_at_once(fogline_platform, make_schedule, bodies):
    make_schedule(f"at({spelled(now(fogline_platform, hours=-23))})")
    fogline_platform.settle()
    assert bodies() == ["tick"]


def test_a_single_time_that_is_too_old_never_comes(fogline_platform, make_schedule, bodies):
    make_schedule("at(2022-12-31T23:59:59)")
    fogline_platform.advance(hours=1)
    assert bodies() == []


def test_a_disabled_schedule_rests_until_it_is_enabled(
    fogline_platform, scheduler, make_schedule, queue, bodies
):
    make_schedule("rate(1 hour)", State="DISABLED")
    fogline_platform.advance(hours=5)
    assert bodies() == []
    scheduler.update_schedule(
        Name="schedule",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": queue[1], "RoleArn": ROLE, "Input": "tock"},
    )
    fogline_platform.advance(hours=2)
    assert bodies() in (["tock"] * 2, ["tock"] * 3)


def test_a_change_of_the_target_alone_does_not_disturb_the_rate(
    fogline_platform, scheduler, make_schedule, queue, bodies
):
    make_schedule("rate(1 hour)")
    fogline_platform.advance(seconds=1800)
    bodies()
    scheduler.update_schedule(
        Name="schedule",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": queue[1], "RoleArn": ROLE, "Input": "tock"},
    )
    fogline_platform.advance(seconds=1799)
    assert bodies() == []
    fogline_platform.advance(seconds=1)
    assert bodies() == ["tock"]


def test_a_start_date_is_where_a_rate_begins_and_an_end_date_where_it_ends(
    fogline_platform, scheduler, make_schedule, bodies
):
    start, end = now(fogline_platform, hours=2), now(fogline_platform, hours=5)
    make_schedule("rate(1 hour)", StartDate=start, EndDate=end, target=TIME)
    fogline_platform.advance(days=1)
    assert bodies() == [f"{spelled(start + timedelta(hours=n))}Z" for n in range(4)]
    assert scheduler.get_schedule(Name="schedule")["State"] == "ENABLED"


def test_a_schedule_that_has_ended_may_be_deleted(
    fogline_platform, scheduler, make_schedule, bodies, refusal
):
    end = now(fogline_platform, minutes=90)
    make_schedule("rate(1 hour)", EndDate=end, ActionAfterCompletion="DELETE")
    fogline_platform.advance(hours=1)
    assert len(bodies()) == 2
    assert refusal(scheduler.get_schedule, Name="schedule")[0] == "ResourceNotFoundException"


def test_a_single_time_does_not_look_at_the_dates(fogline_platform, make_schedule, bodies):
    make_schedule(
        f"at({spelled(now(fogline_platform, minutes=1))})",
        StartDate=now(fogline_platform, days=1),
        EndDate=now(fogline_platform, days=2),
    )
    fogline_platform.advance(seconds=61)
    assert bodies() == ["tick"]


def test_a_flexible_window_holds_every_invocation_and_moves_none_of_the_next(
    fogline_platform, sleep_until, make_schedule, bodies
):
    sleep_until("01-01T00:30:00")
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30}
    make_schedule("cron(0 * * * ? *)", target=TIME, FlexibleTimeWindow=window)
    fogline_platform.advance(seconds=1799)
    places = set()
    for hour in range(1, 7):
        found = []
        for part in range(6):
            fogline_platform.advance(seconds=300)
            found += [(part, body[10:]) for body in bodies()]
        ((place, time),) = found
        assert time == f"T0{hour}:00:00Z"
        places.add(place)
        fogline_platform.advance(seconds=1800)
        assert bodies() == []
    assert len(places) > 1


def test_after_a_night_asleep_one_invocation_is_made_late(
    fogline_platform, sleep_until, make_schedule, bodies
):
    sleep_until("01-01T20:00:00")
    make_schedule("cron(0/5 * * * ? *)", target=TIME)
    make_schedule("cron(0 2 * * ? *)", name="nightly", target=TIME)
    sleep_until("01-02T07:02:00")
    assert sorted(body[10:] for body in bodies()) == ["T02:00:00Z", "T20:05:00Z"]
    fogline_platform.advance(seconds=300)
    assert [body[10:] for body in bodies()] == ["T07:05:00Z"]


def test_what_is_older_than_its_event_may_be_is_not_made(
    fogline_platform, sleep_until, make_schedule, bodies
):
    sleep_until("01-01T12:00:00")
    make_schedule("cron(0 2 * * ? *)", target=TIME)
    make_schedule(
        "cron(0 1 * * ? *)",
        name="hasty",
        target={**TIME, "RetryPolicy": {"MaximumEventAgeInSeconds": 3600}},
    )
    sleep_until("01-05T07:00:00")
    assert [body[5:] for body in bodies()] == ["01-05T02:00:00Z"]
    fogline_platform.advance(hours=19)
    assert [body[5:] for body in bodies()] == ["01-06T01:00:00Z", "01-06T02:00:00Z"]


# ---- what


def test_context_attributes_are_filled_in(fogline_platform, make_schedule, bodies):
    text = "|".join(
        f"<aws.scheduler.{name}>"
        for name in ("schedule-arn", "scheduled-time", "execution-id", "attempt-number", "other")
    )
    arn = make_schedule(target={"Input": text})
    expected = spelled(now(fogline_platform))
    fogline_platform.settle()
    found = bodies()[0].split("|")
    assert found[0] == arn
    assert found[1] == f"{expected}Z"
    assert len(found[2]) == 16
    assert found[3:] == ["1", "<aws.scheduler.other>"]


def test_without_an_input_a_notification_is_sent(fogline, fogline_platform, make_schedule, bodies):
    arn = make_schedule(target={"Input": None})
    fogline_platform.settle()
    event = json.loads(bodies()[0])
    assert (event["detail-type"], event["source"]) == ("Scheduled Event", "aws.scheduler")
    assert (event["account"], event["resources"]) == (fogline.id, [arn])


def test_a_fifo_queue_gets_its_group(fogline_platform, make_schedule, make_queue, sqs):
    url, arn = make_queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    make_schedule(target={"Arn": arn, "SqsParameters": {"MessageGroupId": "g"}})
    fogline_platform.settle()
    found = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"][0]
    assert found["Attributes"]["MessageGroupId"] == "g"


def test_a_topic_gets_the_input(fogline, fogline_platform, make_schedule, queue, bodies):
    sns = fogline.client("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue[1],
        Attributes={"RawMessageDelivery": "true"},
    )
    make_schedule(target={"Arn": topic, "Input": "hello"})
    fogline_platform.settle()
    assert bodies() == ["hello"]


def test_a_bus_gets_an_event(fogline, fogline_platform, make_schedule, queue, bodies):
    events = fogline.client("events")
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["app"]}))
    events.put_targets(Rule="rule", Targets=[{"Id": "q", "Arn": queue[1]}])
    make_schedule(
        target={
            "Arn": f"arn:aws:events:us-east-1:{fogline.id}:event-bus/default",
            "Input": '{"n": 1}',
            "EventBridgeParameters": {"DetailType": "Tick", "Source": "app"},
        }
    )
    fogline_platform.settle()
    event = json.loads(bodies()[0])
    assert (event["detail-type"], event["source"], event["detail"]) == ("Tick", "app", {"n": 1})


def test_a_target_that_is_gone_fills_the_dead_letters_at_once(
    fogline, fogline_platform, make_schedule, make_queue, receive
):
    dead_url, dead_arn = make_queue("dead")
    missing = f"arn:aws:sqs:us-east-1:{fogline.id}:missing"
    arn = make_schedule(
        target={"Arn": missing, "Input": "lost", "DeadLetterConfig": {"Arn": dead_arn}}
    )
    expected = spelled(now(fogline_platform))
    fogline_platform.settle()
    message = receive(dead_url)[0]
    attributes = {
        name: value["StringValue"] for name, value in message["MessageAttributes"].items()
    }
    assert len(attributes.pop("EXECUTION_ID")) == 16
    assert missing in attributes.pop("ERROR_MESSAGE")
    assert message["Body"] == "lost"
    assert attributes == {
        "ERROR_CODE": "AWS.SimpleQueueService.NonExistentQueue",
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": "0",
        "SCHEDULED_TIME": f"{expected}Z",
        "SCHEDULE_ARN": arn,
        "TARGET_ARN": missing,
    }


@pytest.mark.parametrize("has_queue", [True, False])
def test_dead_letters_that_go_nowhere_do_not_stop_the_schedule(
    fogline, fogline_platform, scheduler, make_schedule, make_queue, bodies, has_queue
):
    nowhere = f"arn:aws:sqs:us-east-1:{fogline.id}:nowhere"
    dead = {"DeadLetterConfig": {"Arn": nowhere}} if has_queue else {}
    make_schedule("rate(1 minute)", name="broken", target={"Arn": f"{nowhere}-2", **dead})
    make_schedule("rate(1 minute)", name="whole")
    fogline_platform.advance(seconds=60)
    assert bodies() == ["tick", "tick"]


def test_a_function_gets_the_input_as_its_event(
    fogline, fogline_platform, make_schedule, make_queue, bodies
):
    import io
    import zipfile

    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(
            "index.py",
            "import json, os, boto3\n"
            "def handler(event, context):\n"
            "    boto3.client('sqs').send_message(\n"
            "        QueueUrl=os.environ['QUEUE'], MessageBody=json.dumps(event))\n",
        )
    url, _ = make_queue("answers")
    function = fogline.client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.11",
        Handler="index.handler",
        Role=ROLE,
        Code={"ZipFile": package.getvalue()},
        Timeout=20,  # real time, and the machine may be busy
        Environment={"Variables": {"QUEUE": url}},
    )
    make_schedule(
        "rate(1 day)", target={"Arn": function["FunctionArn"], "Input": '{"job": "clean"}'}
    )
    fogline_platform.settle()
    assert [json.loads(body) for body in bodies(url)] == [{"job": "clean"}]


def test_a_schedule_whose_time_zone_is_gone_does_not_hold_up_the_others(
    fogline, fogline_platform, make_schedule, bodies
):
    make_schedule("cron(* * * * ? *)", name="lost")
    make_schedule("cron(* * * * ? *)", name="whole")
    service = fogline_platform.platform.dispatch.services()["scheduler"].stands_on

    def lose(tx):
        address = Address(fogline.id, "us-east-1", "default", "lost")
        document = service.tables.find(tx, address)
        lost = {**document, "ScheduleExpressionTimezone": "Mars/Olympus"}
        service.tables.save(tx, address, lost)

    fogline_platform.ask(service.store.transact(lose))
    fogline_platform.advance(seconds=120)
    assert bodies() == ["tick", "tick"]
