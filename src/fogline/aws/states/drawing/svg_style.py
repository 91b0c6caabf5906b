"""How a drawing looks in a browser: its colours by day and by night, and a small picture for each type of state."""

from __future__ import annotations

_DAY = {
    "page": "#ffffff", "panel": "#f6f8fa", "box": "#ffffff", "edge": "#9aa5b1", "border": "#c4ccd4",
    "text": "#1f2933", "soft": "#64707d",
    "succeeded": "#1a8f4c", "succeeded-box": "#eaf7ef", "running": "#1f6feb", "running-box": "#e7f0fe",
    "failed": "#cf222e", "failed-box": "#fdecec", "caught": "#b25b00", "caught-box": "#fff3e0",
    "stopped": "#77668f", "stopped-box": "#f2eef7",
}  # fmt: skip
_NIGHT = {
    "page": "#0f151c", "panel": "#151d26", "box": "#1c2630", "edge": "#66737f", "border": "#3d4954",
    "text": "#e6ebf0", "soft": "#96a3b0",
    "succeeded": "#3fb56f", "succeeded-box": "#15301f", "running": "#5a9bff", "running-box": "#152a47",
    "failed": "#ff6b68", "failed-box": "#3a1a1d", "caught": "#e79a3c", "caught-box": "#38280f",
    "stopped": "#b3a1cc", "stopped-box": "#29223a",
}  # fmt: skip
_TYPES = {
    "task": "#d9701e", "choice": "#7c4dcc", "wait": "#3d6f9e", "pass": "#6d7a87",
    "parallel": "#0f8f8c", "map": "#0f8f8c", "succeed": "#1a8f4c", "fail": "#cf222e",
}  # fmt: skip
STATUSES = ("succeeded", "running", "caught", "failed", "stopped")

# Drawn in a square of 16 by 16, stroked in white.
ICONS = {
    "lambda": "M5 3h2l5 10M8.2 6.4 4.5 13",
    "task": "M2.5 8h10M9 4.5 12.5 8 9 11.5",
    "choice": "M8 2v5M8 7 3.5 13M8 7l4.5 6",
    "wait": "M8 2.5a5.5 5.5 0 1 0 .01 0M8 5v3l2.2 1.6",
    "pass": "M4 4l4 4-4 4M9 4l4 4-4 4",
    "parallel": "M4 3v10M8 3v10M12 3v10",
    "map": "M3 4h10M3 8h10M3 12h10",
    "succeed": "M3 8.5 6.5 12 13 4.5",
    "fail": "M4 4l8 8M12 4l-8 8",
}
BADGES = {
    "succeeded": "M4 8.5 7 11.5 12 5",
    "failed": "M5 5l6 6M11 5l-6 6",
    "caught": "M8 4v5M8 11.6v.4",
    "running": "M6 4.5 11 8 6 11.5z",
    "stopped": "M5.5 5.5h5v5h-5z",
}


def _rules(colours: dict[str, str]) -> str:
    rules = [
        f".fw .page{{fill:{colours['page']}}}",
        f".fw .panel{{fill:{colours['panel']};stroke:{colours['border']}}}",
        f".fw .box{{fill:{colours['box']};stroke:{colours['border']}}}",
        f".fw .holds>.box{{fill:{colours['page']}}}",
        f".fw text{{fill:{colours['text']}}}",
        f".fw .soft{{fill:{colours['soft']}}}",
        f".fw .line{{stroke:{colours['edge']}}}",
        f".fw .arrow{{fill:{colours['edge']}}}",
        f".fw .tag{{fill:{colours['page']};stroke:{colours['border']}}}",
        f".fw .badge path{{stroke:{colours['page']}}}",
    ]
    for status in STATUSES:
        colour = colours[status]
        rules += [
            f".fw .{status}>.box{{stroke:{colour}}}",
            f".fw .leaf.{status}>.box{{fill:{colours[f'{status}-box']}}}",
            f".fw .{status} .how,.fw .how.{status}{{fill:{colour}}}",
            f".fw .{status} .badge circle,.fw .{status}>.disc{{fill:{colour}}}",
            f".fw .{status}>.line{{stroke:{colour}}}",
            f".fw .{status}>.arrow{{fill:{colour}}}",
            f".fw .{status}>.tag{{stroke:{colour}}}",
        ]
    return "".join(rules)


_FORMS = (
    ".fw text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;font-size:11px}"
    ".fw .name{font-size:13px;font-weight:600}"
    ".fw .heading{font-size:15px;font-weight:600}"
    ".fw .how{font-weight:600}"
    ".fw .box{stroke-width:1.25}"
    ".fw .reached>.box{stroke-width:2}"
    ".fw .holds>.box{stroke-dasharray:5 3}"
    ".fw .reached.holds>.box{stroke-dasharray:none}"
    ".fw .panel{stroke-width:.75}"
    ".fw .line{fill:none;stroke-width:1.5}"
    ".fw .taken>.line{stroke-width:2.75}"
    ".fw .catch>.line{stroke-dasharray:5 4}"
    ".fw .tag{stroke-width:.75}"
    ".fw .icon path,.fw .badge path{fill:none;stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}"
    ".fw .icon path{stroke:#fff}"
    ".fw .unreached{opacity:.6}"
    + "".join(f".fw .{type_}>.icon>circle{{fill:{colour}}}" for type_, colour in _TYPES.items())
)
STYLE = f"{_FORMS}{_rules(_DAY)}@media (prefers-color-scheme:dark){{{_rules(_NIGHT)}}}"
NIGHT_STYLE = f"{_FORMS}{_rules(_NIGHT)}"
"""For who wants the night's colours whatever the reader's preference is."""
