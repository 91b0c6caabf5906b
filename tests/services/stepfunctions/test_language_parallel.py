"""Parallel states: branches side by side, their results together, and one failure for all."""

from __future__ import annotations

WAIT = {"Type": "Wait", "Seconds": 10, "End": True}
BROKEN = {"Type": "Fail", "Error": "Broken", "Cause": "c"}


def branch(**states):
    return {"StartAt": next(iter(states)), "States": states}


def parallel(*branches, **more):
    return {"Both": {"Type": "Parallel", "Branches": list(branches), "End": True, **more}}


def result(name, value):
    return branch(**{name: {"Type": "Pass", "Result": value, "End": True}})


def test_results_stand_in_the_order_of_the_branches(begin):
    slow = branch(
        Slow=WAIT,
    )
    running = begin(parallel(slow, result("Fast", 2)), 1)
    assert running.status == "RUNNING"
    running.advance(10)
    assert running.output == [1, 2]


def test_branches_go_on_at_the_same_time(begin):
    running = begin(parallel(branch(A=WAIT), branch(B=WAIT)))
    running.advance(10)
    assert running.status == "SUCCEEDED"
    assert running.seconds("WaitStateExited") == [10, 10]


def test_each_branch_is_given_what_the_parameters_make(begin):
    states = parallel(
        branch(A={"Type": "Pass", "End": True}),
        branch(B={"Type": "Succeed"}),
        Parameters={"v.$": "$.a"},
        ResultSelector={"first.$": "$[0].v"},
        ResultPath="$.r",
    )
    assert begin(states, {"a": 1}).output == {"a": 1, "r": {"first": 1}}


def test_a_branch_that_fails_ends_the_others(begin):
    running = begin(parallel(branch(A=WAIT), branch(B=BROKEN)))
    assert running.error == "Broken"
    assert len(running.events("WaitStateAborted")) == 1
    running.advance(10)
    assert running.events()[-1]["type"] == "ExecutionFailed"


def test_a_parallel_inside_a_parallel_fails_it_too(begin):
    deep = branch(Pause={"Type": "Wait", "Seconds": 1, "Next": "Deep"}, Deep=BROKEN)
    inner = parallel(deep, branch(Slow=WAIT))["Both"]
    running = begin({"Outer": parallel(branch(Inner=inner), branch(C=WAIT))["Both"]})
    running.advance(1)
    assert running.error == "Broken"
    assert len(running.events("WaitStateAborted")) == 2


def test_a_failure_can_be_caught_inside(begin):
    catch = [{"ErrorEquals": ["Broken"], "Next": "Sorry", "ResultPath": "$.e"}]
    inner = {**parallel(branch(Deep=BROKEN))["Both"], "Catch": catch}
    around = branch(Inner=inner, Sorry={"Type": "Pass", "End": True})
    running = begin({"Outer": parallel(around, result("B", 2))["Both"]}, {"a": 1})
    assert running.output == [{"a": 1, "e": {"Error": "Broken", "Cause": "c"}}, 2]


def test_a_parallel_is_tried_again_as_a_whole(begin):
    retry = [{"ErrorEquals": ["Broken"], "IntervalSeconds": 5, "MaxAttempts": 1}]
    running = begin(parallel(branch(A=BROKEN), branch(B=WAIT), Retry=retry))
    running.advance(4)
    assert running.status == "RUNNING"
    assert len(running.events("ParallelStateStarted")) == 1
    running.advance(1)
    assert len(running.events("ParallelStateStarted")) == 2
    assert running.error == "Broken"


def test_results_that_are_too_large_together_fail(begin):
    size = 131_072 - 4  # two texts with quotes, a comma and the brackets: 262,143 bytes
    assert begin(parallel(*(branch(**{n: {"Type": "Succeed"}}) for n in "AB")), "x" * size).output
    states = parallel(*(branch(**{n: {"Type": "Succeed"}}) for n in "AB"))
    assert begin(states, "x" * (size + 1)).error == "States.DataLimitExceeded"


def test_what_branches_are_given_may_have_256_kibibytes_and_no_more(begin):
    # {"a":"...","b":"..."} has 15 bytes besides the two texts.
    states = parallel(result("One", 1), Parameters={"a.$": "$", "b.$": "$"})
    half = (262_144 - 15) // 2
    assert begin(states, "x" * half).output == [1]
    assert begin(states, "x" * (half + 1)).error == "States.DataLimitExceeded"
