"""What an execution is started from, by the ARN that is named."""

from __future__ import annotations

import pytest

from fogline.services.stepfunctions.machines import Machines


@pytest.fixture
def find(fogline_platform):
    """What an ARN stands for, asked as the engine asks."""

    def find(arn, chance=0.0):
        async def ask():
            store = fogline_platform.platform.store
            with store.read() as tx:
                return Machines(store).find_runnable(tx, arn, chance)

        return fogline_platform.ask(ask())

    return find


def test_a_machine_is_run_as_it_is_now(stepfunctions, make_machine, passing, find):
    arn = make_machine(type="EXPRESS", tracingConfiguration={"enabled": True}, publish=True)
    found = find(arn)
    assert (found.arn, found.version_arn, found.alias_arn) == (arn, "", "")
    assert (found.name, found.type, found.is_traced) == ("machine", "EXPRESS", True)
    assert (found.definition, found.revision_id) == (passing(), "")
    assert found.logging == {"level": "OFF", "includeExecutionData": False}
    stepfunctions.update_state_machine(stateMachineArn=arn, definition=passing("new"))
    assert find(arn).definition == passing("new")


def test_a_version_is_run_as_it_was_published(stepfunctions, make_machine, passing, find):
    arn = make_machine(publish=True)
    stepfunctions.update_state_machine(stateMachineArn=arn, definition=passing("new"))
    found = find(f"{arn}:1")
    assert (found.arn, found.version_arn, found.alias_arn) == (arn, f"{arn}:1", "")
    assert found.definition == passing()


def test_an_alias_shares_what_it_gets(stepfunctions, make_machine, passing, find):
    arn = make_machine(publish=True)
    stepfunctions.update_state_machine(stateMachineArn=arn, definition=passing("new"), publish=True)
    routing = [
        {"stateMachineVersionArn": f"{arn}:1", "weight": 60},
        {"stateMachineVersionArn": f"{arn}:2", "weight": 40},
    ]
    stepfunctions.create_state_machine_alias(name="prod", routingConfiguration=routing)
    for chance, version, comment in ((0.59, "1", ""), (0.61, "2", "new")):
        found = find(f"{arn}:prod", chance)
        assert (found.arn, found.alias_arn) == (arn, f"{arn}:prod")
        assert (found.version_arn, found.definition) == (f"{arn}:{version}", passing(comment))


@pytest.mark.parametrize("tail", ["2", ":1", ":prod", ":", "/label", ":1:1"])
def test_what_is_not_there_is_not_run(make_machine, find, tail):
    assert find(make_machine() + tail) is None
    assert find("machine") is None
