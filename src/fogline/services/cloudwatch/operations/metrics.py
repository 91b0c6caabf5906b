"""Metrics: put in by users, and listed with those that services report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fogline.aws import pages
from fogline.aws.call import Call
from fogline.services.cloudwatch.datums import read_datums
from fogline.services.cloudwatch.errors import InvalidParameterValueException
from fogline.services.cloudwatch.service import CloudWatch
from fogline.services.cloudwatch.tables import Position, Series

if TYPE_CHECKING:
    from types_boto3_cloudwatch.type_defs import ListMetricsInputTypeDef, PutMetricDataInputTypeDef

Result = Mapping[str, Any]


def put_metric_data(
    cloudwatch: CloudWatch, call: Call, request: PutMetricDataInputTypeDef
) -> Result:
    arrived = read_datums(call, request, cloudwatch.limits)
    with cloudwatch.store.write() as tx:
        cloudwatch.tables.add(tx, arrived, call.now)
    cloudwatch.compaction.expect(call.now)
    return {}


def list_metrics(cloudwatch: CloudWatch, call: Call, request: ListMetricsInputTypeDef) -> Result:
    limits = cloudwatch.limits
    after = _position_of(request.get("NextToken"))
    cloudwatch.collector.flush()
    age = limits.active_age_max if request.get("RecentlyActive") else limits.listed_age_max
    found: list[Series] = []
    scanned = 0
    names = (request.get("Namespace"), request.get("MetricName"))
    # No name has the character that no store keeps in text.
    is_nobodys = request.get("OwningAccount") not in (None, call.account) or any(
        name is not None and "\0" in name for name in names
    )
    with cloudwatch.store.read() as tx:
        while not is_nobodys:
            chunk = cloudwatch.tables.listed(
                tx,
                call.account,
                call.region,
                namespace=names[0],
                name=names[1],
                since=call.now - age,
                after=after,
                limit=limits.listed_max + 1,
            )
            for series in chunk:
                if len(found) == limits.listed_max or scanned == limits.listed_scanned_max:
                    return _page(call, request, found, after)
                scanned += 1
                after = (series.namespace, series.name, series.id)
                if _has(series, request.get("Dimensions") or ()):
                    found.append(series)
            if len(chunk) <= limits.listed_max:
                break
    return _page(call, request, found, None)


def _has(series: Series, filters: Sequence[Any]) -> bool:
    dimensions = dict(series.dimensions)
    return all(
        each["Name"] in dimensions
        and dimensions[each["Name"]] == each.get("Value", dimensions[each["Name"]])
        for each in filters
    )


def _page(
    call: Call, request: ListMetricsInputTypeDef, found: Sequence[Series], last: Position | None
) -> Result:
    answer: dict[str, Any] = {
        "Metrics": [
            {
                "Namespace": series.namespace,
                "MetricName": series.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in series.dimensions],
            }
            for series in found
        ]
    }
    if request.get("IncludeLinkedAccounts"):
        answer["OwningAccounts"] = [call.account] * len(found)
    if last is not None:
        answer["NextToken"] = pages.next_token(f"{last[2].hex()}\n{last[0]}\n{last[1]}")
    return answer


def _position_of(token: str | None) -> Position | None:
    try:
        start = pages.page_start(token)
        if not start:
            return None
        number, namespace, name = start.split("\n", 2)
        return namespace, name, bytes.fromhex(number)
    except (pages.InvalidNextToken, ValueError):
        raise InvalidParameterValueException(value=token, parameter="NextToken") from None
