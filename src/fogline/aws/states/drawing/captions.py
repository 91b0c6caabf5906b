"""What is written in and about a state: its name, what it is, how it went; short in the box, longer in the tooltip."""

from __future__ import annotations

from fogline.aws.states.drawing.outcomes import StateProgress, Status
from fogline.aws.states.drawing.progress import Progress
from fogline.aws.states.drawing.wording import cut, state_words
from fogline.aws.states.machine import State

DATA_CHARACTERS_MAX = 600

MARKS = {
    Status.SUCCEEDED: "✓",
    Status.FAILED: "✗",
    Status.CAUGHT: "!",
    Status.RUNNING: "▸",
    Status.STOPPED: "■",
    Status.NOT_REACHED: "",
}


def span_words(milliseconds: int) -> str:
    """A span of time in at most two units: `12 ms`, `1.5 s`, `2 min 5 s`, `3 h`, `2 d 4 h`."""
    if milliseconds < 1_000:
        return f"{milliseconds} ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.3g} s"
    seconds = milliseconds // 1000
    for unit, size, smaller, part in (
        ("min", 60, "s", 1),
        ("h", 3_600, "min", 60),
        ("d", 86_400, "h", 3_600),
    ):
        count, rest = divmod(seconds, size)
        if count < (60 if unit == "min" else 24 if unit == "h" else count + 1):
            return f"{count} {unit} {rest // part} {smaller}" if rest // part else f"{count} {unit}"
    raise AssertionError("unreachable")


def progress_words(progress: StateProgress) -> str:
    """How a state went, in a few words: `120 ms, 2 retries`; nothing where it was not reached."""
    if progress.status is Status.NOT_REACHED:
        return ""
    words = []
    items = progress.items
    if items is not None:
        words.append(f"{items.ended} of {items.total}")
        if items.failed:
            words.append(f"{items.failed} failed")
    if progress.duration is not None and not progress.running:
        average = "⌀ " if progress.ended > 1 else ""
        words.append(average + span_words(progress.duration))
    elif progress.running:
        words.append("running" if progress.entered == 1 else f"{progress.running} running")
    if progress.entered > 1:
        words.append(f"{progress.entered}×")
    if progress.retries:
        words.append("1 retry" if progress.retries == 1 else f"{progress.retries} retries")
    return ", ".join(words)


def outcome_words(progress: Progress) -> str:
    """How the whole execution went: `FAILED after 1.2 s`."""
    whole = progress.execution
    if whole.started_at is None or whole.ended_at is None:
        return whole.status
    return f"{whole.status} after {span_words(whole.ended_at - whole.started_at)}"


def describe(state: State, progress: StateProgress | None) -> str:
    """All there is to say of a state, line by line; data is cut."""
    lines = [f"{state.name} ({state_words(state)})"]
    if state.comment:
        lines.append(cut(state.comment, 200))
    if progress is None or progress.status is Status.NOT_REACHED:
        return "\n".join([*lines, "not reached"] if progress else lines)
    lines.append(f"{progress.status}: {progress_words(progress)}")
    if progress.error is not None:
        lines.append(f"Error: {cut(progress.error, 200)}")
    if progress.cause:
        lines.append(f"Cause: {cut(progress.cause, DATA_CHARACTERS_MAX)}")
    if progress.input is not None:
        lines.append(f"Input: {cut(progress.input, DATA_CHARACTERS_MAX)}")
    if progress.output is not None:
        lines.append(f"Output: {cut(progress.output, DATA_CHARACTERS_MAX)}")
    return "\n".join(lines)
