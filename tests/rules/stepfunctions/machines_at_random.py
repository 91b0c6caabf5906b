"""Makes up machines that end: Pass, Choice, Wait, Succeed, Fail, Parallel and inline Map, in either language."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st

DEPTH_MAX = 3
ERRORS = ("E1", "E2", "States.Runtime")

numbers = st.integers(-2, 3)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("nlx"), inner),
    max_leaves=5,
)
inputs = st.fixed_dictionaries(
    {"n": numbers, "l": st.lists(values, max_size=4), "s": st.text(max_size=100)}
)


@st.composite
def machines(draw: Any) -> dict[str, Any]:
    """A definition whose states are all reachable."""
    counter = itertools.count()
    language = draw(st.sampled_from(("JSONPath", "JSONata")))
    return {"QueryLanguage": language, **draw(_line(counter, language, DEPTH_MAX))}


@st.composite
def _line(draw: Any, counter: Any, language: str, depth: int) -> dict[str, Any]:
    kinds = ["Pass", "Pass", "Choice", "Wait"] + (["Parallel", "Map"] if depth else [])
    names = [f"S{next(counter)}" for _ in range(draw(st.integers(1, 4 if depth > 1 else 2)))]
    states: dict[str, Any] = {}
    for at, name in enumerate(names):
        is_last = at == len(names) - 1
        kind = draw(st.sampled_from([*kinds, "Succeed", "Fail"] if is_last else kinds))
        if kind == "Choice" and is_last:
            kind = "Pass"
        state: dict[str, Any] = {"Type": kind, **draw(_fields(counter, kind, language, depth))}
        if kind == "Choice":
            failing = f"S{next(counter)}"
            states[failing] = {"Type": "Fail", "Error": draw(st.sampled_from(ERRORS))}
            targets = [*names[at + 1 :], failing]
            choices = draw(st.lists(_rules(language, targets), min_size=1, max_size=2))
            state["Choices"] = [*choices, {**_rule(language, 100), "Next": failing}]
            state["Default"] = names[at + 1]
        elif kind not in ("Succeed", "Fail"):
            state |= {"End": True} if is_last else {"Next": names[at + 1]}
            if kind in ("Parallel", "Map") and not is_last and draw(st.booleans()):
                caught = draw(st.sampled_from((["States.ALL"], ["E1"], ["E1", "States.Runtime"])))
                state["Catch"] = [{"ErrorEquals": caught, "Next": names[at + 1]}]
        states[name] = state
    return {"StartAt": names[0], "States": states}


def _rule(language: str, bound: int) -> dict[str, Any]:
    if language == "JSONata":
        return {"Condition": f"{{% $states.input.n > {bound} %}}"}
    both = [
        {"Variable": "$.n", "IsNumeric": True},
        {"Variable": "$.n", "NumericGreaterThan": bound},
    ]
    return {"And": both}


@st.composite
def _rules(draw: Any, language: str, targets: list[str]) -> dict[str, Any]:
    return {**_rule(language, draw(numbers)), "Next": draw(st.sampled_from(targets))}


@st.composite
def _fields(draw: Any, counter: Any, kind: str, language: str, depth: int) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    is_jsonata = language == "JSONata"
    if kind == "Pass":
        fields = draw(st.sampled_from(_PASSES[language]))
    elif kind == "Wait":
        fields["Seconds"] = draw(st.integers(0, 3))
    elif kind == "Fail":
        fields = {"Error": draw(st.sampled_from(ERRORS)), "Cause": "c"}
    elif kind == "Parallel":
        branches = st.lists(_line(counter, language, depth - 1), min_size=1, max_size=3)
        fields["Branches"] = draw(branches)
    elif kind == "Map":
        fields["ItemProcessor"] = draw(_line(counter, language, depth - 1))
        fields["MaxConcurrency"] = draw(st.integers(0, 2))
        shape = {"n": 1, "l": [1, 2], "s": "x" * 80}
        if is_jsonata:
            fields["Items"] = draw(st.sampled_from(("{% $states.input.l %}", [1, [2], {}])))
        else:
            fields["ItemsPath"] = "$.l"
        if draw(st.booleans()):
            own = "{% $states.context.Map.Item.Index %}" if is_jsonata else "$$.Map.Item.Index"
            fields["ItemSelector"] = {**shape, "n" if is_jsonata else "n.$": own}
            if not is_jsonata:
                del fields["ItemSelector"]["n"]
    if kind in ("Parallel", "Map") and draw(st.booleans()):
        fields["Retry"] = [
            {
                "ErrorEquals": draw(st.sampled_from((["States.ALL"], ["E1"]))),
                "IntervalSeconds": 1,
                "MaxAttempts": draw(st.integers(0, 2)),
            }
        ]
    return fields


_PASSES: dict[str, tuple[dict[str, Any], ...]] = {
    "JSONPath": (
        {},
        {"Result": {"n": 2, "l": [3, 4, 5]}},
        {"Result": [1], "ResultPath": "$.l"},
        {"Parameters": {"n.$": "States.MathAdd($.n, 1)", "l.$": "$.l", "s.$": "$.s"}},
        {"Assign": {"v.$": "$"}},
        {"Assign": {"v": 1}, "Parameters": {"n": 3, "l.$": "States.Array($.n, $.l)", "s": ""}},
        {"OutputPath": "$.missing"},
        {"Parameters": {"n": 0, "v.$": "$v", "l": []}},
    ),
    "JSONata": (
        {},
        {"Output": {"n": "{% $states.input.n + 1 %}", "l": [1, 2, 3]}},
        {"Output": {"n": 3, "l": "{% [$states.input] %}", "s": "y"}},
        {"Assign": {"v": "{% $states.input %}"}},
        {"Assign": {"v": 7}, "Output": "{% $merge([$states.input, {'n': 9}]) %}"},
        {"Output": "{% $states.input.missing.more %}"},
        {"Output": {"n": "{% $exists($v) ? 1 : 0 %}", "l": [], "v": "{% $v %}"}},
    ),
}
