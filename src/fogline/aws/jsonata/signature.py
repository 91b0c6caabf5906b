"""What a function may be called with: `<s-nn?:s>`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fogline.aws.jsonata.errors import EvaluationFailed, InvalidExpression
from fogline.aws.jsonata.values import MISSING, Function

_GROUPS = {"x": "snblaofm", "j": "snblaom", "u": "snblm", "a": "asnblfom"}
_TYPE_NAMES = {
    "a": "arrays",
    "b": "booleans",
    "f": "functions",
    "n": "numbers",
    "o": "objects",
    "s": "strings",
}
_KINDS = {str: "s", int: "n", float: "n", bool: "b", type(None): "l", dict: "o"}
_PARAMS_MAX = 50


@dataclass(slots=True)
class Param:
    types: str
    is_array: bool = False
    item: str = ""
    is_optional: bool = False
    is_repeated: bool = False
    takes_context: bool = False


def kind_of(value: Any) -> str:
    found = _KINDS.get(type(value))
    if found:
        return found
    if isinstance(value, list):
        return "a"
    return "f" if isinstance(value, Function) else "m"


class Signature:
    def __init__(self, text: str, position: int = 0) -> None:
        self.params: list[Param] = []
        self._text = text
        self._position = position
        at = 1
        while at < len(text) and text[at] not in ":>":
            at = self._read(at)
            if len(self.params) > _PARAMS_MAX:
                raise InvalidExpression("S0601", position)
        # A call with one fitting value for each parameter needs no search.
        self._simple = [p.types if not p.is_array else "" for p in self.params]
        self._has_repeats = any(p.is_repeated for p in self.params)

    def _read(self, at: int) -> int:
        letter = self._text[at]
        if letter in "?-+":
            if self.params:
                param = self.params[-1]
                param.is_repeated |= letter == "+"
                param.is_optional |= letter in "?-"
                param.takes_context |= letter == "-"
            return at + 1
        if letter == "(":
            end = self._text.find(")", at)
            inner = self._text[at + 1 : end]
            if "<" in inner:
                raise InvalidExpression("S0402", self._position)
            self.params.append(Param(inner + "m"))
            return (end if end > 0 else len(self._text)) + 1
        if letter == "<":
            return self._read_type_of_items(at)
        if letter in "snblof":
            self.params.append(Param(letter + "m"))
        elif letter in _GROUPS:
            self.params.append(Param(_GROUPS[letter], is_array=letter == "a"))
        return at + 1

    def _read_type_of_items(self, at: int) -> int:
        depth, end = 0, at
        while end < len(self._text):
            depth += (self._text[end] == "<") - (self._text[end] == ">")
            end += 1
            if depth == 0:
                break
        before = self._text[at - 1]
        if before not in "af" or not self.params:
            raise InvalidExpression("S0401", self._position)
        if before == "a":
            self.params[-1].item = self._text[at + 1 : end - 1]
        return end

    def checked(self, args: list[Any], context: Any, name: str) -> list[Any]:
        """The arguments as the function wants them: the context put in, single values as arrays."""
        if len(args) == len(self.params) and not self._has_repeats:
            for arg, types in zip(args, self._simple, strict=True):
                if kind_of(arg) not in types:
                    break
            else:
                return args
        kinds = [kind_of(arg) for arg in args]
        counts = self._matched(kinds)
        if counts is None:
            raise EvaluationFailed("T0410", index=self._first_misfit(kinds), token=name)
        return self._fitted(args, counts, context, name)

    def _matched(self, kinds: list[str]) -> list[int] | None:
        """How many arguments each parameter takes; greedy, as the reference's is."""
        params = self.params
        dead: set[tuple[int, int]] = set()
        counts: list[int] = []
        place = at = 0
        # Depth first without recursion: `counts` is the road so far, tried from the greediest choice down.
        most = self._most(0, 0, kinds)
        while True:
            if place == len(params):
                if at == len(kinds):
                    return counts
                most = -1
            least = 0 if place < len(params) and params[place].is_optional else 1
            if most >= least and (place, at) not in dead:
                counts.append(most)
                at += most
                place += 1
                most = self._most(place, at, kinds)
                continue
            dead.add((place, at))
            if not counts:
                return None
            place -= 1
            taken = counts.pop()
            at -= taken
            most = taken - 1

    def _most(self, place: int, at: int, kinds: list[str]) -> int:
        if place >= len(self.params):
            return -1
        param = self.params[place]
        count = 0
        while at + count < len(kinds) and kinds[at + count] in param.types:
            count += 1
            if not param.is_repeated:
                break
        return count

    def _first_misfit(self, kinds: list[str]) -> int:
        for count in range(len(kinds), -1, -1):
            for place in range(len(self.params) + 1):
                part = Signature.__new__(Signature)
                part.params = self.params[:place]
                if part._matched(kinds[:count]) is not None:
                    return count + 1
        return 1

    def _fitted(self, args: list[Any], counts: list[int], context: Any, name: str) -> list[Any]:
        fitted: list[Any] = []
        at = 0
        for param, count in zip(self.params, counts, strict=True):
            if count == 0:
                if param.takes_context:
                    if kind_of(context) not in param.types:
                        raise EvaluationFailed("T0411", index=at + 1, token=name)
                    fitted.append(context)
                else:
                    fitted.append(MISSING)
                continue
            for arg in args[at : at + count]:
                at += 1
                fitted.append(self._as_array(arg, param, at, name) if param.is_array else arg)
        return fitted

    def _as_array(self, arg: Any, param: Param, index: int, name: str) -> Any:
        if arg is MISSING:
            return arg
        items = arg if isinstance(arg, list) else [arg]
        if param.item and items:
            wanted = param.item[0]
            if any(kind_of(item) != wanted for item in items):
                type_name = _TYPE_NAMES.get(wanted, wanted)
                raise EvaluationFailed("T0412", index=index, token=name, type=type_name)
        return items
