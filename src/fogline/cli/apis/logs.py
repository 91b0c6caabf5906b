"""Which log groups the stages of an API write to."""

from __future__ import annotations

from fogline.cli.apis.finding import HTTP, REST, Api, Stage


def groups_of(api: Api, found: list[Stage]) -> dict[str, str]:
    """The log groups of these stages, each with a label. Some may not be there: nothing was written yet."""
    groups: dict[str, str] = {}
    for stage in found:
        if stage.access_log_group:
            groups[stage.access_log_group] = f"{stage.name} access"
        if api.kind != HTTP:  # They have no log of their steps.
            groups[_execution_group(api, stage.name)] = stage.name
    return groups


def _execution_group(api: Api, stage: str) -> str:
    if api.kind == REST:
        return f"API-Gateway-Execution-Logs_{api.id}/{stage}"
    return f"/aws/apigateway/{api.id}/{stage}"


def writes_logs(stage: Stage) -> bool:
    """True if the stage is told to write any log."""
    settings = stage.described
    methods = (settings.get("methodSettings") or {}).values()
    route = settings.get("DefaultRouteSettings") or {}
    levels = [each.get("loggingLevel") for each in methods] + [route.get("LoggingLevel")]
    levels += [each.get("LoggingLevel") for each in (settings.get("RouteSettings") or {}).values()]
    return bool(stage.access_log_group) or any(level not in (None, "OFF") for level in levels)
