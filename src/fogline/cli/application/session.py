"""An application while it is worked on: deployed, watched, deployed again where it changed, its logs shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from fogline.cli.application.builds import IGNORED
from fogline.cli.application.entrances import Entrance, entrances_of
from fogline.cli.application.entrances import tell as tell_entrances
from fogline.cli.application.packaging import Packager
from fogline.cli.application.stacks import Deployed, deploy
from fogline.cli.application.template import Template, read_template
from fogline.cli.application.watcher import Watcher, is_own_output, outermost
from fogline.cli.client import Client
from fogline.cli.exits import Failure, NoServer
from fogline.cli.interrupts import check_interrupted
from fogline.cli.log_events import LogReader, print_event
from fogline.cli.naming import functions_of_stacks, log_labels
from fogline.cli.options import tell
from fogline.cli.output import Output
from fogline.cli.server_file import write_json

_LOOK_EVERY_SECONDS = 0.25
_NOT_WATCHED = IGNORED | {"node_modules"}


class Session:
    """One application, one stack."""

    def __init__(
        self,
        client: Client,
        path: Path,
        stack_name: str,
        parameters: Mapping[str, str],
        state: Path,
        out: Output,
        *,
        is_live: bool,
        report: Path | None = None,
    ) -> None:
        self._client, self._path, self._stack_name = client, path, stack_name
        self._parameters, self._out, self._report = parameters, out, report
        self._packager = Packager(client, state, is_live=is_live, say=self._say)
        self._state = state.absolute()
        self._is_live = is_live
        self._deployed_body = ""
        self._has_failed = False
        """The last edit could not be deployed."""
        self._watched: set[Path] = {path.parent}
        self._labels: dict[str, str] = {}
        self._outputs: dict[str, str] = {}
        self._entrances: list[Entrance] = []

    def _say(self, text: str) -> None:
        self._out.event({"event": "building", "text": text}, text, "dim")

    def deploy(self) -> Deployed:
        """Build, package, deploy. Raises Failure."""
        template = read_template(self._path)
        package = self._packager.package(template, self._parameters)
        self._watched = package.watched
        self._out.event(
            {"event": "deploying", "stack": self._stack_name},
            f"Deploying {template.path.name} as stack {self._out.paint(self._stack_name, 'name')} ...",
        )
        return self._deploy(template, package.body)

    def _deploy(self, template: Template, body: str) -> Deployed:
        deployed = deploy(
            self._client,
            self._stack_name,
            template,
            body,
            self._parameters,
            self._packager,
            self._out,
        )
        self._deployed_body = body
        return deployed

    # ---- watching

    def watch(self) -> None:
        """Deploy, then follow changes and logs until Ctrl-C, or until the server is gone."""
        now = int(self._client.page("GET", "/_fogline/clock")["now"])
        reader = LogReader(self._client, now)
        watcher = Watcher(outermost(self._watched), self._matters)
        try:
            self._try(self._first)
            while True:
                if outermost(self._watched) != watcher.folders:
                    watcher.stop()
                    watcher = Watcher(outermost(self._watched), self._matters)
                changed = watcher.changes(_LOOK_EVERY_SECONDS)
                check_interrupted()
                if any(self._is_ours(path) for path in changed):
                    self._try(partial(self._again, changed))
                self._show_logs(reader)
        finally:
            watcher.stop()

    def _is_ours(self, path: Path) -> bool:
        return any(path == each or each in path.parents for each in self._watched)

    def _first(self) -> None:
        self._write_report("deploying")
        self._stands(self.deploy(), is_first=True)

    def _stands(self, deployed: Deployed, *, is_first: bool) -> None:
        entrances = entrances_of(self._client, deployed.name)
        if is_first or (deployed.outputs, entrances) != (self._outputs, self._entrances):
            show(self._out, self._client, deployed, entrances, is_watched=is_first)
        else:
            text = f"Stack {deployed.name} stands ({deployed.status})."
            self._out.event(_document(deployed, entrances), text, "good")
        self._outputs, self._entrances = deployed.outputs, entrances
        self._learn_labels()
        self._report_success()

    def _report_success(self) -> None:
        self._has_failed = False
        urls = [asdict(entrance) for entrance in self._entrances]
        self._write_report("deployed", outputs=self._outputs, urls=urls)

    def _again(self, changed: set[Path]) -> None:
        """Something was edited: rebuild what it belongs to; deploy when the template now says something else."""
        # An editor's drafts are gone by now; they are told only when a file was taken away.
        changed = {path for path in changed if path.exists()} or changed
        names = ", ".join(sorted(_short(path, self._path.parent) for path in changed)[:3])
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        template = read_template(self._path)
        package = self._packager.package(template, self._parameters)
        self._watched = package.watched
        if package.body != self._deployed_body:
            self._out.event(
                {"event": "changed", "files": sorted(map(str, changed)), "deploys": True},
                f"{names}{more} changed; updating the stack ...",
            )
            self._stands(self._deploy(template, package.body), is_first=False)
            return
        if self._has_failed:
            self._report_success()
            self._out.event(
                {"event": "corrected", "files": sorted(map(str, changed))},
                f"{names}{more} changed; stack {self._stack_name} stands as the template says.",
                "good",
            )
        live = [
            each
            for build in package.builds
            if any(path.is_relative_to(build.source) for path in changed)
            for each in build.logical_ids
        ]
        if live and self._is_live:
            functions = ", ".join(dict.fromkeys(live))
            self._out.event(
                {"event": "changed", "files": sorted(map(str, changed)), "functions": live},
                f"{names}{more} changed; {functions} will use it with the next invocation.",
                "good",
            )

    def _try(self, step: Any) -> None:
        """A failure is told, and the next edit gets its chance."""
        try:
            step()
        except NoServer:
            raise
        except Failure as failure:
            tell(failure, self._out)
            self._has_failed = True
            # What is missing may be about to appear beside the template.
            self._watched.add(self._path.parent)
            self._write_report("failed", reason=failure.text)
            self._out.event(
                {"event": "waiting"}, "Watching; the next edit is tried at once.", "dim"
            )

    def _matters(self, path: Path) -> bool:
        if path.is_relative_to(self._state):
            return False
        if any(part in _NOT_WATCHED for part in path.parts) or _is_passing(path.name):
            return False
        return not is_own_output(path)

    def _show_logs(self, reader: LogReader) -> None:
        for event in reader.read(list(self._labels)):
            print_event(self._out, event, self._labels[event["group"]])

    def _learn_labels(self) -> None:
        self._labels = log_labels(self._client, self._stack_name)

    def _write_report(self, state: str, **more: Any) -> None:
        if self._report is not None:
            write_json(self._report, {"state": state, "stack": self._stack_name, **more})


def show(
    out: Output,
    client: Client,
    deployed: Deployed,
    entrances: list[Entrance],
    *,
    is_watched: bool = False,
) -> None:
    """Say what stands now, and what to try with it."""
    if not out.is_json:
        if deployed.is_changed:
            out.say(f"Stack {deployed.name} stands ({deployed.status}).", "good")
        else:
            out.say(f"Stack {deployed.name} is as the template says already.", "good")
        if deployed.outputs:
            out.table(("output", "value"), list(deployed.outputs.items()))
        tell_entrances(out, entrances)
        functions = functions_of_stacks(client, deployed.name)
        if functions and (is_watched or deployed.is_changed):
            name = functions[0]["LogicalResourceId"]
            out.say(f"Try: fogline invoke {name} --payload '{{}}' --log", "dim")
        if is_watched:
            out.say("Watching code and template; Ctrl-C stops.", "dim")
    else:
        out.event(_document(deployed, entrances), "")


def _document(deployed: Deployed, entrances: list[Entrance]) -> dict[str, Any]:
    urls = [asdict(entrance) for entrance in entrances]
    return {"event": "deployed", **asdict(deployed), "urls": urls}


def _short(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _is_passing(name: str) -> bool:
    """Files that editors and programs write for a moment, and logs, which may be our own words."""
    ends = ("~", ".swp", ".swx", ".tmp", ".pyc", ".new", ".log", "nohup.out")
    return name.endswith(ends) or name.startswith((".#", "4913"))
