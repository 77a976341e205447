"""GraphQL, as much of it as it takes to know what is asked: operation, root fields, arguments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pkg.flysim.platform.operations import Field, Operation, QueryError
from pkg.flysim.platform.store import Json

_TOKEN = re.compile(
    r"(?P<skip>[\s,\ufeff]+|#[^\n\r]*)"
    r'|(?P<block>"""(?:[^"\\]|\\.|"(?!""))*""")'
    r'|(?P<string>"(?:[^"\\\n]|\\.)*")'
    r"|(?P<name>[_A-Za-z][_0-9A-Za-z]*)"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<mark>\.\.\.|[!$&()\[\]{}:=@|])"
)


def parse(text: str, variables: Json) -> Operation:
    """Read a GraphQL text; arguments have the variables' values. QueryError when it cannot be read."""
    return _Reader(text, variables).operation()


class _Reader:
    def __init__(self, text: str, variables: Json) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._variables = variables

    def operation(self) -> Operation:
        kind = "query"
        while self._peek() != "{":
            word = self._next()
            if word in {"query", "mutation"}:
                kind = word
                break
            if word != "fragment":
                raise QueryError(f"Syntax Error: unexpected {word!r}")
            self._skip_to_block()
            self._skip("{", "}")
        self._skip_to_block()
        fields = tuple(self._fields())
        if not fields:
            raise QueryError("Syntax Error: an operation needs a field")
        return Operation(kind, fields, frozenset(self._tokens))

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise QueryError("Syntax Error: unexpected end of the query")
        self._at += 1
        return token

    def _skip_to_block(self) -> None:
        while self._peek() != "{":
            if self._peek() == "(":
                self._skip("(", ")")
            else:
                self._next()

    def _skip(self, opening: str, closing: str) -> None:
        depth = 0
        while True:
            token = self._next()
            depth += (token == opening) - (token == closing)
            if depth == 0:
                return

    def _fields(self) -> Iterator[Field]:
        self._next()
        while self._peek() != "}":
            alias = name = self._next()
            if not name.isidentifier():
                raise QueryError(f"Syntax Error: unexpected {name!r}")
            if self._peek() == ":":
                self._next()
                name = self._next()
            arguments = self._arguments() if self._peek() == "(" else {}
            while self._peek() == "@":
                self._next()
                self._next()
                if self._peek() == "(":
                    self._skip("(", ")")
            if self._peek() == "{":
                self._skip("{", "}")
            yield Field(name, alias, {**self._variables, **arguments})
        self._next()

    def _arguments(self) -> Json:
        self._next()
        arguments: Json = {}
        while self._peek() != ")":
            name = self._next()
            if self._next() != ":":
                raise QueryError(f"Syntax Error: {name} needs a value")
            arguments[name] = self._value()
        self._next()
        return arguments

    def _value(self) -> object:
        first = self._next()
        if first == "$":
            return self._variables.get(self._next())
        if first == "[":
            return list(self._until("]"))
        if first == "{":
            return self._object()
        return _literal(first)

    def _until(self, closing: str) -> Iterator[object]:
        while self._peek() != closing:
            yield self._value()
        self._next()

    def _object(self) -> Json:
        values: Json = {}
        while self._peek() != "}":
            name = self._next()
            if self._next() != ":":
                raise QueryError(f"Syntax Error: {name} needs a value")
            values[name] = self._value()
        self._next()
        return values


def _literal(token: str) -> object:
    """A number, a string, true, false, null, or (GraphQL's enum) a name."""
    if token.startswith('"""'):
        return token[3:-3]
    try:
        return json.loads(token)
    except ValueError:
        return token


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise QueryError(f"Syntax Error: unexpected {text[at]!r}")
        at = match.end()
        if match.lastgroup != "skip":
            yield match.group()
