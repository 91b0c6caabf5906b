"""Times: series that say when they are, and for how long."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from fogline.services.cloudwatch.math.arguments import (
    Arguments,
    Function,
    Surroundings,
    exactly,
    like,
    number_of,
    one_series,
)
from fogline.services.cloudwatch.math.values import (
    TimeSeries,
    Value,
)
from fogline.world.clock import SECOND

TIMES: Mapping[str, Callable[[datetime], float]] = {
    "MINUTE": lambda at: at.minute,
    "HOUR": lambda at: at.hour,
    "DAY": lambda at: at.isoweekday(),
    "DATE": lambda at: at.day,
    "MONTH": lambda at: at.month,
    "YEAR": lambda at: at.year,
    "EPOCH": lambda at: at.timestamp(),
}


def timing(name: str) -> Function:
    told = TIMES[name]

    def timed(given: Arguments, around: Surroundings) -> Value:
        (value,) = exactly(name, given, 1)
        series = one_series(name, value)
        instants = around.instants(series.period)
        around.budget.spend(len(instants))
        return like(
            series, {at: float(told(datetime.fromtimestamp(at / SECOND, UTC))) for at in instants}
        )

    return timed


def time_series(given: Arguments, around: Surroundings) -> Value:
    (value,) = exactly("TIME_SERIES", given, 1)
    number = number_of("TIME_SERIES", value)
    known = around.metrics()
    period = known[0][1].period if known else 60
    instants = around.instants(period)
    around.budget.spend(len(instants))
    numbers = {} if math.isnan(number) else dict.fromkeys(instants, number)
    return TimeSeries(numbers, "", period)


def period(given: Arguments, around: Surroundings) -> Value:
    (value,) = exactly("PERIOD", given, 1)
    return float(one_series("PERIOD", value).period)
