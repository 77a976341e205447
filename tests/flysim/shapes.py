"""The shape of a JSON value: its keys and types, as the facts write it, and whether another value has it."""

from __future__ import annotations

from typing import Any

# A manifest or a machine's configuration comes back as it was sent: its inside is the sender's.
OPAQUE = {"definition", "configDefinition"}
NAMES = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str"}

Shape = Any


def shape(value: object, key: str = "") -> Shape:
    """The shape of a value; a list has the shape that fits all of its elements."""
    if key in OPAQUE or (key == "config" and isinstance(value, dict) and "image" in value):
        return "object"
    if isinstance(value, dict):
        return {name: shape(inner, name) for name, inner in sorted(value.items())}
    if isinstance(value, list):
        merged: list[Shape] = []
        for element in value:
            merged = [shape(element)] if not merged else [merge(merged[0], shape(element))]
        return merged
    return NAMES[type(value)]


def merge(one: Shape, other: Shape) -> Shape:
    """The shape that fits both; a key that one lacks ends in a question mark."""
    if one == other:
        return one
    if isinstance(one, dict) and isinstance(other, dict):
        return _merge_keys(_by_name(one), _by_name(other))
    if isinstance(one, list) and isinstance(other, list):
        return [merge(one[0], other[0])] if one and other else one or other
    if isinstance(one, str) and isinstance(other, str):
        return "|".join(sorted({*one.split("|"), *other.split("|")}))
    return {"either": [one, other]}


def _by_name(keys: dict[str, Shape]) -> dict[str, tuple[bool, Shape]]:
    return {key.rstrip("?"): (key.endswith("?"), inner) for key, inner in keys.items()}


def _merge_keys(one: dict[str, tuple[bool, Shape]], other: dict[str, tuple[bool, Shape]]) -> Shape:
    merged = {}
    for name in sorted({*one, *other}):
        found = [keys[name] for keys in (one, other) if name in keys]
        optional = len(found) == 1 or any(maybe for maybe, _ in found)
        inner = found[0][1] if len(found) == 1 else merge(found[0][1], found[1][1])
        merged[f"{name}?" if optional else name] = inner
    return merged


def differences(actual: Shape, recorded: Shape, where: str = "") -> list[str]:
    """Where a shape is not the recorded one. An empty list says nothing of its elements, on either side."""
    if actual == recorded:
        return []
    if isinstance(actual, list) and isinstance(recorded, list):
        return differences(actual[0], recorded[0], f"{where}[]") if actual and recorded else []
    if isinstance(actual, dict) and isinstance(recorded, dict):
        return _key_differences(_by_name(actual), _by_name(recorded), where)
    return [f"{where or 'the body'}: {actual} is not {recorded}"]


def _key_differences(
    actual: dict[str, tuple[bool, Shape]], recorded: dict[str, tuple[bool, Shape]], where: str
) -> list[str]:
    found = []
    for name in sorted({*actual, *recorded}):
        if name not in recorded:
            found.append(f"{where}.{name}: not recorded")
        elif name not in actual:
            found += [] if recorded[name][0] else [f"{where}.{name}: missing"]
        else:
            found += differences(actual[name][1], recorded[name][1], f"{where}.{name}")
    return found
