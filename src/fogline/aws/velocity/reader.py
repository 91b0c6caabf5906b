"""The grammar of templates: from text to statements, in one pass.

Line ends and spaces go as in Velocity 1.7: `#set(...)`, `#if(...)`, `#else`, `#end` and whatever else ends in its own
bracket take the line end that follows; `#set` also takes the spaces before it where nothing else stands before them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fogline.aws.velocity.directives import (
    Break,
    Define,
    Foreach,
    If,
    MacroCall,
    MacroDefinition,
    Refused,
    Set,
    Stop,
    Text,
)
from fogline.aws.velocity.errors import InvalidTemplate
from fogline.aws.velocity.expression_reader import ExpressionReader
from fogline.aws.velocity.expressions import Block, Expression, Literal, Shown, Statement
from fogline.aws.velocity.limits import (
    NESTED_CHARACTERS_MAX,
    TEMPLATE_BYTES_MAX,
)
from fogline.aws.velocity.source import whole_characters

_TEXT = re.compile(r"[^$#\\]+")
_SPACES = re.compile(r"[ \t]+(?=#(?:set|\{set\}) *\()")
_SLASHES = re.compile(r"\\+")
_REFERENCE_AHEAD = re.compile(r"(?=\$!?\{?[A-Za-z_])")
_DIRECTIVE = re.compile(r"(\\+)#(?:([A-Za-z_@][A-Za-z0-9_@]*)|\{([A-Za-z_][A-Za-z0-9_@]*)\})")
_DIRECTIVE = re.compile(r"#(?:([A-Za-z_@][A-Za-z0-9_@]*)|\{([A-Za-z_][A-Za-z0-9_@]*)\})")
_SET = re.compile(r"#(?:set|\{set\}) *\(")
_BRACKET = re.compile(r"[ \t\r\n]*\(")
_COMMENT_TO_LINE_END = re.compile(r"##[^\r\n]*(?:\r\n|\n|\r)?")
_IN = re.compile(r"[ \t\r\n]*in(?![A-Za-z0-9_])")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SEPARATOR = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")

_FAILED_CALL_CHARACTERS = 100
"""What text that only looks like a call costs, as if it were so much text to be read again."""
_CONTINUATIONS = ("end", "else", "elseif")
_DIRECTIVES = frozenset(
    (
        "set",
        "if",
        "foreach",
        "macro",
        "define",
        "stop",
        "break",
        "parse",
        "include",
        *_CONTINUATIONS,
    )
)


class Reader(ExpressionReader):
    """Reads one template; `macros` are those that it defines."""

    def __init__(self, text: str) -> None:
        super().__init__(whole_characters(text), self._read_within)
        self.macros: dict[str, MacroDefinition] = {}
        self._nested = [0]

    def read(self) -> Sequence[Statement]:
        if len(self.text.encode()) > TEMPLATE_BYTES_MAX:
            raise InvalidTemplate("The template is larger than 300 KB", 1, 1)
        statements, _ = self._statements(())
        return statements

    def _read_within(self, text: str, place: tuple[int, int], depth: int) -> Sequence[Statement]:
        """The statements of a text in double quotes."""
        self._nested[0] += len(text)
        if self._is_exhausted:
            self.fail("Texts are nested in texts too often")
        inner = Reader(text)
        inner._nested = self._nested
        inner._line, inner._column = place
        inner.depth = inner.depth_reached = depth
        inner.macros = self.macros
        statements, _ = inner._statements(())
        self.depth_reached = max(self.depth_reached, inner.depth_reached)
        return statements

    @property
    def _is_exhausted(self) -> bool:
        return self._nested[0] > NESTED_CHARACTERS_MAX

    # ---- statements

    def _statements(self, ends: Sequence[str]) -> tuple[Sequence[Statement], str]:
        """All up to one of these directives, which is passed; or up to the end of the text if there are none."""
        self.deeper()
        start = self.at
        statements: list[Statement] = []
        texts: list[str] = []
        end = ""
        while self.at < len(self.text):
            end = self._continuation()
            if end:
                if end not in ends:
                    self.fail(f"#{end} has no meaning here")
                self._pass_continuation(end)
                break
            statement = self._statement()
            if isinstance(statement, Text):
                texts.append(statement.content)
            elif statement is not None:
                _add_text(statements, texts)
                statements.append(statement)
        if ends and not end:
            self.fail("#end is missing for the directive before this", start)
        _add_text(statements, texts)
        self.depth -= 1
        return tuple(statements), end

    def _continuation(self) -> str:
        """Which of `#end`, `#else` and `#elseif` stands here; nothing is passed."""
        if not self.stands_at("#"):
            return ""
        found = _DIRECTIVE.match(self.text, self.at)
        name = (found[1] or found[2]) if found else ""
        return name if name in _CONTINUATIONS else ""

    def _pass_continuation(self, name: str) -> None:
        self.match(_DIRECTIVE)
        if name != "elseif":
            self.skip_line_end()

    def _statement(self) -> Statement | None:
        """The next; None for what leaves nothing."""
        letter = self.text[self.at]
        if letter == "$":
            return self._shown("")
        if letter == "#":
            return self._hash()
        if letter == "\\":
            return self._slashes()
        if self.match(_SPACES):
            return None
        found = self.match(_TEXT)
        assert found is not None
        return Text(found[0])

    def _shown(self, before: str) -> Statement:
        reference = self.find_reference()
        if reference is None:
            self.at += 1
            return Text(before + "$")
        return Shown(before, reference)

    def _slashes(self) -> Statement:
        """Backslashes count only where they touch a reference or a directive; there each second one is taken."""
        found = self.match(_SLASHES)
        assert found is not None
        slashes = found[0]
        half = slashes[: len(slashes) // 2]
        if self.match(_REFERENCE_AHEAD):
            if len(slashes) % 2 == 0:
                return self._shown(half)
            reference = self.find_reference()
            return Text(half + (reference.source if reference else ""))
        directive = _DIRECTIVE.match(self.text, self.at)
        if directive and self._is_directive(directive[1] or directive[2]):
            if len(slashes) % 2 == 0:
                return Text(half)
            self.at = directive.end()
            return Text(half + directive[0])
        return Text(slashes)

    def _is_directive(self, name: str) -> bool:
        return name in _DIRECTIVES or name in self.macros

    # ---- directives

    def _hash(self) -> Statement | None:
        if self.match(_COMMENT_TO_LINE_END):
            return None
        for begin, end in (("#[[", "]]#"), ("#*", "*#")):
            if self.stands_at(begin):
                return self._enclosed(begin, end)
        if self.match(_SET):
            return self._set()
        found = _DIRECTIVE.match(self.text, self.at)
        if found is None:
            self.at += 1
            return Text("#")
        name = found[1] or found[2]
        start = self.at
        self.at = found.end()
        match name:
            case "if":
                return self._if()
            case "foreach":
                return self._foreach()
            case "macro":
                self._macro()
                return None
            case "define":
                return self._define()
            case "parse" | "include":
                self._arguments()
                return Refused(name)
            case "stop" | "break":
                if self.match(_BRACKET):
                    self._arguments_after_bracket()
                return Stop() if name == "stop" else Break()
        return self._macro_call(start, name)

    def _enclosed(self, begin: str, end: str) -> Statement | None:
        start = self.at + len(begin)
        stop = self.text.find(end, start)
        if stop < 0:
            self.fail(f"'{end}' is missing after {begin}")
        self.at = stop + len(end)
        return Text(self.text[start:stop]) if begin == "#[[" else None

    def _set(self) -> Statement:
        self.skip()
        place = self.find_reference() if self.stands_at("$") else None
        if place is None:
            self.fail("#set needs a reference to set")
        self.need("=", "#set")
        expression = self.expression()
        self._close("#set")
        return Set(place, expression)

    def _close(self, directive: str) -> None:
        self.need(")", directive)
        self.skip_line_end()

    def _open(self, directive: str) -> None:
        if not self.match(_BRACKET):
            self.fail(f"'(' is missing after {directive}")

    def _if(self) -> Statement:
        branches: list[tuple[Expression, Sequence[Statement]]] = []
        otherwise: Sequence[Statement] = ()
        name = "if"
        while name in ("if", "elseif"):
            self._open(f"#{name}")
            condition = self.expression()
            self._close(f"#{name}")
            body, name = self._statements(_CONTINUATIONS)
            branches.append((condition, body))
        if name == "else":
            otherwise, _ = self._statements(("end",))
        return If(tuple(branches), otherwise)

    def _variable(self, directive: str) -> str:
        self.skip()
        reference = self.find_reference() if self.stands_at("$") else None
        if reference is None or reference.steps:
            self.fail(f"{directive} needs a variable")
        return reference.name

    def _foreach(self) -> Statement:
        self._open("#foreach")
        name = self._variable("#foreach")
        if not self.match(_IN):
            self.fail("'in' is missing in #foreach")
        items = self.simple()
        self._close("#foreach")
        body, _ = self._statements(("end",))
        return Foreach(name, items, body)

    def _define(self) -> Statement:
        self._open("#define")
        name = self._variable("#define")
        self._close("#define")
        return Define(name, self._block())

    def _block(self) -> Block:
        """All up to `#end`, with how many levels of nesting that has."""
        before, self.depth_reached = self.depth_reached, self.depth
        body, _ = self._statements(("end",))
        levels = self.depth_reached - self.depth
        self.depth_reached = max(self.depth_reached, before)
        return Block(body, levels)

    def _macro(self) -> None:
        self._open("#macro")
        self.skip()
        name = self.match(_WORD)
        if name is None or name[0] in _DIRECTIVES:
            self.fail("#macro needs a name of its own")
        parameters: list[str] = []
        while True:
            self.match(_SEPARATOR)
            if not self.stands_at("$"):
                break
            parameters.append(self._variable("#macro"))
        self._close("#macro")
        block = self._block()
        self.macros.setdefault(
            name[0], MacroDefinition(name[0], tuple(parameters), block.body, block.levels)
        )

    def _macro_call(self, start: int, name: str) -> Statement:
        """A call of a macro, which may be defined later; where there is none, it is text."""
        after = self.at
        arguments: Sequence[Expression] = ()
        if self.match(_BRACKET):
            try:
                arguments = self._arguments_after_bracket()
            except InvalidTemplate:
                self._nested[0] += _FAILED_CALL_CHARACTERS
                if self._is_exhausted:
                    raise
                # Text may contain what looks like a call: `#pk (= :pk)`.
                self.at = after
                return Text(self.text[start:after])
        source = self.text[start : self.at]
        if not name.startswith("@"):
            return MacroCall(name, arguments, source)
        return MacroCall(name[1:], arguments, source, self._block())

    def _arguments(self) -> Sequence[Expression]:
        return self._arguments_after_bracket() if self.match(_BRACKET) else ()

    def _arguments_after_bracket(self) -> Sequence[Expression]:
        depth = self.depth
        arguments: list[Expression] = []
        try:
            while True:
                self.match(_SEPARATOR)
                if self.take(")"):
                    self.skip_line_end()
                    return tuple(arguments)
                argument = self.find_simple()
                if argument is None:
                    word = self.match(_WORD)
                    if word is None:
                        self.fail("')' is missing after the arguments")
                    argument = Literal(word[0])
                arguments.append(argument)
        finally:
            self.depth = depth


def _add_text(statements: list[Statement], texts: list[str]) -> None:
    """Adds the pieces of text as one, and forgets them."""
    if texts:
        statements.append(Text("".join(texts)))
        texts.clear()
