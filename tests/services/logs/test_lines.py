from __future__ import annotations

import pytest

from fogline.services.logs.operations.groups import delete_log_group, describe_log_groups

ACCOUNT, REGION, GROUP = "000000000000", "us-east-1", "/aws/lambda/orders"


def test_lines_make_their_group_and_stream(bench) -> None:
    now = bench.clock.now()
    bench.put((now, "START"), (now + 1, "END"))
    bench.put((now + 2, "START"))
    assert bench.found(logStreamNames=["s"]) == ["START", "END", "START"]
    assert bench.stirred == [f"logs:{ACCOUNT}:{REGION}:{GROUP}"] * 2


def test_lines_are_sorted_and_empty_ones_left_out(bench) -> None:
    bench.put((2, "b"), (3, ""), (1, "a"))
    assert bench.found() == ["a", "b"]
    bench.put((1, ""), stream="never")
    assert bench.found(logStreamNamePrefix="never") == []


def test_lines_that_are_undone_leave_nothing_behind(bench) -> None:
    with pytest.raises(ZeroDivisionError), bench.store.write() as tx:
        bench.lines.put_lines(tx, ACCOUNT, REGION, GROUP, "s", [(1, "lost")])
        _ = 1 // 0
    assert describe_log_groups(bench.logs, bench.call(), {})["logGroups"] == []
    bench.put((1, "kept"))
    assert bench.found() == ["kept"]


def test_lines_after_their_group_was_deleted_make_it_again(bench) -> None:
    bench.put((1, "before"))
    delete_log_group(bench.logs, bench.call(), {"logGroupName": GROUP})
    bench.put((2, "after"))
    assert bench.found() == ["after"]


def test_much_output_is_kept_in_several_batches(bench) -> None:
    bench.put((1, "x" * 1_000_000), (2, "y" * 300_000), (1 + 86_400_000, "z"))
    lines = bench.found()
    assert "".join(lines) == "x" * 1_000_000 + "y" * 300_000 + "z"
    assert max(map(len, lines)) <= 262_144
