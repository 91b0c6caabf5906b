"""The methods of texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.velocity.errors import NoSuchMethod, TemplateFailed
from fogline.aws.velocity.methods.regexes import compiled
from fogline.aws.velocity.run import Run
from fogline.aws.velocity.values import JavaList, Method, text_of


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NoSuchMethod
    return value


def _number(value: Any) -> int:
    if type(value) is not int:
        raise NoSuchMethod
    return value


def _free(method: Callable[[str], Any]) -> Method:
    """A method without arguments."""

    def call(run: Run, text: str) -> Any:
        run.charge_text(len(text))
        return method(text)

    return call


def _with_text(method: Callable[[str, str], Any]) -> Method:
    """A method that takes one text."""

    def call(run: Run, text: str, other: Any) -> Any:
        run.charge_text(len(text) + len(_text(other)))
        return method(text, other)

    return call


def _part(run: Run, text: str, first: Any, *end: Any) -> str:
    last = _number(end[0]) if end else len(text)
    if len(end) > 1:
        raise NoSuchMethod
    if not 0 <= _number(first) <= last <= len(text):
        raise TemplateFailed(f"begin {first}, end {last}, length {len(text)}")
    run.charge_text(last - first)
    return text[first:last]


def _letter(run: Run, text: str, index: Any) -> str:
    if not 0 <= _number(index) < len(text):
        raise TemplateFailed(f"String index out of range: {index}")
    return text[index]


def _find(run: Run, text: str, wanted: Any, *start: Any) -> int:
    run.charge_text(len(text))
    return text.find(_text(wanted), max(0, _number(start[0])) if start else 0)


def _find_last(run: Run, text: str, wanted: Any) -> int:
    run.charge_text(len(text))
    return text.rfind(_text(wanted))


def _starts(run: Run, text: str, prefix: Any, *start: Any) -> bool:
    at = _number(start[0]) if start else 0
    return at >= 0 and text.startswith(_text(prefix), at)


def _replace(run: Run, text: str, old: Any, new: Any) -> str:
    count = text.count(_text(old))
    run.charge_text(len(text))
    run.charge_text(len(text) + count * len(_text(new)))
    return text.replace(old, new)


def _replace_all(run: Run, text: str, pattern: Any, replacement: Any) -> str:
    return compiled(_text(pattern), run).replace(text, _text(replacement), run)


def _replace_first(run: Run, text: str, pattern: Any, replacement: Any) -> str:
    return compiled(_text(pattern), run).replace(text, _text(replacement), run, times=1)


def _split(run: Run, text: str, pattern: Any, *limit: Any) -> JavaList:
    most = _number(limit[0]) if limit else 0
    return JavaList(compiled(_text(pattern), run).split(text, most, run))


def _repeat(run: Run, text: str, count: Any) -> str:
    if not text:
        return text
    if _number(count) < 0:
        raise TemplateFailed(f"count is negative: {count}")
    run.charge_text(len(text) * count)
    return text * int(count)


def _join(run: Run, text: str, separator: Any, *parts: Any) -> str:
    """`String.join`, asked of any text."""
    given = parts[0] if len(parts) == 1 and isinstance(parts[0], list) else list(parts)
    run.charge(1 + len(given))
    texts = [text_of(part, run) for part in given]
    run.charge_text(sum(map(len, texts)) + len(_text(separator)) * len(texts))
    return str(separator).join(texts)


def _letters(run: Run, text: str) -> JavaList:
    run.charge(1 + len(text))
    return JavaList(text)


def _changed(change: Callable[[str], str]) -> Method:
    """A change of letters that may make the text longer, `ß` to `SS`."""

    def call(run: Run, text: str) -> str:
        run.charge_text(3 * len(text))
        return change(text)

    return call


def _compare(one: str, other: str) -> int:
    """As Java does it: the difference of the first letters that differ, or of the lengths."""
    for left, right in zip(one, other, strict=False):
        if left != right:
            return ord(left) - ord(right)
    return len(one) - len(other)


def _comparison(change: Callable[[str], str]) -> Method:
    def call(run: Run, text: str, other: Any) -> int:
        run.charge(1 + min(len(text), len(_text(other))))
        return _compare(change(text), change(other))

    return call


def _equal_in_any_case(run: Run, text: str, other: Any) -> bool:
    run.charge_text(2 * len(text))
    return isinstance(other, str) and len(text) == len(other) and text.lower() == other.lower()


TEXT: Mapping[str, Method] = {
    "length": lambda run, text: len(text),
    "isEmpty": lambda run, text: not text,
    "isBlank": _free(lambda text: not text.strip()),
    "contains": _with_text(lambda text, other: other in text),
    "startsWith": _starts,
    "endsWith": _with_text(lambda text, other: text.endswith(other)),
    "indexOf": _find,
    "lastIndexOf": _find_last,
    "charAt": _letter,
    "substring": _part,
    "subSequence": lambda run, text, first, end: _part(run, text, first, end),
    "toLowerCase": _changed(str.lower),
    "toUpperCase": _changed(str.upper),
    "trim": _free(lambda text: text.strip("".join(map(chr, range(33))))),
    "strip": _free(str.strip),
    "stripLeading": _free(str.lstrip),
    "stripTrailing": _free(str.rstrip),
    "concat": lambda run, text, other: _join(run, text, "", text, _text(other)),
    "repeat": _repeat,
    "join": _join,
    "replace": _replace,
    "replaceAll": _replace_all,
    "replaceFirst": _replace_first,
    "matches": lambda run, text, pattern: compiled(_text(pattern), run).matches(text, run),
    "split": _split,
    "toCharArray": _letters,
    "equalsIgnoreCase": _equal_in_any_case,
    "compareTo": _comparison(str),
    "compareToIgnoreCase": _comparison(str.lower),
    "valueOf": lambda run, text, value: text_of(value, run),
    "toString": lambda run, text: text,
    "intern": lambda run, text: text,
}
