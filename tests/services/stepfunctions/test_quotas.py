"""The quotas of an account: the last one allowed, and the first refused."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from tests.services.stepfunctions.conftest import ROLE

from fogline.aws.call import Trace, call_of_account
from fogline.aws.errors import AwsError
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.machines import Machines
from fogline.services.stepfunctions.operations import activities, aliases, state_machines, versions
from fogline.store import documents
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.world.ids import Ids

CALL = call_of_account("000000000000", "us-east-1", "r", 0, Trace("t", "i"))


@pytest.fixture
def service():
    """What the operations of machines stand on, with quotas of one."""
    store = SqliteStore(None)
    migrate(store, (documents.SCHEMA,))
    limits = replace(
        Limits(), state_machines_max=1, activities_max=1, versions_max=1, aliases_max=1
    )
    return SimpleNamespace(store=store, machines=Machines(store), ids=Ids(1), limits=limits)


@pytest.fixture
def machine(service, passing):
    """The ARN of a machine with a version."""
    request = {"name": "m", "definition": passing(), "roleArn": ROLE, "publish": True}
    return state_machines.create_state_machine(service, CALL, request)["stateMachineArn"]


def test_machines_and_activities_have_a_quota(service, machine, passing):
    other = {"name": "n", "definition": passing(), "roleArn": ROLE}
    with pytest.raises(AwsError, match="state machines exceeds the quota of 1") as refused:
        state_machines.create_state_machine(service, CALL, other)
    assert refused.value.code == "StateMachineLimitExceeded"
    activities.create_activity(service, CALL, {"name": "a"})
    activities.create_activity(service, CALL, {"name": "a"})
    with pytest.raises(AwsError) as refused:
        activities.create_activity(service, CALL, {"name": "b"})
    assert refused.value.code == "ActivityLimitExceeded"


def test_versions_and_aliases_have_a_quota(service, machine, passing):
    change = {"stateMachineArn": machine, "definition": passing("new")}
    state_machines.update_state_machine(service, CALL, change)
    with pytest.raises(AwsError, match="versions exceeds the quota of 1") as refused:
        versions.publish_state_machine_version(service, CALL, {"stateMachineArn": machine})
    assert (refused.value.code, refused.value.status) == ("ServiceQuotaExceededException", 402)
    routing = [{"stateMachineVersionArn": f"{machine}:1", "weight": 100}]
    first = {"name": "a", "routingConfiguration": routing}
    aliases.create_state_machine_alias(service, CALL, first)
    aliases.create_state_machine_alias(service, CALL, first)
    with pytest.raises(AwsError, match="aliases exceeds the quota of 1"):
        aliases.create_state_machine_alias(service, CALL, {**first, "name": "b"})
