"""The methods of lists, maps and the pairs of maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fogline.aws.velocity.errors import NoSuchMethod, TemplateFailed
from fogline.aws.velocity.run import Run
from fogline.aws.velocity.values import Entry, JavaList, Method, have_same_content, key_of


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise NoSuchMethod
    return value


def _index(value: Any) -> int:
    if type(value) is not int:
        raise NoSuchMethod
    return value


def _place(elements: list[Any], index: Any, *, is_end: bool = False) -> int:
    """The index of an element, or with `is_end` of the place after the last too."""
    if not 0 <= _index(index) < len(elements) + is_end:
        raise TemplateFailed(f"Index: {index}, Size: {len(elements)}")
    return int(index)


# ---- lists


def _add(run: Run, elements: list[Any], first: Any, *rest: Any) -> bool | None:
    if not rest:
        elements.append(first)
        return True
    if len(rest) > 1:
        raise NoSuchMethod
    run.charge(1 + len(elements) // 64)
    elements.insert(_place(elements, first, is_end=True), rest[0])
    return None


def _add_all(run: Run, elements: list[Any], others: Any) -> bool:
    run.charge(1 + len(_list(others)))
    elements.extend(list(others))
    return bool(others)


def _remove(run: Run, elements: list[Any], which: Any) -> Any:
    if type(which) is int:
        run.charge(1 + len(elements) // 64)
        return elements.pop(_place(elements, which))
    at = _find(run, elements, which)
    if at >= 0:
        del elements[at]
    return at >= 0


def _find(run: Run, elements: Iterable[Any], wanted: Any) -> int:
    for at, element in enumerate(elements):
        if have_same_content(element, wanted, run):
            return at
    return -1


def _find_last(run: Run, elements: list[Any], wanted: Any) -> int:
    found = _find(run, reversed(elements), wanted)
    return found if found < 0 else len(elements) - 1 - found


def _set(run: Run, elements: list[Any], index: Any, value: Any) -> Any:
    at = _place(elements, index)
    before, elements[at] = elements[at], value
    return before


def _part(run: Run, elements: list[Any], first: Any, end: Any) -> list[Any]:
    if not 0 <= _index(first) <= _index(end) <= len(elements):
        raise TemplateFailed(f"toIndex = {end}")
    run.charge(1 + end - first)
    return type(elements)(elements[first:end])


def _keep(run: Run, elements: list[Any], others: Any, wanted: bool) -> bool:
    kept = [one for one in elements if (_find(run, _list(others), one) >= 0) is wanted]
    has_changed = len(kept) < len(elements)
    elements[:] = kept
    return has_changed


def _copy(run: Run, elements: list[Any]) -> JavaList:
    run.charge(1 + len(elements))
    return JavaList(elements)


LIST: Mapping[str, Method] = {
    "size": lambda run, elements: len(elements),
    "length": lambda run, elements: len(elements),
    "isEmpty": lambda run, elements: not elements,
    "get": lambda run, elements, index: elements[_place(elements, index)],
    "set": _set,
    "add": _add,
    "addAll": _add_all,
    "remove": _remove,
    "removeAll": lambda run, elements, others: _keep(run, elements, others, False),
    "retainAll": lambda run, elements, others: _keep(run, elements, others, True),
    "contains": lambda run, elements, wanted: _find(run, elements, wanted) >= 0,
    "containsAll": lambda run, elements, others: all(
        _find(run, elements, one) >= 0 for one in _list(others)
    ),
    "indexOf": _find,
    "lastIndexOf": _find_last,
    "clear": lambda run, elements: elements.clear(),
    "subList": _part,
    "iterator": _copy,
    "toArray": _copy,
    "clone": _copy,
}


# ---- maps


def _put(run: Run, members: dict[Any, Any], key: Any, value: Any) -> Any:
    before = members.get(key_of(key))
    members[key] = value
    return before


def _put_if_absent(run: Run, members: dict[Any, Any], key: Any, value: Any) -> Any:
    before = members.get(key_of(key))
    if before is None:
        members[key] = value
    return before


def _put_all(run: Run, members: dict[Any, Any], others: Any) -> None:
    if not isinstance(others, dict):
        raise NoSuchMethod
    run.charge(1 + len(others))
    members.update(others)


def _remove_key(run: Run, members: dict[Any, Any], key: Any) -> Any:
    return members.pop(key_of(key), None)


def _or_default(run: Run, members: dict[Any, Any], key: Any, default: Any) -> Any:
    return members.get(key_of(key), default)


def _keys(run: Run, members: dict[Any, Any]) -> JavaList:
    run.charge(1 + len(members))
    return JavaList(members)


def _values(run: Run, members: dict[Any, Any]) -> JavaList:
    run.charge(1 + len(members))
    return JavaList(members.values())


def _entries(run: Run, members: dict[Any, Any]) -> JavaList:
    run.charge(1 + len(members))
    return JavaList(Entry(members, key) for key in members)


def _map_copy(run: Run, members: dict[Any, Any]) -> dict[Any, Any]:
    run.charge(1 + len(members))
    return dict(members)


MAP: Mapping[str, Method] = {
    "size": lambda run, members: len(members),
    "isEmpty": lambda run, members: not members,
    "get": lambda run, members, key: members.get(key_of(key)),
    "getOrDefault": _or_default,
    "put": _put,
    "putIfAbsent": _put_if_absent,
    "putAll": _put_all,
    "replace": lambda run, members, key, value: (
        _put(run, members, key, value) if key_of(key) in members else None
    ),
    "remove": _remove_key,
    "containsKey": lambda run, members, key: key_of(key) in members,
    "containsValue": lambda run, members, value: _find(run, members.values(), value) >= 0,
    "keySet": _keys,
    "values": _values,
    "entrySet": _entries,
    "clear": lambda run, members: members.clear(),
    "clone": _map_copy,
}


def _set_value(run: Run, entry: Entry, value: Any) -> Any:
    before = entry.value
    entry.owner[entry.key] = value
    return before


ENTRY: Mapping[str, Method] = {
    "getKey": lambda run, entry: entry.key,
    "getValue": lambda run, entry: entry.value,
    "setValue": _set_value,
}
