"""Functions that look for texts and regular expressions in a text."""

from __future__ import annotations

from typing import Any

from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.values import MISSING, Function, Run, Sequence, is_number

Args = list[Any]


def _contains(args: Args, context: Any, run: Run) -> Any:
    text, token = args
    if text is MISSING:
        return MISSING
    if type(token) is str:
        run.charge_text(len(text))
        return token in text
    return _next_match(token, [text], "contains", run) is not MISSING


def _next_match(matcher: Function, args: Args, name: str, run: Run) -> Any:
    """What a matcher (a regular expression, or a function that behaves like one) finds next."""
    found = matcher.call(args, MISSING, run)
    if found is MISSING:
        return MISSING
    if type(found) is not dict or not (
        is_number(found.get("start"))
        and is_number(found.get("end"))
        and isinstance(found.get("groups"), list)
        and isinstance(found.get("next"), Function)
        and type(found.get("match")) is str
    ):
        raise EvaluationFailed("T1010", token=name)
    return found


def _match(args: Args, context: Any, run: Run) -> Any:
    text, matcher, limit = args
    if text is MISSING:
        return MISSING
    if limit is not MISSING and limit < 0:
        raise EvaluationFailed("D3040", value=limit)
    found = Sequence()
    if limit is not MISSING and limit == 0:
        return found
    match = _next_match(matcher, [text], "match", run)
    while match is not MISSING and (limit is MISSING or len(found) < limit):
        groups = ["" if group is MISSING else group for group in match["groups"]]
        found.append({"match": match["match"], "index": match["start"], "groups": groups})
        match = _next_match(match["next"], [], "match", run)
    return found


def _replace(args: Args, context: Any, run: Run) -> Any:
    text, pattern, replacement, limit = args
    if text is MISSING:
        return MISSING
    if pattern == "":
        raise EvaluationFailed("D3010")
    if limit is not MISSING and limit < 0:
        raise EvaluationFailed("D3011", value=limit)
    if limit is not MISSING and limit == 0:
        return text
    if type(pattern) is str:
        most = -1 if limit is MISSING else _ceiling(limit)
        count = text.count(pattern) if most < 0 else min(most, text.count(pattern))
        if type(replacement) is str:
            run.charge_text(len(text) + count * len(replacement))
            return text.replace(pattern, replacement, most)
        return _replaced_by_function(text, pattern, replacement, count, run)
    return _replaced_matches(text, pattern, replacement, limit, run)


def _ceiling(limit: Any) -> int:
    return int(-(-limit // 1)) if limit < 10**9 else 10**9


def _replaced_by_function(
    text: str, pattern: str, replacement: Function, count: int, run: Run
) -> str:
    pieces = text.split(pattern, count)
    run.charge_text(len(text))
    result = pieces[0]
    for piece in pieces[1:]:
        new = replacement.call([pattern], MISSING, run)
        if type(new) is not str:
            raise EvaluationFailed("D3012", value=new)
        run.charge_text(len(result) + len(new) + len(piece))
        result += new + piece
    return result


def _replaced_matches(text: str, pattern: Function, by: Any, limit: Any, run: Run) -> str:
    pieces: list[str] = []
    at = count = 0
    match = _next_match(pattern, [text], "replace", run)
    while match is not MISSING and (limit is MISSING or count < limit):
        pieces.append(text[at : match["start"]])
        new = _substituted(by, match) if type(by) is str else by.call([match], MISSING, run)
        if type(new) is not str:
            raise EvaluationFailed("D3012", value=new)
        run.charge_text(len(new))
        pieces.append(new)
        at = match["start"] + len(match["match"])
        count += 1
        match = _next_match(match["next"], [], "replace", run)
    run.charge_text(len(text))
    return "".join(pieces) + text[at:]


def _substituted(by: str, match: dict[str, Any]) -> str:
    """`$0`, `$1`, `$$`: a number has as many digits as there are groups to name with it."""
    pieces: list[str] = []
    at = 0
    groups = match["groups"]
    digits_max = len(str(len(groups))) if groups else 1
    while True:
        place = by.find("$", at)
        if place < 0:
            return "".join(pieces) + by[at:]
        pieces.append(by[at:place])
        at = place + 1
        if by[at : at + 1] == "$":
            pieces.append("$")
            at += 1
        elif by[at : at + 1] == "0":
            pieces.append(match["match"])
            at += 1
        else:
            text, at = _group_named(by, at, digits_max, groups)
            pieces.append(text)


def _group_named(by: str, at: int, digits_max: int, groups: list[Any]) -> tuple[str, int]:
    for length in range(digits_max, 0, -1):
        digits = by[at : at + length]
        if len(digits) == length and digits.isascii() and digits.isdecimal():
            index = int(digits)
            if index > len(groups) and length > 1:
                continue
            known = 0 < index <= len(groups) and groups[index - 1] is not MISSING
            return (groups[index - 1] if known else ""), at + length
    return "$", at


def _split(args: Args, context: Any, run: Run) -> Any:
    text, separator, limit = args
    if text is MISSING:
        return MISSING
    if limit is not MISSING and limit < 0:
        raise EvaluationFailed("D3020", value=limit)
    run.charge_text(len(text))
    most = None if limit is MISSING else int(min(limit, 10**9))
    if type(separator) is str:
        run.charge(len(text) if not separator else text.count(separator))
        return (text.split(separator) if separator else list(text))[:most]
    pieces: list[str] = []
    at = 0
    match = _next_match(separator, [text], "split", run)
    while match is not MISSING and (most is None or len(pieces) < most):
        pieces.append(text[at : match["start"]])
        at = match["end"]
        match = _next_match(match["next"], [], "split", run)
    if most is None or len(pieces) < most:
        pieces.append(text[at:])
    return pieces


TABLE = {
    "match": ("<s-f<s:o>n?:a<o>>", _match),
    "contains": ("<s-(sf):b>", _contains),
    "replace": ("<s-(sf)(sf)n?:s>", _replace),
    "split": ("<s-(sf)n?:a<s>>", _split),
}
