"""Variables: set by states, seen by those that follow, each branch with its own."""

from __future__ import annotations


def setting(next, **values):
    return {"Type": "Pass", "Assign": values, "Next": next}


def telling(path, **more):
    return {"Type": "Pass", "Parameters": {"v.$": path}, "End": True, **more}


def test_a_variable_is_seen_by_the_states_that_follow(begin):
    states = {"Set": setting("Between", v=1), "Between": {"Type": "Pass", "Next": "Tell"}}
    assert begin({**states, "Tell": telling("$v")}).output == {"v": 1}


def test_all_variables_of_a_state_are_set_at_once(begin):
    states = {
        "Set": setting("Swap", a=1, b=2),
        "Swap": setting("Tell", **{"a.$": "$b", "b.$": "$a"}),
        "Tell": telling("States.Array($a, $b)"),
    }
    assert begin(states).output == {"v": [2, 1]}


def test_a_state_does_not_see_what_it_sets_itself(begin):
    states = {
        "Set": setting("Both", v=1),
        "Both": {
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Assign": {"v": "{% $v + 1 %}"},
            "Output": "{% $v %}",
            "End": True,
        },
    }
    assert begin(states).output == 1


def test_a_variable_that_was_never_set_fails(begin):
    assert begin({"Tell": telling("$v")}).error == "States.Runtime"


def test_branches_see_the_variables_around_them_and_keep_their_own(begin):
    inner = {
        "StartAt": "Set2",
        "States": {"Set2": setting("Tell2", w=2), "Tell2": telling("States.Array($v, $w)")},
    }
    states = {
        "Set": setting("Both", v=1),
        "Both": {"Type": "Parallel", "Branches": [inner], "Next": "Tell"},
        "Tell": telling("$w"),
    }
    running = begin(states)
    assert running.error == "States.Runtime"
    [left] = running.events("ParallelStateExited")
    assert left["stateExitedEventDetails"]["output"] == '[{"v":[1,2]}]'


def test_iterations_keep_their_variables_apart(begin):
    inner = {
        "StartAt": "Keep",
        "States": {
            "Keep": {"Type": "Pass", "Assign": {"mine.$": "$"}, "Next": "Pause"},
            "Pause": {"Type": "Wait", "Seconds": 1, "Next": "Show"},
            "Show": telling("$mine"),
        },
    }
    state = {"Type": "Map", "ItemProcessor": inner, "End": True}
    running = begin({"All": state}, [1, 2, 3])
    running.advance(1)
    assert running.output == [{"v": 1}, {"v": 2}, {"v": 3}]


def test_a_parallel_sets_variables_from_its_result(begin):
    inner = {"StartAt": "One", "States": {"One": {"Type": "Pass", "Result": 1, "End": True}}}
    states = {
        "Both": {
            "Type": "Parallel",
            "Branches": [inner],
            "Assign": {"v.$": "$[0]"},
            "Next": "Tell",
        },
        "Tell": telling("$v"),
    }
    assert begin(states).output == {"v": 1}


def test_a_state_may_set_256_kibibytes_of_variables_and_no_more(begin):
    # Each of the two texts has its quotes.
    for size, status in ((131_070, "SUCCEEDED"), (131_071, "FAILED")):
        state = {"Type": "Pass", "Assign": {"a.$": "$", "b.$": "$"}, "Result": 1, "End": True}
        running = begin({"Hold": {**state, "Result": "x" * size}})
        assert running.status == status
    assert running.error == "States.DataLimitExceeded"


def test_an_execution_may_keep_ten_mebibytes_of_variables(begin):
    names = [f"v{n}" for n in range(41)]
    states = {
        name: {"Type": "Pass", "Assign": {name: "x" * 262_000}, "Next": next}
        for name, next in zip(names, [*names[1:], "Done"], strict=True)
    }
    # Larger than a definition may be: each sets what the one before it has.
    for name, before in zip(names[1:], names, strict=False):
        states[name]["Assign"] = {f"{name}.$": f"${before}"}
    running = begin({**states, "Done": {"Type": "Succeed"}})
    assert running.error == "States.DataLimitExceeded"
    assert len(running.events("PassStateExited")) == 40


def test_a_catcher_sets_variables_from_the_error(begin):
    inner = {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "Broken", "Cause": "c"}}}
    catch = {"ErrorEquals": ["States.ALL"], "Assign": {"why.$": "$.Error"}, "Next": "Tell"}
    states = {
        "Both": {
            "Type": "Parallel",
            "Branches": [inner],
            "Assign": {"why": "none"},
            "Catch": [catch],
            "End": True,
        },
        "Tell": telling("$why"),
    }
    assert begin(states).output == {"v": "Broken"}
