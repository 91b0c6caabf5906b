"""What matching an event costs with ten rules and with ten thousand, in microseconds; no server, no store.

Run as `python bench/matching.py`. The last column should not pass 2: the cost follows the event, not the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from fogline.aws.patterns import compile_pattern
from fogline.aws.patterns.matcher import Matcher

FEW, MANY = 10, 10_000
_ROUNDS = 300
_TRIES = 9

Rules = Callable[[int], dict[str, Any]]
Kind = tuple[str, Rules, Rules]


def _detail(value: Any) -> dict[str, Any]:
    return {"source": "shop", "detail": {"key": value}}


KINDS: tuple[Kind, ...] = (
    (
        "value, number, anything-but",
        lambda n: {
            "source": ["shop"],
            "detail-type": [f"T{n}"],
            "detail": {"amount": [{"numeric": [">", n]}], "state": [{"anything-but": "x"}]},
        },
        lambda n: {
            "source": "shop",
            "detail-type": f"T{n}",
            "detail": {"amount": MANY, "state": "ok"},
        },
    ),
    ("prefix", lambda n: _detail([{"prefix": f"p{n}/"}]), lambda n: _detail(f"p{n}/x")),
    ("suffix", lambda n: _detail([{"suffix": f".{n}x"}]), lambda n: _detail(f"a.{n}x")),
    ("wildcard", lambda n: _detail([{"wildcard": f"{n}-*-z"}]), lambda n: _detail(f"{n}-abc-z")),
    (
        "equals-ignore-case",
        lambda n: _detail([{"equals-ignore-case": f"AB{n}"}]),
        lambda n: _detail(f"aB{n}"),
    ),
    (
        "numeric range",
        lambda n: _detail([{"numeric": [">", n, "<", n + 2]}]),
        lambda n: _detail(n + 1),
    ),
    (
        "cidr",
        lambda n: _detail([{"cidr": f"10.{n // 250}.{n % 250}.0/24"}]),
        lambda n: _detail(f"10.0.{n}.7"),
    ),
    (
        "$or",
        lambda n: {"$or": [{"detail": {"a": [n]}}, {"detail": {"b": [n]}}]},
        lambda n: {"detail": {"a": n, "b": n}},
    ),
)


def measure(rule: Rules, event: Rules, count: int) -> float:
    """Microseconds per event, the best of some tries."""
    matcher = Matcher()
    for number in range(count):
        pattern = rule(number)
        if isinstance(pattern.get("source"), str):
            pattern = {**pattern, "source": [pattern["source"]]}
        matcher.put(f"rule-{number}", compile_pattern(pattern))
    events = [event(number) for number in range(FEW)]
    best = float("inf")
    for _ in range(_TRIES):
        began = perf_counter()
        for turn in range(_ROUNDS):
            found = matcher.find(events[turn % FEW])
        best = min(best, (perf_counter() - began) / _ROUNDS)
        assert len(found) == 1, found
    return best * 1e6


def main() -> None:
    print(f"{'rules by':<30} {FEW:>8} {MANY:>8} {'ratio':>7}")
    for name, rule, event in KINDS:
        few, many = measure(rule, event, FEW), measure(rule, event, MANY)
        print(f"{name:<30} {few:>8.1f} {many:>8.1f} {many / few:>7.2f}")


if __name__ == "__main__":
    main()
