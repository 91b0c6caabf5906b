"""How many of its items a map run may lose before it has failed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tolerance:
    """`ToleratedFailureCount` and `ToleratedFailurePercentage`, as `DescribeMapRun` shows them.

    0 is what a definition says that says nothing, so it takes nothing back that the other field allows.
    """

    count: int = 0
    percentage: float = 0.0

    def is_exceeded(self, failed: int, total: int) -> bool:
        """True once `failed` of `total` items are more than either threshold allows.

        Items count, not executions: a batch that fails takes all of its items along. Failed are those whose
        execution failed or took too long.
        """
        if not self.count and not self.percentage:
            return failed > 0
        if self.count and failed > self.count:
            return True
        return bool(self.percentage) and failed * 100 > self.percentage * total
