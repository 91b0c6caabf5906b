"""What a history says of each state: how often, how long, how it ended, and which way it went on."""

from fogline.aws.states.drawing import Progress, Status, progress_words
from fogline.aws.states.drawing.graph import EdgeKind, Terminal


def read(machine, history):
    progress = Progress(machine)
    progress.add(history.events)
    return progress


def caught(to):
    return [{"ErrorEquals": ["States.ALL"], "Next": to}]


def map_of(make_state, to=None, **states):
    inner = {"StartAt": next(iter(states)), "States": states}
    return make_state("Map", to, ItemProcessor=inner)


def test_states_that_were_passed_succeeded_and_those_to_come_are_not_reached(
    make_machine, make_state, history
):
    machine = make_machine(
        A=make_state("Pass", "B"), B=make_state("Pass", "C"), C=make_state("Pass")
    )
    history.visit("A")
    history.enter("B")
    progress = read(machine, history)
    assert [progress.of(name).status for name in "ABC"] == [
        Status.SUCCEEDED, Status.RUNNING, Status.NOT_REACHED,
    ]  # fmt: skip
    assert progress.of("A").input == '{"in": 1}'
    assert progress.of("A").output == '{"out": 1}'
    assert progress.execution.status == "RUNNING"


def test_the_path_taken_is_known_from_start_to_end(make_machine, make_state, history):
    machine = make_machine(A=make_state("Pass", "B"), B=make_state("Pass"))
    history.visit("A")
    history.visit("B")
    history.end(output="{}")
    progress = read(machine, history)
    ways = [(Terminal.START, "A"), ("A", "B"), ("B", Terminal.END)]
    assert all(progress.went(*way, EdgeKind.NEXT) for way in ways)
    assert not progress.went("A", "B", EdgeKind.CATCH)


def test_events_can_come_in_pieces(make_machine, make_state, history):
    machine = make_machine(A=make_state("Task", "B"), B=make_state("Pass"))
    history.enter("A", "Task")
    history.work("Busy")
    history.work()
    history.leave("A", "Task")
    history.visit("B")
    history.end()
    whole, pieces = read(machine, history), Progress(machine)
    for event in history.events:
        pieces.add([event])
    assert pieces.states == whole.states
    assert pieces.taken == whole.taken


def test_a_task_that_is_tried_again_tells_how_often(make_machine, make_state, history):
    machine = make_machine(A=make_state("Task"))
    history.enter("A", "Task")
    history.work("Busy")
    history.work("Busy")
    history.work()
    history.leave("A", "Task")
    state = read(machine, history).of("A")
    assert (state.status, state.attempts, state.retries) == (Status.SUCCEEDED, 3, 2)
    assert progress_words(state) == "19 ms, 2 retries"


def test_an_error_that_is_caught_leads_along_the_catch(make_machine, make_state, history):
    machine = make_machine(
        A=make_state("Task", "B", Catch=caught("C")), B=make_state("Pass"), C=make_state("Pass")
    )
    history.enter("A", "Task")
    history.work("Declined")
    history.leave("A", "Task")
    history.visit("C")
    history.end()
    progress = read(machine, history)
    assert progress.of("A").status is Status.CAUGHT
    assert progress.of("A").error == "Declined"
    assert progress.went("A", "C", EdgeKind.CATCH)
    assert not progress.went("A", "B", EdgeKind.NEXT)


def test_an_error_without_an_event_of_its_own_is_known_by_where_it_leads(
    make_machine, make_state, history
):
    machine = make_machine(A=make_state("Task", Catch=caught("C")), C=make_state("Pass"))
    history.visit("A", "Task")
    history.visit("C")
    progress = read(machine, history)
    assert progress.of("A").status is Status.CAUGHT
    assert progress.went("A", "C", EdgeKind.CATCH)


def test_the_state_that_nothing_caught_failed(make_machine, make_state, history):
    machine = make_machine(A=make_state("Task", "B"), B=make_state("Pass"))
    history.enter("A", "Task")
    history.work()
    history.end("Failed", error="States.Runtime", cause="no such path")
    progress = read(machine, history)
    assert progress.of("A").status is Status.FAILED
    assert progress.of("A").error == "States.Runtime"
    assert progress.execution.status == "FAILED"


def test_an_expression_that_fails_fails_the_state_it_names(make_machine, make_state, history):
    machine = make_machine(Each=map_of(make_state, In=make_state("Pass")))
    history.enter("Each", "Map")
    failed = {"error": "States.QueryEvaluationError", "cause": "no array", "state": "Each"}
    history.add("EvaluationFailed", 0, evaluationFailedEventDetails=failed)
    history.add("MapStateFailed")
    history.end("Failed", error="States.QueryEvaluationError")
    state = read(machine, history).of("Each")
    assert (state.status, state.cause) == (Status.FAILED, "no array")


def test_what_ran_when_the_execution_was_aborted_is_stopped(make_machine, make_state, history):
    machine = make_machine(A=make_state("Wait", Seconds=9))
    history.enter("A", "Wait")
    history.end("Aborted")
    progress = read(machine, history)
    assert progress.of("A").status is Status.STOPPED
    assert progress.execution.status == "ABORTED"


