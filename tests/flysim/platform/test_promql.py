"""The part of PromQL that the simulation knows; what is beyond it is refused."""

import contextlib
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.flysim.platform import promql
from pkg.flysim.platform.promql import QueryError, Series, Vector


@dataclass
class Known:
    """A series with one value for ever."""

    labels: dict[str, str]
    value: float = 1.0
    counter: bool = False
    asked: list[tuple[float, float]] = field(default_factory=list)

    def at(self, when: float) -> float | None:
        return self.value

    def rate(self, when: float, window: float) -> float | None:
        self.asked.append((when, window))
        return self.value


SERIES: list[Series] = [
    Known({"__name__": "up", "app": "a", "instance": "1"}, 1),
    Known({"__name__": "up", "app": "b", "instance": "2"}, 2),
    Known({"__name__": "hits", "app": "a", "status": "200"}, 10, counter=True),
    Known({"__name__": "hits", "app": "a", "status": "500"}, 5, counter=True),
    *(
        Known({"__name__": "took_bucket", "le": bound}, count, counter=True)
        for bound, count in (("0.1", 50.0), ("0.5", 90.0), ("+Inf", 100.0))
    ),
]


def ask(query: str) -> list[float]:
    return sorted(promql.parse(query)(SERIES)(1000.0).values())


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("up", [1, 2]),
        ('up{app="a"}', [1]),
        ('{__name__="up",app="b"}', [2]),
        ('up{app!="a"}', [2]),
        ('up{app=~"a|b"}', [1, 2]),
        ('up{app!~"a|c"}', [2]),
        ('up{app=~"a."}', []),
        ('up{zone=""}', [1, 2]),
        ('{__name__=~"up|nothing"}', [1, 2]),
        ("nothing", []),
        ("rate(hits[1m])", [5, 10]),
        ('increase(hits{status="500"}[1h30m])', [5 * 5400]),
        ("sum(up)", [3]),
        ("sum by (app) (up)", [1, 2]),
        ("sum(up) by (app)", [1, 2]),
        ("sum by (app) (rate(hits[30s]))", [15]),
        ("histogram_quantile(0.5, sum by (le) (rate(took_bucket[1m])))", [0.1]),
        ("histogram_quantile(0.7, rate(took_bucket[1m]))", [0.3]),
        ("histogram_quantile(0.95, rate(took_bucket[1m]))", [0.5]),
    ],
)
def test_a_query_is_answered(query: str, values: list[float]) -> None:
    assert ask(query) == pytest.approx(values)


def test_a_growth_has_no_name_and_a_sum_only_the_labels_that_it_is_by() -> None:
    grown: Vector = promql.parse('rate(hits{status="200"}[1m])')(SERIES)(0)
    assert list(grown) == [(("app", "a"), ("status", "200"))]
    assert list(promql.parse("sum by (app, zone) (rate(hits[1m]))")(SERIES)(0)) == [(("app", "a"),)]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "{}",
        "up{",
        "up{app=a}",
        'up{app="a"',
        "up[1m]",
        "hits",
        "rate(up[1m])",
        "rate(hits)",
        "rate(hits[0s])",
        "rate(hits[soon])",
        "up + up",
        "up up",
        "avg(up)",
        "irate(hits[1m])",
        "sum by app (up)",
        'up{app=~"("}',
        "histogram_quantile(2, rate(took_bucket[1m]))",
        "histogram_quantile(0.5",
        "5",
        "sum(" * 1000,
    ],
)
def test_what_is_not_known_is_refused(query: str) -> None:
    with pytest.raises(QueryError):
        ask(query)


@given(st.text(alphabet='uphits{}()[]=~!",. 5m_byr', max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(QueryError):
        promql.parse(text)(SERIES)(0)


@given(
    st.floats(0, 1, allow_nan=False),
    st.lists(st.floats(0, 100), min_size=1, max_size=6),
)
def test_a_quantile_lies_within_the_bounds_and_never_falls_as_the_share_grows(
    share: float, steps: list[float]
) -> None:
    total, buckets = 1.0, []
    for at, step in enumerate(steps):
        total += step
        buckets.append((float(at + 1), total))
    buckets.append((float("inf"), total))
    low, high = promql.quantile(share / 2, buckets), promql.quantile(share, buckets)
    assert 0 <= low <= high <= len(steps)


def test_a_quantile_of_nothing_is_no_number() -> None:
    nothing = promql.quantile(0.5, [(1.0, 0.0), (float("inf"), 0.0)])
    assert nothing != nothing  # noqa: PLR0124 - only NaN differs from itself


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60", 60), ("1.5", 1.5), ("90s", 90), ("1h30m", 5400), ("2d", 172800), ("500ms", 0.5)],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert promql.seconds(text) == seconds
