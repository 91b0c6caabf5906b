"""The cases of events and messages: fan-out, rules, ordered queues. See `load.py`."""

from __future__ import annotations

import itertools
import json
from time import perf_counter

from load import CONNECTIONS, Figures, Maker, Script, Tally, case, play, replay, with_body

_RULES = 100
_MANY_RULES = 10_000
_ENTRIES = 10


@case("sns-publish", "SNS Publish to three queues", share=0.06)
async def sns_publish(maker: Maker, seconds: float) -> Figures:
    sns, sqs = maker.client("sns"), maker.client("sqs")
    topic = sns.create_topic(Name="fan-out")["TopicArn"]
    for number in range(3):
        sqs.create_queue(QueueName=f"fan-out-{number}")
        queue = topic.replace(":sns:", ":sqs:") + f"-{number}"
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    publish = maker.request("sns", "publish", TopicArn=topic, Message="hello " * 10)
    return await replay(maker, [publish], seconds)


async def _put_events(maker: Maker, rules: int, seconds: float) -> Figures:
    events, bus = maker.client("events"), f"shop-{rules}"
    arn = events.create_event_bus(Name=bus)["EventBusArn"]
    queue = arn.replace(":events:", ":sqs:").replace("event-bus/", "")
    maker.client("sqs").create_queue(QueueName=bus)
    for number in range(rules):
        pattern = {
            "source": ["shop"],
            "detail-type": [f"T{number}"],
            "detail": {"amount": [{"numeric": [">", number]}], "state": [{"anything-but": "x"}]},
        }
        events.put_rule(Name=f"r{number}", EventBusName=bus, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=f"r{number}", EventBusName=bus, Targets=[{"Id": "1", "Arn": queue}])
    entries = [
        {
            "Source": "shop",
            "DetailType": f"T{number}",
            "EventBusName": bus,
            "Detail": json.dumps({"amount": 1_000_000, "state": "ok", "id": number}),
        }
        for number in range(_ENTRIES)
    ]
    return await replay(maker, [maker.request("events", "put_events", Entries=entries)], seconds)


@case("events-put", "PutEvents of 10, 100 rules, SQS target", share=0.012)
async def events_put(maker: Maker, seconds: float) -> Figures:
    return await _put_events(maker, _RULES, seconds)


@case("events-put-few", "PutEvents of 10, 10 rules", share=0.012)
async def events_put_few(maker: Maker, seconds: float) -> Figures:
    return await _put_events(maker, 10, seconds)


@case("events-put-many", "PutEvents of 10, 10,000 rules", share=0.006)
async def events_put_many(maker: Maker, seconds: float) -> Figures:
    return await _put_events(maker, _MANY_RULES, seconds)


@case("fifo-cycle", "SQS FIFO send, receive, delete", share=0.025)
async def fifo_cycle(maker: Maker, seconds: float) -> Figures:
    url: str = maker.client("sqs").create_queue(
        QueueName="cycle.fifo", Attributes={"FifoQueue": "true"}
    )["QueueUrl"]
    send = maker.request(
        "sqs", "send_message", QueueUrl=url, MessageBody="x" * 100,
        MessageGroupId="g", MessageDeduplicationId="d",
    )  # fmt: skip
    receive = maker.request("sqs", "receive_message", QueueUrl=url, MaxNumberOfMessages=1)
    delete = maker.request("sqs", "delete_message", QueueUrl=url, ReceiptHandle="?")
    numbers = itertools.count()

    def cycle(tally: Tally) -> Script:
        while tally.goes_on():
            began = perf_counter()
            number = next(numbers)
            body = {
                "QueueUrl": url,
                "MessageBody": "x" * 100,
                "MessageGroupId": f"g{number % 100}",
                "MessageDeduplicationId": str(number),
            }
            yield with_body(send, json.dumps(body).encode())
            messages = json.loads((yield receive)).get("Messages")
            if messages:
                gone = {"QueueUrl": url, "ReceiptHandle": messages[0]["ReceiptHandle"]}
                yield with_body(delete, json.dumps(gone).encode())
                tally.note(began)

    tally = Tally(seconds)
    await play(maker.url, [cycle(tally) for _ in range(CONNECTIONS)])
    return Figures.of(tally)