def test_one_branch_that_fails_stops_the_others(make_machine, make_state, history):
    branches = [
        {"StartAt": name, "States": {name: make_state("Task")}} for name in ("Left", "Right")
    ]
    machine = make_machine(
        Both=make_state("Parallel", Branches=branches, Catch=caught("C")), C=make_state("Pass")
    )
    history.enter("Both", "Parallel")
    started = history.add("ParallelStateStarted")
    left = history.enter("Left", "Task", started)
    history.enter("Right", "Task", started)
    failed = history.work("Boom", left)
    history.add("ParallelStateFailed", failed)
    history.leave("Both", "Parallel")
    history.visit("C")
    progress = read(machine, history)
    assert progress.of("Left").status is Status.FAILED
    assert progress.of("Right").status is Status.STOPPED
    assert progress.of("Both").status is Status.CAUGHT


def test_branches_that_are_tried_again_begin_anew(make_machine, make_state, history):
    branch = {"StartAt": "In", "States": {"In": make_state("Task")}}
    machine = make_machine(Both=make_state("Parallel", Branches=[branch]))
    history.enter("Both", "Parallel")
    history.add("ParallelStateStarted")
    history.enter("In", "Task")
    history.work("Boom")
    history.add("ParallelStateStarted")
    history.enter("In", "Task")
    history.work()
    history.leave("In", "Task")
    history.add("ParallelStateSucceeded")
    history.leave("Both", "Parallel")
    history.end()
    progress = read(machine, history)
    assert progress.of("In").status is Status.SUCCEEDED
    assert progress.of("Both").status is Status.SUCCEEDED
    assert progress.of("Both").retries == 1


def iterate(history, count, fails=None):
    history.enter("Each", "Map")
    started = history.add("MapStateStarted", mapStateStartedEventDetails={"length": count})
    begun = [
        history.add("MapIterationStarted", started, mapIterationStartedEventDetails={"name": "Each", "index": n})
        for n in range(count)
    ]  # fmt: skip
    for n, iteration in enumerate(begun):
        history.enter("In", "Task", iteration)
        details = {"name": "Each", "index": n}
        if n == fails:
            history.work("Boom")
            history.add("MapIterationFailed", mapIterationFailedEventDetails=details)
            return
        history.work()
        history.leave("In", "Task")
        if n < 3:
            history.add("MapIterationSucceeded", mapIterationSucceededEventDetails=details)


def test_iterations_are_counted_together(make_machine, make_state, history):
    machine = make_machine(Each=map_of(make_state, In=make_state("Task")))
    iterate(history, 10)
    progress = read(machine, history)
    assert progress_words(progress.of("Each")) == "3 of 10, running"
    assert progress_words(progress.of("In")) == "⌀ 13 ms, 10×"


def test_an_item_that_failed_is_not_made_good_by_the_others(make_machine, make_state, history):
    machine = make_machine(Each=map_of(make_state, In=make_state("Task")))
    iterate(history, 3, fails=1)
    history.add("MapStateFailed")
    history.end("Failed", error="Boom")
    progress = read(machine, history)
    assert progress.of("In").status is Status.FAILED
    assert progress.of("Each").status is Status.FAILED
    assert progress.of("Each").items.failed == 1


def test_a_map_in_a_map_counts_the_items_of_all_that_run(make_machine, make_state, history):
    inner = map_of(make_state, In=make_state("Pass"))
    machine = make_machine(Outer=map_of(make_state, Inner=inner))
    history.enter("Outer", "Map")
    started = history.add("MapStateStarted", mapStateStartedEventDetails={"length": 2})
    for n in range(2):
        details = {"name": "Outer", "index": n}
        history.add("MapIterationStarted", started, mapIterationStartedEventDetails=details)
        history.enter("Inner", "Map")
        history.add("MapStateStarted", mapStateStartedEventDetails={"length": 5})
    assert read(machine, history).of("Inner").items.total == 10


def test_a_loop_counts_its_rounds(make_machine, make_state, history):
    machine = make_machine(A=make_state("Pass", "B"), B=make_state("Pass", "A"))
    for _ in range(3):
        history.visit("A")
        history.visit("B")
    progress = read(machine, history)
    assert progress.of("A").entered == 3
    assert progress.taken["B", "A", False] == 2


def test_a_redriven_execution_runs_again_where_it_failed(make_machine, make_state, history):
    machine = make_machine(A=make_state("Task"))
    history.enter("A", "Task")
    history.work("Boom")
    history.end("Failed", error="Boom")
    history.add("ExecutionRedriven")
    history.add("LambdaFunctionScheduled")
    progress = read(machine, history)
    assert progress.execution.status == "RUNNING"
    assert progress.of("A").status is Status.RUNNING
    history.leave("A", "Task")
    history.end()
    state = read(machine, history).of("A")
    assert progress_words(state) == "7 ms, 1 retry"
    assert (state.status, state.error) == (Status.SUCCEEDED, None)


def test_without_a_machine_states_are_found_as_they_are_entered(history):
    history.enter("Both", "Parallel")
    history.add("ParallelStateStarted")
    inside = history.enter("In", "Task")
    scheduled = history.add("LambdaFunctionScheduled")
    progress = read(None, history)
    assert progress.state_of(inside) == progress.state_of(scheduled) == "In"
    assert progress.state_of(1) is None


def test_events_that_belong_to_nothing_known_change_nothing(make_machine, make_state, history):
    machine = make_machine(A=make_state("Pass"))
    history.add("TaskSucceeded", 77)
    history.leave("Nowhere", after=99)
    history.add(
        "MapIterationStarted", 55, mapIterationStartedEventDetails={"name": "?", "index": 0}
    )
    history.add("SomethingNew")
    assert read(machine, history).of("A").status is Status.NOT_REACHED
