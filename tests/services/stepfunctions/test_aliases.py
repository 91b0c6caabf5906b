"""Aliases: names for one version or two, and what their routes must not say."""

from __future__ import annotations

import pytest


@pytest.fixture
def machine(stepfunctions, make_machine, passing):
    """A machine with two versions."""
    arn = make_machine(publish=True)
    stepfunctions.update_state_machine(stateMachineArn=arn, definition=passing("new"), publish=True)
    return arn


def route(arn, weight=100):
    return {"stateMachineVersionArn": arn, "weight": weight}


@pytest.fixture
def make_alias(stepfunctions, machine):
    """Makes an alias, of the first version unless it is told otherwise; its ARN."""

    def make(name="prod", routes=None, **more):
        routing = [route(f"{machine}:1")] if routes is None else routes
        made = stepfunctions.create_state_machine_alias(
            name=name, routingConfiguration=routing, **more
        )
        return made["stateMachineAliasArn"]

    return make


def test_an_alias_is_shown(stepfunctions, machine, make_alias):
    routes = [route(f"{machine}:1", 90), route(f"{machine}:2", 10)]
    arn = make_alias(routes=routes, description="what customers use")
    assert arn == f"{machine}:prod"
    shown = stepfunctions.describe_state_machine_alias(stateMachineAliasArn=arn)
    assert shown["routingConfiguration"] == routes
    assert (shown["name"], shown["description"]) == ("prod", "what customers use")
    assert shown["creationDate"] == shown["updateDate"]


def test_to_create_the_same_again_changes_nothing(machine, make_alias, refusal):
    assert make_alias(description="x") == make_alias(description="x")
    different = (
        "ConflictException",
        "Failed to create alias because an alias with the same name and a different "
        "routing configuration already exists.",
    )
    assert refusal(make_alias, description="y") == different
    assert refusal(make_alias, routes=[route(f"{machine}:2")], description="x") == different


def test_routes_lead_to_versions_of_one_machine_and_share_all_of_it(
    machine, make_machine, make_alias, refusal
):
    other = f"{make_machine('other', publish=True)}:1"
    first, second = f"{machine}:1", f"{machine}:2"

    def refused(*routes):
        code, message = refusal(make_alias, routes=list(routes))
        assert code == "ValidationException"
        return message

    assert refused(route(machine)) == (
        f"Routing configuration must contain state machine version ARNs. Received: [{machine}]"
    )
    assert "same state machine" in refused(route(first, 50), route(other, 50))
    assert "distinct" in refused(route(first, 50), route(first, 50))
    assert "weights must equal 100" in refused(route(first, 50), route(second, 49))
    assert "weights must equal 100" in refused(route(first, 99))
    make_alias(routes=[route(first, 50), route(second, 50)])


def test_routes_lead_to_versions_that_are_there(machine, make_alias, refusal):
    assert refusal(make_alias, routes=[route(f"{machine}:3")]) == (
        "ResourceNotFound",
        "Request references a resource that does not exist.",
    )
    with_account = route(f"{machine}:1".replace(":states:us-east-1:", ":states:eu-west-1:"))
    assert refusal(make_alias, routes=[with_account])[0] == "ResourceNotFound"


@pytest.mark.parametrize("name", ["123", "A" * 81, "two words", "!", "a@"])
def test_the_name_of_an_alias_is_no_number(make_alias, refusal, name):
    code, message = refusal(make_alias, name)
    assert code == "ValidationException"
    assert message.startswith(f"1 validation error detected: Value '{name}' at 'name' failed")


def test_an_alias_is_moved(fogline_platform, stepfunctions, machine, make_alias, refusal):
    arn = make_alias(description="x")
    fogline_platform.advance(seconds=60)
    update = stepfunctions.update_state_machine_alias
    update(stateMachineAliasArn=arn, routingConfiguration=[route(f"{machine}:2")])
    shown = stepfunctions.describe_state_machine_alias(stateMachineAliasArn=arn)
    assert shown["routingConfiguration"] == [route(f"{machine}:2")]
    assert shown["description"] == "x"
    assert shown["creationDate"] < shown["updateDate"]
    assert refusal(update, stateMachineAliasArn=arn)[0] == "ValidationException"
    bad = {"stateMachineAliasArn": arn, "routingConfiguration": [route(machine)]}
    assert refusal(update, **bad)[0] == "ValidationException"


def test_an_alias_keeps_to_its_machine(stepfunctions, make_machine, make_alias, refusal):
    other = f"{make_machine('other', publish=True)}:1"
    update = stepfunctions.update_state_machine_alias
    request = {"stateMachineAliasArn": make_alias(), "routingConfiguration": [route(other)]}
    assert refusal(update, **request)[0] == "ValidationException"


def test_an_alias_is_deleted_as_often_as_one_likes(stepfunctions, machine, make_alias, refusal):
    arn = make_alias()
    for _ in range(2):
        stepfunctions.delete_state_machine_alias(stateMachineAliasArn=arn)
    missing = ("ResourceNotFound", "Request references a resource that does not exist.")
    describe = stepfunctions.describe_state_machine_alias
    assert refusal(describe, stateMachineAliasArn=arn) == missing
    assert refusal(describe, stateMachineAliasArn=f"{machine}:1")[0] == "ValidationException"


def test_aliases_are_listed_in_pages_for_a_machine_or_a_version(
    stepfunctions, machine, make_alias, every, refusal
):
    make_alias("c")
    make_alias("a", [route(f"{machine}:2")])
    make_alias("b", [route(f"{machine}:1", 50), route(f"{machine}:2", 50)])

    def names(arn, **wishes):
        lists = stepfunctions.list_state_machine_aliases
        found = every(lists, "stateMachineAliases", stateMachineArn=arn, **wishes)
        return [each["stateMachineAliasArn"].rpartition(":")[2] for each in found]

    assert names(machine) == names(machine, maxResults=1) == ["a", "b", "c"]
    assert names(f"{machine}:1") == ["b", "c"]
    assert refusal(names, f"{machine}2")[0] == "StateMachineDoesNotExist"
    assert refusal(names, f"{machine}:c")[0] == "ValidationException"
