"""Data from outside as typed values, from any number of threads."""

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import msgspec

T = TypeVar("T")

# msgspec reads the fields of a class when it first meets it, in Python code, and leaves what it has so far
# where another thread finds it: that thread then follows a null pointer (tests/unit/shell/test_decoding.py).
_FIRST = Lock()


def from_json(content: bytes | str, kind: type[T]) -> T:
    """Return JSON as a value of a type.

    Args:
        content: the JSON.
        kind: any type that msgspec knows; fields that it does not name are ignored.

    Raises:
        msgspec.ValidationError: a field is missing or of another type; its path is named.
        msgspec.DecodeError: it is no JSON.
    """
    decoded: T = _known(kind).decode(content)
    return decoded


def converted(value: object, kind: type[T]) -> T:
    """Return plain values, as TOML and YAML are read to, as a value of a type.

    Raises:
        msgspec.ValidationError: a field is missing or of another type; its path is named.
    """
    import msgspec

    _known(kind)
    return msgspec.convert(value, kind)


def _known(kind: Any) -> "msgspec.json.Decoder[Any]":  # noqa: ANN401 -- a type, of which mypy has no name
    with _FIRST:
        return _decoder(kind)


@cache
def _decoder(kind: Any) -> "msgspec.json.Decoder[Any]":  # noqa: ANN401 -- as above
    import msgspec

    return msgspec.json.Decoder(kind)
