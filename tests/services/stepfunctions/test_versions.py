"""Versions: numbers that are never given twice, and the revisions that they freeze."""

from __future__ import annotations

import pytest


@pytest.fixture
def publish(stepfunctions, passing):
    """Publishes a version, of a changed machine where a comment is given; its ARN."""

    def publish(arn, comment=None, **more):
        if comment is not None:
            stepfunctions.update_state_machine(stateMachineArn=arn, definition=passing(comment))
        made = stepfunctions.publish_state_machine_version(stateMachineArn=arn, **more)
        return made["stateMachineVersionArn"]

    return publish


@pytest.fixture
def versions(stepfunctions, every):
    def versions(arn, **wishes):
        lists = stepfunctions.list_state_machine_versions
        found = every(lists, "stateMachineVersions", stateMachineArn=arn, **wishes)
        return [each["stateMachineVersionArn"].removeprefix(f"{arn}:") for each in found]

    return versions


def test_a_revision_is_published_once(stepfunctions, make_machine, publish, versions):
    arn = make_machine()
    assert publish(arn) == publish(arn, description="again") == f"{arn}:1"
    assert publish(arn, "new", description="second") == f"{arn}:2"
    assert versions(arn) == ["2", "1"]
    shown = stepfunctions.describe_state_machine(stateMachineArn=f"{arn}:2")
    assert shown["description"] == "second"
    assert shown["revisionId"]


def test_only_the_current_revision_is_published(stepfunctions, make_machine, publish, refusal):
    arn = make_machine()
    assert publish(arn, revisionId="INITIAL") == f"{arn}:1"
    publish(arn, "new")
    current = stepfunctions.describe_state_machine(stateMachineArn=arn)["revisionId"]
    assert refusal(publish, arn, revisionId="INITIAL") == (
        "ConflictException",
        "Failed to publish the State Machine version for revision INITIAL. "
        f"The current State Machine revision is {current}.",
    )
    assert publish(arn, revisionId=current) == f"{arn}:2"


def test_a_number_is_not_given_again(stepfunctions, make_machine, publish, versions):
    arn = make_machine()
    version = publish(arn)
    for _ in range(2):
        stepfunctions.delete_state_machine_version(stateMachineVersionArn=version)
    assert versions(arn) == []
    assert publish(arn) == f"{arn}:2"


def test_versions_are_listed_in_pages_the_newest_first(
    stepfunctions, make_machine, publish, versions, refusal
):
    arn = make_machine()
    for number in range(11):
        publish(arn, str(number))
    newest_first = [str(number) for number in range(11, 0, -1)]
    assert versions(arn, maxResults=2) == versions(arn) == newest_first
    lists = stepfunctions.list_state_machine_versions
    assert refusal(lists, stateMachineArn=arn, nextToken="YQ==")[0] == "InvalidToken"


def test_a_version_that_an_alias_uses_stays(stepfunctions, make_machine, publish, refusal):
    arn = make_machine()
    version = publish(arn)
    for name in ("test", "prod"):
        stepfunctions.create_state_machine_alias(
            name=name, routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
        )
    delete = stepfunctions.delete_state_machine_version
    assert refusal(delete, stateMachineVersionArn=version) == (
        "ConflictException",
        "Version to be deleted must not be referenced by an alias. "
        "Current list of aliases referencing this version: [prod, test]",
    )
    for name in ("test", "prod"):
        stepfunctions.delete_state_machine_alias(stateMachineAliasArn=f"{arn}:{name}")
    delete(stateMachineVersionArn=version)


def test_a_version_has_an_arn_of_its_own(stepfunctions, make_machine, publish, refusal):
    arn = make_machine()
    delete = stepfunctions.delete_state_machine_version
    assert refusal(delete, stateMachineVersionArn=arn)[0] == "ValidationException"
    assert refusal(publish, f"{arn}:1")[0] == "ValidationException"
    assert refusal(publish, "machine") == (
        "InvalidArn",
        "Invalid Arn: 'Invalid ARN prefix: machine'",
    )
    assert refusal(publish, f"{arn}2")[0] == "StateMachineDoesNotExist"
