"""JSON, tables and ages, as the real one prints them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.flysim.flyctl.render import ago, go_json, table

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_html_is_escaped_as_go_escapes_it() -> None:
    assert go_json({"a": "<b>&\u2028"}, indent=None) == '{"a":"\\u003cb\\u003e\\u0026\\u2028"}'


@given(JSON)
def test_what_is_written_is_read_as_the_same(value: object) -> None:
    assert json.loads(go_json(value)) == value


def test_a_table_is_aligned_and_titled() -> None:
    text = table(("NAME", "STATE"), [("a", "started"), ("longer", "x")], title="Machines")
    assert text == "Machines\n NAME   │ STATE   \n a      │ started \n longer │ x       \n\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (1, "1 second ago"),
        (59, "59 seconds ago"),
        (60, "1 minute ago"),
        (150, "2 minutes ago"),
        (3600, "1 hour ago"),
        (7300, "2 hours ago"),
        (86400, "1 day ago"),
        (3 * 86400, "3 days ago"),
        (8 * 86400, "1 week ago"),
        (15 * 86400, "2 weeks ago"),
        (40 * 86400, "1 month ago"),
        (-60 * 86400, "2 months from now"),
        (400 * 86400, "1 year ago"),
        (800 * 86400, "2 years ago"),
    ],
)
def test_an_age_is_said_in_words(seconds: int, words: str) -> None:
    assert ago(seconds) == words
