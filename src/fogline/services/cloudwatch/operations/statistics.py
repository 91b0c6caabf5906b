"""Statistics of one metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.ports.metrics import Source
from fogline.services.cloudwatch.errors import (
    InvalidParameterCombinationException,
    InvalidParameterValueException,
)
from fogline.services.cloudwatch.periods import Slots, is_period, slots_of
from fogline.services.cloudwatch.reading import Reading
from fogline.services.cloudwatch.service import CloudWatch
from fogline.services.cloudwatch.statistics import PLAIN, Statistic, find_statistic
from fogline.world.clock import SECOND

if TYPE_CHECKING:
    from types_boto3_cloudwatch.type_defs import GetMetricStatisticsInputTypeDef

Result = Mapping[str, Any]


def get_metric_statistics(
    cloudwatch: CloudWatch, call: Call, request: GetMetricStatisticsInputTypeDef
) -> Result:
    slots = _read_slots(call, request, cloudwatch.limits.statistics_datapoints_max)
    plain, extended = _read_statistics(request)
    dimensions = request.get("Dimensions") or ()
    source = Source(
        call.account,
        call.region,
        request["Namespace"],
        tuple((each["Name"], each["Value"]) for each in dimensions),
    )
    name = request["MetricName"]
    cloudwatch.collector.flush()
    with cloudwatch.store.read() as tx:
        sets = Reading(cloudwatch, tx, call.now).sets(
            source, name, slots, request.get("Unit"), with_spread=bool(extended)
        )
    datapoints = []
    for slot, unit, numbers in sets:
        datapoint: dict[str, Any] = {"Timestamp": slots.at(slot), "Unit": unit}
        datapoint |= {each: PLAIN[each](numbers) for each in plain}
        if extended:
            told = {each: statistic(numbers) for each, statistic in extended.items()}
            known = {each: value for each, value in told.items() if value is not None}
            if not known:
                continue
            datapoint["ExtendedStatistics"] = known
        datapoints.append(datapoint)
    return {"Label": name, "Datapoints": datapoints}


def _read_slots(call: Call, request: Any, datapoints_max: int) -> Slots:
    start, end, period = request["StartTime"], request["EndTime"], request["Period"]
    if start >= end:
        raise InvalidParameterValueException(
            "The parameter StartTime must be less than the parameter EndTime."
        )
    if not is_period(period):
        raise InvalidParameterValueException(
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60."
        )
    count = -(-(end - start) // (period * SECOND))
    if count > datapoints_max:
        raise InvalidParameterCombinationException(
            f"You have requested up to {count} datapoints, which exceeds the limit of"
            f" {datapoints_max}. You may reduce the datapoints requested by increasing Period, or"
            " decreasing the time range."
        )
    return slots_of(start, end, period, call.now)


def _read_statistics(request: Any) -> tuple[list[str], dict[str, Statistic]]:
    plain = request.get("Statistics") or []
    extended: dict[str, Statistic] = {}
    for place, name in enumerate(request.get("ExtendedStatistics") or [], 1):
        statistic = find_statistic(name)
        if statistic is None or name in PLAIN:
            raise InvalidParameterValueException(
                value=name, parameter=f"ExtendedStatistics.member.{place}"
            )
        extended[name] = statistic
    if not plain and not extended:
        raise InvalidParameterCombinationException(
            "At least one of the parameters Statistics and ExtendedStatistics must be specified."
        )
    if plain and extended:
        raise InvalidParameterCombinationException(one="Statistics", other="ExtendedStatistics")
    return plain, extended
