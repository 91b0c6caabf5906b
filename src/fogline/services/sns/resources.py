"""The CloudFormation types that SNS owns.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SNS.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from fogline.aws.arn import find_arn
from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceRefused,
    ResourceType,
    boolean,
    text,
)

_NAME_CHARACTERS_MAX = 256

_TOPIC_DEFAULTS = {
    "ArchivePolicy": "{}",
    "ContentBasedDeduplication": "false",
    "DisplayName": "",
    "FifoThroughputScope": "Topic",
    "KmsMasterKeyId": "",
    "SignatureVersion": "1",
    "TracingConfig": "PassThrough",
}
"""The attributes that a template sets, and what a topic goes back to without them."""
_FEEDBACK_PREFIXES = {
    "http/s": "HTTP",
    "https": "HTTP",
    "http": "HTTP",
    "sqs": "SQS",
    "lambda": "Lambda",
    "firehose": "Firehose",
    "application": "Application",
}
_FEEDBACK = ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
_SUBSCRIPTION_DEFAULTS = {
    "DeliveryPolicy": "",
    "FilterPolicy": "{}",
    "FilterPolicyScope": "MessageAttributes",
    "RawMessageDelivery": "false",
    "RedrivePolicy": "{}",
    "ReplayPolicy": "{}",
    "SubscriptionRoleArn": "",
}


def _json(value: Any) -> str:
    if isinstance(value, Mapping):
        return orjson.dumps(value).decode()
    return text(value)


# ---- AWS::SNS::Topic


def _topic_attributes(properties: Properties) -> dict[str, str]:
    """The attributes that a template sets, those of standard topics without what only FIFO topics have."""
    is_fifo = boolean(properties.get("FifoTopic", False))
    found = {name: _json(properties[name]) for name in _TOPIC_DEFAULTS if name in properties}
    if not is_fifo and found.get("ContentBasedDeduplication") == "false":
        del found["ContentBasedDeduplication"]
    for logging in properties.get("DeliveryStatusLogging") or ():
        protocol = text(logging.get("Protocol"))
        if protocol not in _FEEDBACK_PREFIXES:
            raise ResourceRefused(f"Protocol {protocol} has no delivery status logging.")
        for name in _FEEDBACK:
            if name in logging:
                found[_FEEDBACK_PREFIXES[protocol] + name] = text(logging[name])
    return found


def _create_topic(context: Context, properties: Properties) -> Done:
    is_fifo = boolean(properties.get("FifoTopic", False))
    suffix = ".fifo" if is_fifo else ""
    name = properties.get("TopicName") or context.name(_NAME_CHARACTERS_MAX, suffix=suffix)
    attributes = _topic_attributes(properties)
    if is_fifo:
        attributes["FifoTopic"] = "true"
    protection = properties.get("DataProtectionPolicy")
    created = context.ask(
        "sns",
        "CreateTopic",
        {
            "Name": name,
            "Attributes": attributes,
            "Tags": context.tag_list(properties.get("Tags")),
            "DataProtectionPolicy": None if protection is None else _json(protection),
        },
    )
    arn = created["TopicArn"]
    _subscribe(context, arn, _inline(properties))
    return _topic(arn, properties)


def _topic(arn: str, properties: Properties) -> Done:
    """The topic and what Fn::GetAtt reads; that DisplayName is among it is not documented, but recorded from AWS."""
    name = arn.rpartition(":")[2]
    display_name = text(properties.get("DisplayName") or "")
    return Done(arn, {"TopicArn": arn, "TopicName": name, "DisplayName": display_name})


def _inline(properties: Properties) -> list[tuple[str, str]]:
    """The subscriptions inside a topic, by protocol and endpoint."""
    found: list[tuple[str, str]] = []
    for each in properties.get("Subscription") or ():
        if not isinstance(each, Mapping) or "Endpoint" not in each or "Protocol" not in each:
            raise ResourceRefused("Every Subscription must have an Endpoint and a Protocol.")
        found.append((text(each["Protocol"]), text(each["Endpoint"])))
    return found


def _subscribe(context: Context, arn: str, wanted: Iterable[tuple[str, str]]) -> None:
    for protocol, endpoint in wanted:
        context.ask(
            "sns", "Subscribe", {"TopicArn": arn, "Protocol": protocol, "Endpoint": endpoint}
        )


def _end(context: Context, arn: str, unwanted: set[tuple[str, str]]) -> None:
    """End subscriptions; those that nobody confirmed end by themselves."""
    token: str | None = None
    while unwanted:
        page = context.ask("sns", "ListSubscriptionsByTopic", {"TopicArn": arn, "NextToken": token})
        for each in page["Subscriptions"]:
            is_unwanted = (each["Protocol"], each["Endpoint"]) in unwanted
            if is_unwanted and find_arn(each["SubscriptionArn"]) is not None:
                context.ask("sns", "Unsubscribe", {"SubscriptionArn": each["SubscriptionArn"]})
        token = page.get("NextToken")
        if token is None:
            return


def _update_topic(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    before, after = _topic_attributes(old), _topic_attributes(new)
    gone = {name: _TOPIC_DEFAULTS.get(name, "") for name in before if name not in after}
    for name, value in {**gone, **after}.items():
        if before.get(name) != value:
            _set_topic_attribute(context, arn, name, value)
    if old.get("DataProtectionPolicy") != new.get("DataProtectionPolicy"):
        policy = _json(new.get("DataProtectionPolicy") or "")
        request = {"ResourceArn": arn, "DataProtectionPolicy": policy}
        context.ask("sns", "PutDataProtectionPolicy", request)
    had, has = _inline(old), _inline(new)
    _end(context, arn, set(had) - set(has))
    _subscribe(context, arn, [each for each in has if each not in had])
    tags_before, tags_after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    keys_gone = [key for key in tags_before if key not in tags_after]
    if keys_gone:
        context.ask("sns", "UntagResource", {"ResourceArn": arn, "TagKeys": keys_gone})
    context.ask(
        "sns", "TagResource", {"ResourceArn": arn, "Tags": context.tag_list(new.get("Tags"))}
    )
    return _topic(arn, new)


def _set_topic_attribute(context: Context, arn: str, name: str, value: str) -> None:
    context.ask(
        "sns",
        "SetTopicAttributes",
        {"TopicArn": arn, "AttributeName": name, "AttributeValue": value},
    )


def _delete_topic(context: Context, arn: str, properties: Properties) -> None:
    context.ask("sns", "DeleteTopic", {"TopicArn": arn})


# ---- AWS::SNS::Subscription


def _subscription_attributes(properties: Properties) -> dict[str, str]:
    return {name: _json(properties[name]) for name in _SUBSCRIPTION_DEFAULTS if name in properties}


def _in_region(context: Context, properties: Properties) -> Context:
    """The same resource, asking where its topic is."""
    region = properties.get("Region")
    if not region:
        return context
    return Context(
        context.call._replace(region=text(region)),
        context.api,
        context.stack_id,
        context.stack_name,
        context.logical_id,
        context.resource_type,
        context.token,
        context.stack_tags,
    )


def _create_subscription(context: Context, properties: Properties) -> Done:
    made = _in_region(context, properties).ask(
        "sns",
        "Subscribe",
        {
            "TopicArn": properties["TopicArn"],
            "Protocol": properties["Protocol"],
            "Endpoint": properties.get("Endpoint"),
            "Attributes": _subscription_attributes(properties),
            "ReturnSubscriptionArn": True,
        },
    )
    arn = made["SubscriptionArn"]
    return Done(arn, {"Arn": arn})


def _update_subscription(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    before, after = _subscription_attributes(old), _subscription_attributes(new)
    gone = {name: _SUBSCRIPTION_DEFAULTS[name] for name in before if name not in after}
    changes = {
        name: value for name, value in {**gone, **after}.items() if before.get(name) != value
    }
    steps = list(changes.items())
    if {"FilterPolicy", "FilterPolicyScope"} <= set(changes):
        # Neither fits the other's old value.
        steps.insert(0, ("FilterPolicy", "{}"))
        steps.sort(key=lambda step: step[0] == "FilterPolicy" and step[1] != "{}")
    for name, value in steps:
        _in_region(context, new).ask(
            "sns",
            "SetSubscriptionAttributes",
            {"SubscriptionArn": arn, "AttributeName": name, "AttributeValue": value},
        )
    return Done(arn, {"Arn": arn})


def _delete_subscription(context: Context, arn: str, properties: Properties) -> None:
    _in_region(context, properties).ask("sns", "Unsubscribe", {"SubscriptionArn": arn})


# ---- AWS::SNS::TopicPolicy and TopicInlinePolicy


def _topics_of(properties: Properties) -> list[str]:
    topics = properties.get("Topics") or properties.get("TopicArn") or ()
    return [topics] if isinstance(topics, str) else list(topics)


def _set_policy(context: Context, topics: Iterable[str], policy: str) -> None:
    for arn in topics:
        _set_topic_attribute(context, arn, "Policy", policy)


def _create_policy(context: Context, properties: Properties) -> Done:
    topics = _topics_of(properties)
    if not topics:
        raise ResourceRefused("Topics must name at least one topic.")
    _set_policy(context, topics, _json(properties["PolicyDocument"]))
    name = context.name()
    return Done(name, {"Id": name})


def _create_inline_policy(context: Context, properties: Properties) -> Done:
    topic = text(properties["TopicArn"])
    _set_policy(context, [topic], _json(properties["PolicyDocument"]))
    return Done(topic)


def _update_policy(context: Context, name: str, old: Properties, new: Properties) -> Done:
    has = _topics_of(new)
    _set_policy(context, [arn for arn in _topics_of(old) if arn not in has], "")
    _set_policy(context, has, _json(new["PolicyDocument"]))
    return Done(name, {"Id": name})


def _delete_policy(context: Context, name: str, properties: Properties) -> None:
    _set_policy(context, _topics_of(properties), "")


RESOURCES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::SNS::Topic",
        properties=frozenset(
            (
                *_TOPIC_DEFAULTS,
                "DataProtectionPolicy",
                "DeliveryStatusLogging",
                "FifoTopic",
                "Subscription",
                "Tags",
                "TopicName",
            )
        ),
        create_only=frozenset(("FifoTopic", "TopicName")),
        attributes=frozenset(("DisplayName", "TopicArn", "TopicName")),
        primary_identifier="TopicName",
        create=_create_topic,
        update=_update_topic,
        delete=_delete_topic,
    ),
    ResourceType(
        name="AWS::SNS::Subscription",
        properties=frozenset(
            (*_SUBSCRIPTION_DEFAULTS, "Endpoint", "Protocol", "Region", "TopicArn")
        ),
        required=frozenset(("Protocol", "TopicArn")),
        create_only=frozenset(("Endpoint", "Protocol", "TopicArn")),
        attributes=frozenset(("Arn",)),
        create=_create_subscription,
        update=_update_subscription,
        delete=_delete_subscription,
    ),
    ResourceType(
        name="AWS::SNS::TopicPolicy",
        properties=frozenset(("PolicyDocument", "Topics")),
        required=frozenset(("PolicyDocument", "Topics")),
        attributes=frozenset(("Id",)),
        create=_create_policy,
        update=_update_policy,
        delete=_delete_policy,
    ),
    ResourceType(
        name="AWS::SNS::TopicInlinePolicy",
        properties=frozenset(("PolicyDocument", "TopicArn")),
        required=frozenset(("PolicyDocument", "TopicArn")),
        create_only=frozenset(("TopicArn",)),
        create=_create_inline_policy,
        update=_update_policy,
        delete=_delete_policy,
    ),
)
