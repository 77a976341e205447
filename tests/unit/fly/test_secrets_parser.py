"""The model of flyctl's import reader, row by row as it was observed."""

import pytest

from pkg.fly.secrets_parser import DIALECTS, LINE_LIMIT, Dialect, Unreadable, read, survives

OBSERVED = Dialect.HASH  # 0.4.87's


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('C=3\nD="four 4"\n', {"C": "3", "D": "four 4"}),  # recorded: operate.json, secrets import --stage
        ("PW=abc#def\n", {"PW": "abc"}),
        ("PW='abc#def'\n", {"PW": "'abc"}),
        ('A=1\nB="""open\nC=3\nD=4\n', {"A": "1"}),
        (f"A=1\nB={'x' * LINE_LIMIT}\nC=3\n", {"A": "1"}),
        ("# a remark\n\n  \nA = b c \n", {"A": "b c "}),
        ('A="""one\ntwo"""\n', {"A": "one\ntwo"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ('A=a"b#c\n', {"A": 'a"b#c'}),
    ],
)
def test_reads_what_the_real_flyctl_was_seen_to_read(text: str, found: dict[str, str]) -> None:
    assert read(text, OBSERVED) == found


def test_a_line_without_an_equals_sign_stops_it_and_is_not_repeated_in_our_error() -> None:
    with pytest.raises(Unreadable) as error:
        read("hunter2secret\n", OBSERVED)
    assert "hunter2" not in str(error.value)


def test_a_lone_quote_crashes_it() -> None:
    with pytest.raises(Unreadable):
        read('A="\n', OBSERVED)


def test_what_only_some_versions_read_unchanged_does_not_survive() -> None:
    assert read("A='x'\n", Dialect.HASH) == {"A": "'x'"}
    assert not survives("A='x'\n", {"A": "'x'"})


def test_every_known_version_is_asked() -> None:
    assert len(DIALECTS) == 3
    assert survives("A=plain\n", {"A": "plain"})
