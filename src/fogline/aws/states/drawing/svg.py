"""A machine, and how an execution of it went, as a picture in SVG: one file without scripts, fonts or links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from xml.sax.saxutils import escape

from fogline.aws.states.drawing.captions import describe, outcome_words, progress_words
from fogline.aws.states.drawing.graph import EdgeKind, Terminal
from fogline.aws.states.drawing.layout import Box, Drawing, Line, Metrics, Panel, layout
from fogline.aws.states.drawing.outcomes import Status
from fogline.aws.states.drawing.progress import Progress
from fogline.aws.states.drawing.routes import Point, Spacing
from fogline.aws.states.drawing.svg_style import BADGES, ICONS, NIGHT_STYLE, STATUSES, STYLE
from fogline.aws.states.drawing.wording import cut, sign_of, state_words
from fogline.aws.states.machine import Machine, State

_MARGIN = 24
_HEADING = 34
_LEGEND = 34
_NAME_CHARACTERS_MAX = 34
_WORDS_CHARACTERS_MAX = 38
_RADIUS = 7
_ARROW = 8
_DASH = 9
"""A dash and the gap after it, as the style has them."""
_BEND = 1.6232
"""How long a round corner is, in radii."""
_LEFT_OF_TEXT = 44
_RIGHT_OF_TEXT = 18
_ILLEGAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_NARROW, _WIDE = frozenset("iIjlt.,:;'|!()[]{} f-r"), frozenset("mwMW@%&")


def draw_svg(
    machine: Machine,
    progress: Progress | None = None,
    title: str = "Workflow",
    *,
    is_dark: bool | None = None,
    id_: str = "workflow",
) -> str:
    """The picture. With `progress` the path taken is coloured. Raises TooLargeToDraw.

    Where several pictures stand on one page each needs its own `id_`. Colours follow the reader's preference
    unless `is_dark` is said.
    """
    drawing = layout(machine, _metrics(progress is not None))
    return "".join(_Picture(drawing, progress, title, is_dark is True, id_).parts())


# ---- how large


def _metrics(has_progress: bool) -> Metrics:
    height = 58 if has_progress else 46

    def state_size(state: State) -> tuple[int, int]:
        return max(_text_width(state), 150 if has_progress else 110), height

    def head_size(state: State) -> tuple[int, int]:
        return max(_text_width(state), 190 if has_progress else 150), height

    return Metrics(
        terminal_size=(64, 28),
        state_size=state_size,
        head_size=head_size,
        label_size=lambda text: (_even(text_width(text, 11) + 18), 20),
        spacing=Spacing(before=12, step=10, after=14, straight=30, lane=16),
        node_gap=36,
        line_gap=18,
        padding=(16, 14),
        foot=14,
        branch_gap=12,
    )


def _text_width(state: State) -> int:
    name = text_width(cut(state.name, _NAME_CHARACTERS_MAX), 13) * 1.07
    words = text_width(cut(state_words(state), _WORDS_CHARACTERS_MAX), 11)
    return _even(int(max(name, words)) + _LEFT_OF_TEXT + _RIGHT_OF_TEXT)


def text_width(text: str, size: int) -> int:
    """About how wide a text is in a common sans-serif font, rather too wide than too narrow."""
    units = 0.0
    for character in text:
        if unicodedata.east_asian_width(character) in "WF":
            units += 1.05
        elif character in _NARROW:
            units += 0.38
        elif character in _WIDE:
            units += 0.9
        else:
            units += 0.68 if character.isupper() else 0.59
    return int(units * size) + 1


def _even(number: int) -> int:
    return number + number % 2


# ---- parts


class _Picture:
    def __init__(
        self, drawing: Drawing, progress: Progress | None, title: str, is_dark: bool, id_: str
    ) -> None:
        self._drawing, self._progress = drawing, progress
        self._title, self._is_dark, self._id = title, is_dark, id_
        self._outcome = outcome_words(progress) if progress else ""
        heading = text_width(f"{cut(title, 60)}   {self._outcome}", 15)
        least = max(heading, 430 if progress else 0)
        self._content_width = max(drawing.width, least)
        self._width = self._content_width + 2 * _MARGIN
        self._height = drawing.height + 2 * _MARGIN + _HEADING + (_LEGEND if progress else 0)

    def parts(self) -> Iterator[str]:
        id_ = _attribute(self._id)[1:-1]
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="fw" viewBox="0 0 {self._width} {self._height}" '
            f'width="{self._width}" height="{self._height}" role="img" '
            f'aria-labelledby="{id_}-title {id_}-desc">\n'
            f'<title id="{id_}-title">{_text(self._title)}</title>\n'
            f'<desc id="{id_}-desc">{_text(self._description())}</desc>\n'
            f"<style>{NIGHT_STYLE if self._is_dark else STYLE}</style>\n"
            f'<rect class="page" width="{self._width}" height="{self._height}" rx="8"/>\n'
        )
        yield self._heading()
        left = _MARGIN + (self._content_width - self._drawing.width) // 2
        yield f'<g transform="translate({left} {_MARGIN + _HEADING})">\n'
        panels: dict[str, list[Panel]] = {}
        for panel in self._drawing.panels:
            panels.setdefault(panel.inside, []).append(panel)
        for (
            box
        ) in self._drawing.boxes:  # outer before inner, each on the panels of the one around it
            if box.holds_states:
                yield self._box(box)
                yield from (_panel(each) for each in panels.get(str(box.key), ()))
        lines = [(self._status_of(line), line) for line in self._drawing.lines]
        for status, line in sorted(lines, key=lambda one: one[0] is not None):
            yield _line(line, status)
        for status, line in lines:
            yield _tag(line, status)
        for box in self._drawing.boxes:
            if not box.holds_states:
                yield self._box(box)
        yield "</g>\n"
        if self._progress:
            yield self._legend()
        yield "</svg>\n"

    def _description(self) -> str:
        states = [box for box in self._drawing.boxes if box.state is not None]
        words = [f"A state machine of {len(states)} state{'' if len(states) == 1 else 's'}."]
        if self._progress:
            words.append(f"{self._outcome}.")
            for status in Status:
                names = [
                    cut(str(box.key), _NAME_CHARACTERS_MAX)
                    for box in states
                    if self._progress.of(str(box.key)).status is status
                ]
                if names and status is not Status.NOT_REACHED:
                    more = " and more" if len(names) > 12 else ""
                    words.append(f"{str(status).capitalize()}: {', '.join(names[:12])}{more}.")
        return " ".join(words)

    def _heading(self) -> str:
        y = _MARGIN + 8
        words = f'<tspan class="heading">{_text(cut(self._title, 60))}</tspan>'
        if self._progress:
            words += f'<tspan dx="12" class="how {_outcome_class(self._progress)}">{_text(self._outcome)}</tspan>'
        return f'<text x="{_MARGIN}" y="{y}">{words}</text>\n'

    def _legend(self) -> str:
        x, y = _MARGIN, self._height - _MARGIN + 2
        parts = []
        for status in STATUSES:
            parts.append(
                f'<g class="{status}"><circle class="disc" cx="{x + 5}" cy="{y - 4}" r="5"/>'
                f'<text class="soft" x="{x + 15}" y="{y}">{status}</text></g>'
            )
            x += text_width(status, 11) + 34
        return f"<g>{''.join(parts)}</g>\n"

    def _status_of(self, line: Line) -> str | None:
        """The colour of a line that was taken: that of how its source went; of one that was not, none."""
        if self._progress is None:
            return None
        edge = line.edge
        if not self._progress.went(edge.source, edge.target, edge.kind):
            return None
        return "caught" if edge.kind is EdgeKind.CATCH else "succeeded"

    # ---- boxes

    def _box(self, box: Box) -> str:
        if isinstance(box.key, Terminal):
            return self._terminal(box)
        assert box.state is not None
        state = box.state
        progress = self._progress.of(state.name) if self._progress else None
        classes = ["node", state.type.lower(), "holds" if box.holds_states else "leaf"]
        status = None
        if progress is not None:
            reached = progress.status is not Status.NOT_REACHED
            status = progress.status.value if reached else None
            classes += [status, "reached"] if status else ["unreached"]
        x, y = (
            box.x + _LEFT_OF_TEXT,
            box.y + (21 if status or not progress or box.holds_states else 28),
        )
        parts = [
            f'<g class="{" ".join(classes)}" data-state={_attribute(state.name)}>'
            f"<title>{_text(describe(state, progress))}</title>",
            _shape(box, state),
            _icon(box, state),
            f'<text class="name" x="{x}" y="{y}">{_text(cut(state.name, _NAME_CHARACTERS_MAX))}</text>',
            f'<text class="soft" x="{x}" y="{y + 15}">{_text(cut(state_words(state), _WORDS_CHARACTERS_MAX))}</text>',
        ]
        if progress is not None and status is not None:
            parts.append(
                f'<text class="how" x="{x}" y="{y + 29}">{_text(progress_words(progress))}</text>'
            )
            right = box.x + box.width - (22 if state.type in ("Succeed", "Fail", "Choice") else 10)
            parts.append(
                f'<g class="badge" transform="translate({right} {box.y - 6})">'
                f'<circle cx="8" cy="8" r="8"/><path d="{BADGES[status]}"/></g>'
            )
        return "".join([*parts, "</g>\n"])

    def _terminal(self, box: Box) -> str:
        reached = ""
        if self._progress is not None:
            ended = self._progress.execution.status == "SUCCEEDED"
            is_reached = box.key is Terminal.START or (
                ended
                and any(
                    self._status_of(line)
                    for line in self._drawing.lines
                    if line.edge.target is box.key
                )
            )
            reached = " succeeded reached" if is_reached else " unreached"
        return (
            f'<g class="node leaf terminal{reached}"><rect class="box" x="{box.x}" y="{box.y}" '
            f'width="{box.width}" height="{box.height}" rx="{box.height // 2}"/>'
            f'<text x="{box.x + box.width // 2}" y="{box.y + box.height // 2 + 4}" '
            f'text-anchor="middle">{str(box.key.value) if isinstance(box.key, Terminal) else ""}</text></g>\n'
        )


def _outcome_class(progress: Progress) -> str:
    return {"SUCCEEDED": "succeeded", "RUNNING": "running", "ABORTED": "stopped"}.get(
        progress.execution.status, "failed"
    )


def _shape(box: Box, state: State) -> str:
    x, y, width, height = box.x, box.y, box.width, box.height
    if state.type == "Choice":
        point = 12
        corners = (
            (x + point, y), (x + width - point, y), (x + width, y + height // 2),
            (x + width - point, y + height), (x + point, y + height), (x, y + height // 2),
        )  # fmt: skip
        return f'<polygon class="box" points="{" ".join(f"{a},{b}" for a, b in corners)}"/>'
    radius = {"Succeed": height // 2, "Fail": height // 2, "Wait": 18, "Pass": 2}.get(state.type, 8)
    return f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}"/>'


def _icon(box: Box, state: State) -> str:
    name = "lambda" if sign_of(state) == "λ" else state.type.lower()
    head = box.head_height or box.height
    y = box.y + (head - 22) // 2
    return (
        f'<g class="icon" transform="translate({box.x + 13} {y})">'
        f'<circle cx="11" cy="11" r="12"/><path transform="translate(3 3)" d="{ICONS[name]}"/></g>'
    )


def _panel(panel: Panel) -> str:
    return (
        f'<rect class="panel" x="{panel.x}" y="{panel.y}" width="{panel.width}" '
        f'height="{panel.height}" rx="6"/>\n'
    )


# ---- lines


def _line(line: Line, status: str | None) -> str:
    classes = [line.edge.kind.value, *([status, "taken"] if status else [])]
    x, y = line.points[-1]
    points = [*line.points[:-1], (x, y - _ARROW + 1)]
    arrow = f"{x},{y - 1} {x - 5},{y - _ARROW - 1} {x + 5},{y - _ARROW - 1}"
    path, length = _rounded(points)
    # Lines that come together are drawn over one another: counted from their end, their dashes meet.
    dashes = (
        f' stroke-dashoffset="{-length % _DASH:.2f}"' if line.edge.kind is EdgeKind.CATCH else ""
    )
    return (
        f'<g class="{" ".join(classes)}"><path class="line" d="{path}"{dashes}/>'
        f'<polygon class="arrow" points="{arrow}"/></g>\n'
    )


def _rounded(points: list[Point]) -> tuple[str, float]:
    """A path along the points with round corners, and its length."""
    parts = [f"M{points[0][0]} {points[0][1]}"]
    length = float(sum(_far(one, other) for one, other in pairwise(points)))
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_RADIUS, _far(before, corner) // 2, _far(corner, after) // 2)
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        parts.append(f"L{start[0]} {start[1]}Q{corner[0]} {corner[1]} {end[0]} {end[1]}")
        length -= radius * (2 - _BEND)
    parts.append(f"L{points[-1][0]} {points[-1][1]}")
    return "".join(parts), length


def _far(one: Point, other: Point) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(point: Point, other: Point, distance: int) -> Point:
    """The point that far from one on the way to another straight beside or above it."""
    dx, dy = other[0] - point[0], other[1] - point[1]
    return (
        point[0] + (distance if dx > 0 else -distance if dx < 0 else 0),
        point[1] + (distance if dy > 0 else -distance if dy < 0 else 0),
    )


def _tag(line: Line, status: str | None) -> str:
    if line.label_box is None:
        return ""
    x, y, width, height = line.label_box
    return (
        f'<g class="{line.edge.kind.value} {status or ""}"><title>{_text(cut(line.edge.full_label, 600))}</title>'
        f'<rect class="tag" x="{x}" y="{y}" width="{width}" height="{height}" rx="{height // 2}"/>'
        f'<text class="soft" x="{x + width // 2}" y="{y + 14}" text-anchor="middle">'
        f"{_text(line.edge.label)}</text></g>\n"
    )


# ---- text


def _text(text: str) -> str:
    """Text as XML may hold it; what it may not becomes a replacement character."""
    return escape(_ILLEGAL.sub("�", text))


def _attribute(text: str) -> str:
    """Text as the value of an attribute, in its quotes."""
    return f'"{escape(_ILLEGAL.sub("�", text), {chr(34): "&quot;", chr(10): "&#10;"})}"'
