"""Lengths of time, as people type them and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.fly import durations
from pkg.shell.errors import BadInput


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("5m", 300),
        ("1h", 3600),
        ("1h30m", 5400),
        ("2d", 172800),
        (" 1D2H ", 93600),
        ("1d1s", 86401),
    ],
)
def test_a_length_is_read(text: str, seconds: float) -> None:
    assert durations.seconds(text, "--since") == seconds


@pytest.mark.parametrize(
    "text", ["", "0s", "5", "5 m", "m", "-5m", "1.5h", "30m1h", "1w", "9999999s", "soon"]
)
def test_what_is_no_length_is_refused_with_the_option_that_it_was_given_to(text: str) -> None:
    with pytest.raises(BadInput, match="--since") as caught:
        durations.seconds(text, "--since")
    assert "1h30m" in caught.value.fix


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (45, "45s"), (90, "1m30s"), (5400, "1h30m"), (93784, "1d2h"), (299.6, "5m")],
)
def test_a_length_is_shown_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert durations.shown(seconds) == text


@given(st.integers(1, 10**6))
def test_what_is_shown_reads_as_nearly_the_same_length(seconds: int) -> None:
    shown = durations.shown(seconds)
    assert 0 <= seconds - durations.seconds(shown, "--since") < max(60, 0.05 * seconds)
