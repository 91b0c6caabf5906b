"""Delivering: from a rule that matched to its targets, in the transaction that brought the event.

What a target cannot take goes to the target's dead-letter queue at once: to try again would not help. What leaves the
machine is promised to the outbox by whoever answers for the target, and retried there.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fogline.aws.input_templates import TemplateFailed, find_path, is_json, written
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.events import archiving, dead_letters
from fogline.services.events.event import Event
from fogline.services.events.routes import Rule, Target
from fogline.services.events.service import Events
from fogline.store.store import Tx

log = logging.getLogger("fogline.events")


def deliver_to_targets(events: Events, tx: Tx, rule: Rule, event: Event, now: int) -> None:
    """Hand an event to every target of a rule. A target that fails does not stop the others."""
    if rule.is_archive:
        archiving.keep(events, tx, rule.document, event)
        return
    for target in rule.targets:
        deliver(events, tx, rule, target, event, now)


def deliver(events: Events, tx: Tx, rule: Rule, target: Target, event: Event, now: int) -> None:
    """Hand an event to one target, or to its dead-letter queue."""
    text = ""
    try:
        text = target.payload.make(event, rule.name, rule.arn)
        if target.needs_json and not is_json(text):
            raise TargetUnavailable("The input is not valid JSON", code="SDK_CLIENT_ERROR")
        facts = _facts(rule, target, event)
        sending = Sending(target.arn, text, event.trace, now, facts=facts)
        events.targets.send(tx, sending)
    except TemplateFailed as failed:
        _bury(events, tx, rule, target, event, event.text, "INVALID_JSON", str(failed), now)
    except TargetUnavailable as gone:
        _bury(events, tx, rule, target, event, text, gone.code, str(gone), now)


def _bury(
    events: Events,
    tx: Tx,
    rule: Rule,
    target: Target,
    event: Event,
    body: str,
    code: str,
    message: str,
    now: int,
) -> None:
    is_kept = dead_letters.bury(
        events.targets,
        tx,
        target.dead_letters,
        body=body,
        rule_arn=rule.arn,
        target_arn=target.arn,
        code=code,
        message=message,
        trace=event.trace,
        now=now,
    )
    if not is_kept:
        log.warning("%s does not reach %s: %s (%s)", rule.arn, target.arn, message, code)


def _facts(rule: Rule, target: Target, event: Event) -> Mapping[str, Any]:
    """What the target is told beside the payload. A bus is handed the event itself."""
    facts = target.facts
    if not target.needs_facts:
        return facts
    made: dict[str, Any] = {**facts, "RuleArn": rule.arn}
    if target.is_bus:
        made["Event"] = event
    group = made.get("MessageGroupId")
    if group:
        made["MessageGroupId"] = _text_at(event, group)
    path = made.pop("PartitionKeyPath", None)
    if path:
        made["PartitionKey"] = _text_at(event, path)
    elif target.is_stream:
        made["PartitionKey"] = event.document["id"]
    parameters = made.get("HttpParameters")
    if parameters:
        made["HttpParameters"] = _resolved(parameters, event)
    return made


def _resolved(parameters: Mapping[str, Any], event: Event) -> dict[str, Any]:
    """HTTP parameters, with what the event holds in place of the paths among them."""
    resolved: dict[str, Any] = {}
    for name, value in parameters.items():
        if isinstance(value, list):
            resolved[name] = [_text_at(event, each) for each in value]
        else:
            resolved[name] = {key: _text_at(event, each) for key, each in value.items()}
    return resolved


def _text_at(event: Event, text: str) -> str:
    """A text, or what the event holds where the text is a path (`$.detail.customer`)."""
    if not text.startswith("$."):
        return text
    value = find_path(event.document, text, "")
    return value if isinstance(value, str) else written(value)
