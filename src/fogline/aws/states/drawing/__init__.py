"""Drawings of state machines, and of how executions went: pure, for the terminal and the browser alike.

`Progress(machine)` reads events of a history; `draw_svg` makes a picture; `draw_terminal` the same in characters, and
`draw_outline` a list where there is no room for that. `layout(machine, metrics)` is what the first two stand on.
"""

from fogline.aws.states.drawing.canvas import Span
from fogline.aws.states.drawing.captions import describe, outcome_words, progress_words, span_words
from fogline.aws.states.drawing.events import event_words
from fogline.aws.states.drawing.layout import Drawing, Metrics, TooLargeToDraw, layout
from fogline.aws.states.drawing.outcomes import ExecutionProgress, Items, StateProgress, Status
from fogline.aws.states.drawing.outline import draw_outline
from fogline.aws.states.drawing.progress import Progress
from fogline.aws.states.drawing.summary import summarize
from fogline.aws.states.drawing.svg import draw_svg
from fogline.aws.states.drawing.terminal import draw_terminal

__all__ = [
    "Drawing",
    "ExecutionProgress",
    "Items",
    "Metrics",
    "Progress",
    "Span",
    "StateProgress",
    "Status",
    "TooLargeToDraw",
    "describe",
    "draw_outline",
    "draw_svg",
    "draw_terminal",
    "event_words",
    "layout",
    "outcome_words",
    "progress_words",
    "span_words",
    "summarize",
]
