"""The CloudFormation types of records that lead a custom domain name to its APIs.

There is no DNS here: a custom domain name answers whoever addresses it (ADR 25). So a record that leads one to
where AWS would have it changes nothing and is taken; any other is refused.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-recordset.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fogline.ports.resources import Context, Done, Properties, ResourceRefused, ResourceType, text
from fogline.services.apigateway.errors import NotFoundException
from fogline.services.apigateway.resource_changes import ask

_RECORD = (
    "AliasTarget",
    "Comment",
    "HostedZoneId",
    "HostedZoneName",
    "Name",
    "Region",
    "ResourceRecords",
    "SetIdentifier",
    "TTL",
    "Type",
    "Weight",
)
_TYPES = ("A", "AAAA", "CNAME")
_TARGETS = ("regionalDomainName", "distributionDomainName")
_ENDPOINTS = ".vpce.amazonaws.com"


# ---- AWS::Route53::RecordSet


def _put_record(context: Context, properties: Properties) -> Done:
    name = _name(properties.get("Name"))
    _check(context, name, properties)
    return Done(name)


def _update_record(context: Context, id: str, old: Properties, new: Properties) -> Done:
    return _put_record(context, new)


# ---- AWS::Route53::RecordSetGroup


def _put_group(context: Context, properties: Properties) -> Done:
    for record in properties.get("RecordSets") or ():
        if not isinstance(record, Mapping):
            raise ResourceRefused("RecordSets must be a list of objects.")
        _check(context, _name(record.get("Name")), record)
    return Done(context.name())


def _update_group(context: Context, id: str, old: Properties, new: Properties) -> Done:
    _put_group(context, new)
    return Done(id)


def _delete(context: Context, id: str, properties: Properties) -> None:
    """A record is nothing but what its template says."""


def _check_group(properties: Properties) -> str | None:
    records = properties.get("RecordSets")
    if records is not None and not isinstance(records, list):
        return "RecordSets must be a list of objects."
    return None


# ---- what may be said


def _check(context: Context, name: str, record: Mapping[str, Any]) -> None:
    """Raises ResourceRefused for a record that does not lead a custom domain name to its APIs."""
    targets = set(_targets(record))
    try:
        domain = ask(context, "GetDomainName", {"domainName": name})
    except NotFoundException:
        domain = {}
    known = {domain[one].lower() for one in _TARGETS if domain.get(one)}
    # A private name leads to an endpoint of a VPC. Nothing in a template says that its record has to wait for it.
    is_private = (domain.get("endpointConfiguration") or {}).get("types") == ["PRIVATE"] or all(
        target.endswith(_ENDPOINTS) for target in targets
    )
    leads_home = bool(targets) and (is_private or targets <= known)
    if record.get("Type") not in _TYPES or not leads_home:
        raise ResourceRefused(
            f"Fogline keeps no DNS records: {name} can only lead to the domain name that API Gateway "
            "has for a custom domain name of that name."
        )


def _targets(record: Mapping[str, Any]) -> Iterator[str]:
    alias = record.get("AliasTarget")
    if isinstance(alias, Mapping):
        yield _name(alias.get("DNSName"))
    listed = record.get("ResourceRecords")
    if isinstance(listed, list):
        yield from (_name(each) for each in listed)


def _name(value: object) -> str:
    """A name of DNS, which may end with a dot."""
    return text(value or "").lower().removesuffix(".")


RESOURCES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::Route53::RecordSet",
        properties=frozenset(_RECORD),
        required=frozenset(("Name", "Type")),
        create_only=frozenset(("HostedZoneId", "HostedZoneName", "Name")),
        create=_put_record,
        update=_update_record,
        delete=_delete,
    ),
    ResourceType(
        name="AWS::Route53::RecordSetGroup",
        properties=frozenset(("Comment", "HostedZoneId", "HostedZoneName", "RecordSets")),
        create_only=frozenset(("HostedZoneId", "HostedZoneName")),
        check=_check_group,
        create=_put_group,
        update=_update_group,
        delete=_delete,
    ),
)
