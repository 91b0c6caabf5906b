"""What CloudWatch tells of a service's own metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fogline.testing.plugin import Account


class Numbers:
    """The metrics of one namespace, of the last hour."""

    def __init__(self, account: Account, namespace: str) -> None:
        self._platform = account.platform
        self._client = account.client("cloudwatch")
        self._namespace = namespace

    def _times(self) -> dict[str, Any]:
        now = datetime.fromtimestamp(self._platform.now() / 1000, UTC)
        return {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(minutes=1)}

    def of(self, name: str, **dimensions: str) -> dict[str, Any] | None:
        """The one datapoint of a metric with exactly those dimensions; None where there is none."""
        found = self._client.get_metric_statistics(
            Namespace=self._namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            Period=7_200,
            Statistics=["Average", "Maximum", "SampleCount", "Sum"],
            **self._times(),
        )["Datapoints"]
        assert len(found) <= 1, found
        return found[0] if found else None

    def sum(self, name: str, **dimensions: str) -> float | None:
        found = self.of(name, **dimensions)
        return None if found is None else found["Sum"]

    def data(self, name: str, **dimensions: str) -> list[float]:
        """What GetMetricData answers of its sums by the minute."""
        metric = {
            "Namespace": self._namespace,
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        }
        query = {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
        found = self._client.get_metric_data(MetricDataQueries=[query], **self._times())
        return list(found["MetricDataResults"][0]["Values"])

    def dimensions(self, name: str) -> list[dict[str, str]]:
        """Under which dimensions a metric is listed."""
        found = self._client.list_metrics(Namespace=self._namespace, MetricName=name)["Metrics"]
        return [{each["Name"]: each["Value"] for each in one["Dimensions"]} for one in found]
