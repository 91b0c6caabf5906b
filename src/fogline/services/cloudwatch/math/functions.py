"""The functions of metric math, by their names."""

from __future__ import annotations

from collections.abc import Mapping

from fogline.services.cloudwatch.math import arrays, changes, reductions, times
from fogline.services.cloudwatch.math.arguments import Function
from fogline.services.cloudwatch.math.errors import ExpressionError

ABSENT = frozenset(
    (
        "ANOMALY_DETECTION_BAND", "DB_PERF_INSIGHTS", "INSIGHT_RULE_METRIC", "LAMBDA", "SEARCH",
        "SERVICE_QUOTA",
    )
)  # fmt: skip
"""What AWS has and Fogline has not."""


def find_function(name: str) -> Function:
    """Raises ExpressionError for what is no function, or none of ours."""
    if name in ABSENT:
        raise ExpressionError(f"Fogline does not implement the function {name} yet.")
    if name not in FUNCTIONS:
        raise ExpressionError(f"There is no function {name[:50]}.")
    return FUNCTIONS[name]


FUNCTIONS: Mapping[str, Function] = {
    **{name: reductions.reducing(name) for name in reductions.REDUCTIONS},
    **{name: changes.changing(name) for name in changes.CHANGES},
    **{name: changes.stepping(name) for name in changes.STEPS},
    **{name: times.timing(name) for name in times.TIMES},
    "FILL": changes.fill,
    "FIRST": arrays.first,
    "IF": changes.if_,
    "LAST": arrays.last,
    "METRICS": arrays.metrics,
    "METRIC_COUNT": arrays.metric_count,
    "PERIOD": times.period,
    "REMOVE_EMPTY": arrays.remove_empty,
    "RUNNING_SUM": changes.running_sum,
    "SLICE": arrays.slice_,
    "SORT": arrays.sort,
    "TIME_SERIES": times.time_series,
}
