from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.services.refusals import refusal

from fogline.testing.platform import LocalPlatform

__all__ = ["refusal"]

NAMESPACE = "Shop"


class Numbers:
    """Puts numbers of one account into CloudWatch and asks about them, around the platform's own time."""

    def __init__(self, platform: LocalPlatform, client: Any) -> None:
        self._platform = platform
        self.client = client

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._platform.now() / 1000, UTC)

    def put(self, name: str, *values: float, **datum: Any) -> None:
        self.client.put_metric_data(
            Namespace=NAMESPACE,
            MetricData=[{"MetricName": name, "Value": value, **datum} for value in values]
            or [{"MetricName": name, **datum}],
        )

    def span(self, minutes: float = 60) -> dict[str, datetime]:
        reach = timedelta(minutes=minutes)
        return {"StartTime": self.now() - reach, "EndTime": self.now() + reach}

    def statistics(self, name: str, *statistics: str, **request: Any) -> list[dict[str, Any]]:
        kind = "Statistics" if statistics[0].isalpha() else "ExtendedStatistics"
        asked = {"Period": 60, **self.span(), kind: list(statistics), **request}
        answer = self.client.get_metric_statistics(Namespace=NAMESPACE, MetricName=name, **asked)
        return answer["Datapoints"]

    def data(self, *queries: dict[str, Any], **request: Any) -> list[dict[str, Any]]:
        asked = {**self.span(), "ScanBy": "TimestampAscending", **request}
        answer = self.client.get_metric_data(MetricDataQueries=list(queries), **asked)
        return answer["MetricDataResults"]

    @staticmethod
    def query(number: str, name: str, stat: str = "Sum", **query: Any) -> dict[str, Any]:
        period = query.pop("Period", 60)
        unit = {"Unit": query.pop("Unit")} if "Unit" in query else {}
        dimensions = query.pop("Dimensions", [])
        metric = {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": dimensions}
        return {
            "Id": number,
            "MetricStat": {"Metric": metric, "Period": period, "Stat": stat, **unit},
            **query,
        }


@pytest.fixture
def numbers(fogline, fogline_platform) -> Numbers:
    """At a time that periods of minutes begin with, wherever other tests have left the clock."""
    fogline_platform.advance(seconds=-fogline_platform.now() % 300_000 / 1000)
    return Numbers(fogline_platform, fogline.client("cloudwatch"))


@pytest.fixture
def cloudwatch(numbers):
    return numbers.client
