"""The part of PromQL that the simulation answers: selectors, rate, increase, sum by, histogram_quantile.

What is beyond it is an error, as what Prometheus does not understand is one: never a number that was made up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Protocol


class Series(Protocol):
    """One series: its labels, its value at a time, and for a counter its growth a second."""

    labels: dict[str, str]
    counter: bool

    def at(self, when: float) -> float | None:
        """The value at a time; None when there is none."""
        ...

    def rate(self, when: float, window: float) -> float | None:
        """The growth a second over the window that ends at a time; None when nothing was there."""
        ...


# Labels, sorted, and the value of each series at one time.
Labels = tuple[tuple[str, str], ...]
Vector = dict[Labels, float]
Matcher = tuple[str, Callable[[str], bool]]

NAME = "__name__"
MAX_DEPTH = 20
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")'
    r"|(?P<duration>(?:\d+(?:ms|[smhdw]))+)"
    r"|(?P<number>\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"
    r"|(?P<mark>=~|!~|!=|[{}()\[\],=]))"
)


class QueryError(Exception):
    """A query that Prometheus would not take, or that the simulation does not know."""


class Selector:
    """Series by their labels, and over which window, for a function that wants one."""

    def __init__(self, matchers: Sequence[Matcher], window: float | None) -> None:
        self.matchers = matchers
        self.window = window

    def found(self, series: Sequence[Series]) -> list[Series]:
        """The series that it names."""
        return [one for one in series if all(fits(one.labels.get(name, "")) for name, fits in self.matchers)]


# Asks series for their values at a time; a query makes one of all series that there are.
Ask = Callable[[float], Vector]
Query = Callable[[Sequence[Series]], Ask]


def parse(text: str) -> Query:
    """Read a query; QueryError says what of it was not understood."""
    reader = _Reader(text)
    query = reader.query()
    reader.end()
    return query


def seconds(text: str) -> float:
    """Seconds of a duration such as 90s or 1h30m, or of a bare number; QueryError when it is none."""
    parts = re.findall(r"(\d+)(ms|[smhdw])", text)
    if parts and "".join(map("".join, parts)) == text:
        return float(sum(int(number) * _SECONDS[unit] for number, unit in parts))
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    raise QueryError(f"cannot parse {text!r} to a valid duration")


class _Reader:
    """Reads a query from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0

    def query(self) -> Query:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError(f"not simulated: more than {MAX_DEPTH} functions")
        name = self._peek()
        if name in {"rate", "increase"} and self._peek(1) == "(":
            return self._growth()
        if name == "sum":
            return self._sum()
        if name == "histogram_quantile":
            return self._quantile()
        return self._plain()

    def end(self) -> None:
        if self._peek():
            raise QueryError(f"not simulated: {self._peek()!r} after the query")

    def _plain(self) -> Query:
        selector = self._selector()
        if selector.window is not None:
            raise QueryError("a range needs a function over it: rate or increase")

        def over(series: Sequence[Series]) -> Ask:
            found = selector.found(series)
            if any(one.counter for one in found):
                raise QueryError("not simulated: a counter without rate or increase")
            keys = [_key(one.labels) for one in found]
            return lambda when: _vector(keys, [one.at(when) for one in found])

        return over

    def _growth(self) -> Query:
        function = self._next()
        self._take("(")
        selector = self._selector()
        self._take(")")
        window = selector.window
        if window is None:
            raise QueryError(f"{function} needs a range, as in [1m]")

        times = window if function == "increase" else 1.0

        def over(series: Sequence[Series]) -> Ask:
            found = selector.found(series)
            if not all(one.counter for one in found):
                raise QueryError(f"not simulated: {function} of what is no counter")
            # A growth is another thing than the counter: Prometheus takes the name away.
            keys = [tuple(pair for pair in _key(one.labels) if pair[0] != NAME) for one in found]
            return lambda when: {
                key: value * times
                for key, value in _vector(keys, [one.rate(when, window) for one in found]).items()
            }

        return over

    def _sum(self) -> Query:
        self._take("sum")
        by = self._by() if self._peek() == "by" else None
        self._take("(")
        inner = self.query()
        self._take(")")
        labels = self._by() if by is None and self._peek() == "by" else by or ()

        @cache
        def kept(known: Labels) -> Labels:
            return tuple(pair for pair in known if pair[0] in labels)

        def over(series: Sequence[Series]) -> Ask:
            ask = inner(series)

            def total(when: float) -> Vector:
                totals: Vector = {}
                for known, value in ask(when).items():
                    key = kept(known)
                    totals[key] = totals.get(key, 0.0) + value
                return totals

            return total

        return over

    def _by(self) -> tuple[str, ...]:
        self._take("by")
        self._take("(")
        labels = []
        while self._peek() != ")":
            labels.append(self._next())
            if self._peek() == ",":
                self._next()
        self._take(")")
        return tuple(labels)

    def _quantile(self) -> Query:
        self._take("histogram_quantile")
        self._take("(")
        wanted = self._next()
        if not re.fullmatch(r"0?\.\d+|[01]", wanted):
            raise QueryError(f"not simulated: the quantile {wanted!r}")
        self._take(",")
        inner = self.query()
        self._take(")")

        def over(series: Sequence[Series]) -> Ask:
            ask = inner(series)

            def estimate(when: float) -> Vector:
                grouped: dict[Labels, list[tuple[float, float]]] = {}
                for known, value in ask(when).items():
                    key, bound = _bounded(known)
                    if bound is not None:
                        grouped.setdefault(key, []).append((bound, value))
                return {key: quantile(float(wanted), sorted(buckets)) for key, buckets in grouped.items()}

            return estimate

        return over

    def _selector(self) -> Selector:
        matchers: list[Matcher] = []
        if self._peek()[:1] not in {"{", ""}:
            name = self._next()
            if not re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", name) or self._peek() == "(":
                raise QueryError(f"not simulated: {name!r}")
            matchers.append((NAME, name.__eq__))
        if self._peek() == "{":
            matchers += self._matchers()
        if not matchers:
            raise QueryError("the query names no series")
        window = None
        if self._peek() == "[":
            self._next()
            window = seconds(self._next())
            self._take("]")
            if not window:
                raise QueryError("duration must be greater than 0")
        return Selector(matchers, window)

    def _matchers(self) -> list[Matcher]:
        self._take("{")
        found = []
        while self._peek() != "}":
            label, operator, quoted = self._next(), self._next(), self._next()
            if quoted[:1] != '"' or operator not in _FITS:
                raise QueryError(f"unexpected {operator!r} {quoted!r} after the label {label!r}")
            found.append((label, _FITS[operator](re.sub(r"\\(.)", r"\1", quoted[1:-1]))))
            if self._peek() == ",":
                self._next()
        self._take("}")
        return found

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise QueryError("unexpected end of the query")
        self._at += 1
        return token

    def _take(self, wanted: str) -> None:
        token = self._next()
        if token != wanted:
            raise QueryError(f"unexpected {token!r}, expected {wanted!r}")


def quantile(wanted: float, buckets: Sequence[tuple[float, float]]) -> float:
    """The value below which a share of what a histogram counted lies, as Prometheus reckons it.

    Args:
        wanted: the share, 0 to 1.
        buckets: upper bound and cumulative count of each, in order; the last bound is infinite.
    """
    total = buckets[-1][1]
    if len(buckets) < 2 or buckets[-1][0] != float("inf") or not total:
        return float("nan")
    rank = wanted * total
    at = next(index for index, (_, count) in enumerate(buckets) if count >= rank)
    if at == len(buckets) - 1:
        return buckets[-2][0]
    lower, before = buckets[at - 1] if at else (0.0, 0.0)
    upper, count = buckets[at]
    return upper if count == before else lower + (upper - lower) * (rank - before) / (count - before)


@lru_cache(maxsize=10_000)
def _bounded(known: Labels) -> tuple[Labels, float | None]:
    """A histogram's labels without the bound of the bucket, and that bound."""
    bound = dict(known).get("le")
    rest = tuple(pair for pair in known if pair[0] != "le")
    return rest, None if bound is None else float(bound.replace("+Inf", "inf"))


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise QueryError(f"not simulated: {text[at : at + 20]!r}")
        found.append(match[0].strip())
        at = match.end()
    return found


def _key(labels: dict[str, str]) -> Labels:
    return tuple(sorted(labels.items()))


def _vector(keys: Sequence[Labels], values: Sequence[float | None]) -> Vector:
    return {key: value for key, value in zip(keys, values, strict=True) if value is not None}


def _pattern(text: str) -> Callable[[str], bool]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise QueryError(f"error parsing regexp: {error}") from None
    return lambda value: pattern.fullmatch(value) is not None


def _not(fits: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda value: not fits(value)


_FITS: dict[str, Callable[[str], Callable[[str], bool]]] = {
    "=": lambda text: text.__eq__,
    "!=": lambda text: text.__ne__,
    "=~": _pattern,
    "!~": lambda text: _not(_pattern(text)),
}
