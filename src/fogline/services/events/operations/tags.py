"""Tags of buses and rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.services.events.errors import ValidationException
from fogline.services.events.lookup import require_bus, require_changeable, require_rule
from fogline.services.events.service import Events
from fogline.services.events.tables import DEFAULT, BusKey
from fogline.services.events.tag_lists import check_count, read_tags, written_tags
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_events import type_defs as types

Result = Mapping[str, Any]


def list_tags_for_resource(
    events: Events, call: Call, request: types.ListTagsForResourceRequestTypeDef
) -> Result:
    with events.store.read() as tx:
        _, _, document = _find(events, tx, request["ResourceARN"])
    return {"Tags": written_tags(document.get("tags") or {})}


def tag_resource(events: Events, call: Call, request: types.TagResourceRequestTypeDef) -> Result:
    added = read_tags(request["Tags"], call, events.limits)
    with events.store.write() as tx:
        bus, rule, document = _find(events, tx, request["ResourceARN"], is_change=True)
        tags = {**(document.get("tags") or {}), **added}
        check_count(tags, events.limits)
        _save(events, tx, call, bus, rule, {**document, "tags": tags})
    return {}


def untag_resource(
    events: Events, call: Call, request: types.UntagResourceRequestTypeDef
) -> Result:
    gone = set(request["TagKeys"])
    with events.store.write() as tx:
        bus, rule, document = _find(events, tx, request["ResourceARN"], is_change=True)
        tags = {
            key: value for key, value in (document.get("tags") or {}).items() if key not in gone
        }
        _save(events, tx, call, bus, rule, {**document, "tags": tags})
    return {}


def _find(
    events: Events, tx: Tx, arn_text: str, *, is_change: bool = False
) -> tuple[BusKey, str, Document]:
    """The bus, the name of the rule ("" for the bus itself), and the document that has the tags."""
    arn = find_arn(arn_text)
    if arn is None or arn.service != "events":
        raise ValidationException(
            "Parameter ResourceARN is not valid. Reason: Provided Arn is not in correct format."
        )
    kind, _, name = arn.resource.partition("/")
    if kind == "event-bus":
        bus = BusKey(arn.account, arn.region, name)
        if is_change:
            events.tables.lock(tx, bus)
        return bus, "", require_bus(events, tx, bus)
    if kind == "rule":
        bus_name, _, rule = name.rpartition("/")
        bus = BusKey(arn.account, arn.region, bus_name or DEFAULT)
        if is_change:
            events.tables.lock(tx, bus)
        document = require_rule(events, tx, bus, rule)
        if is_change:
            require_changeable(document)
        return bus, rule, document
    raise ValidationException(
        "Parameter ResourceARN is not valid. Reason: Only rules and event buses have tags."
    )


def _save(
    events: Events, tx: Tx, call: Call, bus: BusKey, rule: str, document: Mapping[str, Any]
) -> None:
    if rule:
        events.tables.save_rule(tx, bus, document, call.now)
    else:
        events.tables.save_bus(tx, bus, document, call.now)
