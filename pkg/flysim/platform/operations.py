"""A GraphQL operation, as the platform sees one: by its kind and its root fields."""

from __future__ import annotations

from pkg.flysim.platform.store import Json


class QueryError(Exception):
    """A text that is no GraphQL that we can read."""


class Field:
    """A root field: its name, the name that the answer has it under, and its arguments."""

    __slots__ = ("alias", "arguments", "name")

    def __init__(self, name: str, alias: str, arguments: Json) -> None:
        self.name = name
        self.alias = alias
        self.arguments = arguments


class Operation:
    """What is asked: `kind` is query or mutation; `mentions` are all the names in the text."""

    __slots__ = ("fields", "kind", "mentions")

    def __init__(self, kind: str, fields: tuple[Field, ...], mentions: frozenset[str]) -> None:
        self.kind = kind
        self.fields = fields
        self.mentions = mentions

    @property
    def key(self) -> str:
        """The operation as faults and recordings name it: `query appcompact:app`."""
        first = self.fields[0]
        return f"{self.kind} {first.name if first.alias == first.name else f'{first.alias}:{first.name}'}"


def named(key: str, variables: Json) -> Operation:
    """The operation of a key such as `query appcompact:app`, as a client in this process asks."""
    kind, _, root = key.partition(" ")
    alias, _, name = root.replace(" ", "").rpartition(":")
    if kind not in {"query", "mutation"} or not name:
        raise QueryError(f"{key!r} is no operation; one is: query appcompact:app")
    return Operation(kind, (Field(name, alias or name, variables),), frozenset({name}))
