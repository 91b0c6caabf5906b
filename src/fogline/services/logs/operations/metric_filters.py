"""Metric filters: kept with their group, and tried on sample messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.logs.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceNotFoundException,
)
from fogline.services.logs.filter_patterns import InvalidFilterPattern, compile_filter
from fogline.services.logs.identifiers import require_group
from fogline.services.logs.pages import page_of
from fogline.services.logs.service import Logs
from fogline.services.logs.tables import metric_filter_key
from fogline.store.documents import Document

if TYPE_CHECKING:
    from types_boto3_logs.type_defs import (
        DeleteMetricFilterRequestTypeDef,
        DescribeMetricFiltersRequestTypeDef,
        PutMetricFilterRequestTypeDef,
        TestMetricFilterRequestTypeDef,
    )

Result = Mapping[str, Any]


def put_metric_filter(logs: Logs, call: Call, request: PutMetricFilterRequestTypeDef) -> Result:
    group_name, name = request["logGroupName"], request["filterName"]
    _check(request["filterPattern"])
    kept = {key: value for key, value in request.items() if value is not None}
    kept["metricTransformations"] = [_kept(each) for each in request["metricTransformations"]]
    with logs.store.write() as tx:
        require_group(logs.tables, tx, call, group_name)
        key = metric_filter_key(group_name, name)
        filters = logs.tables.metric_filters
        before = filters.find(tx, call.account, call.region, key)
        if before is None:
            others = filters.page(tx, call.account, call.region, prefix=f"{group_name}:")
            if len(others) >= logs.limits.metric_filters_max:
                raise LimitExceededException()
        filters.save(tx, call.account, call.region, key, {**kept, "creationTime": call.now})
    return {}


def delete_metric_filter(
    logs: Logs, call: Call, request: DeleteMetricFilterRequestTypeDef
) -> Result:
    group_name = request["logGroupName"]
    with logs.store.write() as tx:
        require_group(logs.tables, tx, call, group_name)
        key = metric_filter_key(group_name, request["filterName"])
        if not logs.tables.metric_filters.remove(tx, call.account, call.region, key):
            raise ResourceNotFoundException(resource="metric filter")
    return {}


def describe_metric_filters(
    logs: Logs, call: Call, request: DescribeMetricFiltersRequestTypeDef
) -> Result:
    group_name = request.get("logGroupName")
    metric, namespace = request.get("metricName"), request.get("metricNamespace")
    if bool(metric) is not bool(namespace):
        raise InvalidParameterException(
            reason="metricName and metricNamespace must be given together."
        )
    with logs.store.read() as tx:
        if group_name:
            require_group(logs.tables, tx, call, group_name)
        front = f"{group_name}:" if group_name else ""
        filters = logs.tables.metric_filters.page(tx, call.account, call.region, prefix=front)
    chosen = [
        (key, each)
        for key, each in filters
        if each["filterName"].startswith(request.get("filterNamePrefix", ""))
        and (not metric or _emits(each, metric, namespace or ""))
    ]
    limit = request.get("limit", logs.limits.described_max)
    page, next_token = page_of(chosen, request.get("nextToken"), limit)
    described = [{"applyOnTransformedLogs": False, **each} for _, each in page]
    return {"metricFilters": described, **({"nextToken": next_token} if next_token else {})}


def test_metric_filter(logs: Logs, call: Call, request: TestMetricFilterRequestTypeDef) -> Result:
    pattern = _check(request["filterPattern"])
    return {
        "matches": [
            {
                "eventNumber": number,
                "eventMessage": message,
                "extractedValues": pattern.extract(message),
            }
            for number, message in enumerate(request["logEventMessages"], 1)
            if pattern.matches(message)
        ]
    }


def _check(text: str) -> Any:
    try:
        return compile_filter(text)
    except InvalidFilterPattern as error:
        raise InvalidParameterException(reason=error) from None


def _kept(transformation: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in transformation.items() if value is not None}
    if "defaultValue" in kept:
        kept["defaultValue"] = float(kept["defaultValue"])
    return kept


def _emits(metric_filter: Document, metric: str, namespace: str) -> bool:
    return any(
        (each["metricName"], each["metricNamespace"]) == (metric, namespace)
        for each in metric_filter["metricTransformations"]
    )
