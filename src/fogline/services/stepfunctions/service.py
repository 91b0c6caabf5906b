"""Step Functions' front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.ports.api import Api
from fogline.services.stepfunctions.engine.engine import Engine
from fogline.services.stepfunctions.engine.express import Express
from fogline.services.stepfunctions.engine.performing import Performing
from fogline.services.stepfunctions.executions import Executions
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.machines import Machines
from fogline.services.stepfunctions.map_runs.loop import MapRunLoop
from fogline.services.stepfunctions.mock_file import MockFile
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


@dataclass(frozen=True, slots=True)
class StepFunctions:
    """What every operation of Step Functions is handed."""

    store: Store
    machines: Machines
    clock: Clock
    ids: Ids
    api: Api
    limits: Limits
    executions: Executions
    engine: Engine
    express: Express
    mocks: MockFile
    performing: Performing
    map_runs: MapRunLoop


OPERATIONS: dict[str, tuple[str, ...]] = {
    "activities": ("create_activity", "delete_activity", "describe_activity", "list_activities"),
    "activity_tasks": ("get_activity_task",),
    "aliases": (
        "create_state_machine_alias",
        "delete_state_machine_alias",
        "describe_state_machine_alias",
        "list_state_machine_aliases",
        "update_state_machine_alias",
    ),
    "executions": (
        "describe_execution",
        "describe_state_machine_for_execution",
        "list_executions",
        "start_execution",
        "stop_execution",
    ),
    "express": ("start_sync_execution",),
    "history": ("get_execution_history",),
    "map_runs": ("describe_map_run", "list_map_runs", "update_map_run"),
    "redrives": ("redrive_execution",),
    "state_machines": (
        "create_state_machine",
        "delete_state_machine",
        "describe_state_machine",
        "list_state_machines",
        "update_state_machine",
    ),
    "tags": ("list_tags_for_resource", "tag_resource", "untag_resource"),
    "tasks": ("send_task_failure", "send_task_heartbeat", "send_task_success"),
    "testing": ("test_state",),
    "validation": ("validate_state_machine_definition",),
    "versions": (
        "delete_state_machine_version",
        "list_state_machine_versions",
        "publish_state_machine_version",
    ),
}
