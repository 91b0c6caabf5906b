"""A machine, and how an execution of it went, in box-drawing characters; the path taken is drawn in heavy lines."""

from __future__ import annotations

from itertools import pairwise

from fogline.aws.states.drawing.canvas import Canvas, Side, Span, fit, width_of
from fogline.aws.states.drawing.captions import MARKS, progress_words
from fogline.aws.states.drawing.graph import EdgeKind, Terminal
from fogline.aws.states.drawing.layout import Box, Drawing, Line, Metrics, layout
from fogline.aws.states.drawing.outcomes import Status
from fogline.aws.states.drawing.progress import Progress
from fogline.aws.states.drawing.routes import Spacing
from fogline.aws.states.drawing.wording import sign_of, state_words
from fogline.aws.states.machine import Machine, State

KINDS = {
    Status.SUCCEEDED: "good",
    Status.FAILED: "bad",
    Status.CAUGHT: "warn",
    Status.RUNNING: "name",
    Status.STOPPED: "dim",
    Status.NOT_REACHED: "",
}
_PROGRESS_CELLS_MIN = 16
_DENSITIES = ((32, 24, 3), (24, 18, 2), (18, 12, 2), (12, 9, 1))
"""How much room names, labels and gaps have; the first that fits is taken."""


def draw_terminal(
    machine: Machine, progress: Progress | None, columns: int
) -> list[list[Span]] | None:
    """The drawing, line by line; None where it cannot be drawn that narrow. Raises TooLargeToDraw."""
    has_progress = progress is not None
    densest = layout(machine, _metrics(has_progress, *_DENSITIES[-1]))
    if densest.width > columns:
        return None
    for density in _DENSITIES[:-1]:
        drawing = layout(machine, _metrics(has_progress, *density))
        if drawing.width <= columns:
            return _Picture(drawing, progress).rows()
    return _Picture(densest, progress).rows()


def _metrics(has_progress: bool, name_cells: int, label_cells: int, gap: int) -> Metrics:
    def state_size(state: State) -> tuple[int, int]:
        least = min(_PROGRESS_CELLS_MIN, name_cells + 2) if has_progress else 0
        wide = max(width_of(fit(state.name, name_cells)) + 2, least)
        return _odd(wide + 4), 4 if has_progress else 3

    def head_size(state: State) -> tuple[int, int]:
        words = width_of(state_words(state)) + 3 if name_cells > 20 else 0
        least = _PROGRESS_CELLS_MIN if has_progress else 0
        wide = max(width_of(fit(state.name, name_cells)) + 2 + words, least)
        return _odd(wide + 4), 3 if has_progress else 2

    return Metrics(
        terminal_size=(9, 1),
        state_size=state_size,
        head_size=head_size,
        label_size=lambda text: (_odd(width_of(fit(text, label_cells)) + 2), 1),
        spacing=Spacing(before=0, step=1, after=1, straight=1, lane=2),
        node_gap=gap,
        line_gap=max(gap - 1, 1),
        padding=(1, 0),
        foot=1,
        branch_gap=1,
    )


def _odd(number: int) -> int:
    return number | 1


class _Picture:
    def __init__(self, drawing: Drawing, progress: Progress | None) -> None:
        self._drawing, self._progress = drawing, progress
        self._canvas = Canvas(drawing.width + 1, drawing.height)

    def rows(self) -> list[list[Span]]:
        for box in self._drawing.boxes:
            self._frame(box)
        for line in self._drawing.lines:
            self._line(line)
        for line in self._drawing.lines:
            self._label(line)
        for box in self._drawing.boxes:
            self._words(box)
        return self._canvas.rows()

    def _frame(self, box: Box) -> None:
        if box.state is None:
            return
        status = self._status(box)
        self._canvas.frame(
            (box.x, box.y),
            (box.width, box.height),
            KINDS[status],
            is_heavy=status not in (Status.NOT_REACHED, Status.STOPPED),
            is_dashed=box.holds_states,
        )

    def _status(self, box: Box) -> Status:
        if self._progress is None or box.state is None:
            return Status.NOT_REACHED
        return self._progress.of(box.state.name).status

    def _words(self, box: Box) -> None:
        canvas = self._canvas
        if isinstance(box.key, Terminal):
            canvas.text(box.x + 1, box.y, f"({box.key.value})".center(box.width - 2), "dim")
            return
        assert box.state is not None
        status = self._status(box)
        inner = box.width - 4
        sign = MARKS[status] or sign_of(box.state)
        kind = KINDS[status]
        canvas.text(box.x + 2, box.y + 1, sign, kind or "dim")
        name = fit(box.state.name, inner - 2)
        canvas.text(box.x + 4, box.y + 1, name, kind)
        rest = inner - 2 - width_of(name)
        if box.holds_states and rest > width_of(state_words(box.state)) + 2:
            canvas.text(box.x + 5 + width_of(name), box.y + 1, f"({state_words(box.state)})", "dim")
        if self._progress is not None:
            words = progress_words(self._progress.of(box.state.name))
            canvas.text(box.x + 2, box.y + 2, fit(words, inner), "dim")

    def _line(self, line: Line) -> None:
        taken = self._progress is not None and self._progress.went(
            line.edge.source, line.edge.target, line.edge.kind
        )
        is_catch = line.edge.kind is EdgeKind.CATCH
        kind = ("warn" if is_catch else "good") if taken else ""
        # A line begins on its source's lower border and ends above its target's upper one.
        (x, y), (end_x, end_y) = line.points[0], line.points[-1]
        before = [] if line.edge.source is Terminal.START else [(x, y - 1)]
        points = [*before, *line.points[:-1], (end_x, end_y - 1)]
        for start, end in pairwise(points):
            self._canvas.line(start, end, kind, is_heavy=taken, is_dashed=is_catch)
        if line.edge.source is Terminal.START:
            self._canvas.stroke(x, y, Side.UP, kind, is_heavy=taken)
        self._canvas.text(*points[-1], "▼", kind)

    def _label(self, line: Line) -> None:
        if line.label_box is None:
            return
        x, y, width, _ = line.label_box
        text = fit(line.edge.label, width - 2)
        taken = self._progress is not None and self._progress.went(
            line.edge.source, line.edge.target, line.edge.kind
        )
        self._canvas.text(x, y, f" {text} ".center(width), "name" if taken else "dim")
