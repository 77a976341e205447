"""Flag values, by the rules of Go's standard library."""

from __future__ import annotations

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.flysim.flyctl import values
from pkg.flysim.flyctl.values import BadValue


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("-0", 0),
        ("+7", 7),
        ("-12", -12),
        ("0x1F", 31),
        ("0X_1f", 31),
        ("0b101", 5),
        ("0o17", 15),
        ("017", 15),
        ("0_17", 15),
        ("1_000", 1000),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
    ],
)
def test_an_integer_is_read_in_every_form_that_go_has(text: str, number: int) -> None:
    assert values.parse_int(text) == number


@pytest.mark.parametrize(
    "text", ["", "-", "x", "1.5", "08", "0x", "1_", "_1", "1__0", " 1", "1 ", "٣", "--1", "0b2", "+-1"]
)
def test_what_is_no_integer_is_refused_with_the_words_of_go(text: str) -> None:
    with pytest.raises(BadValue) as refused:
        values.parse_int(text)
    assert str(refused.value) == f"strconv.ParseInt: parsing {values.go_quote(text)}: invalid syntax"


def test_an_integer_that_is_too_large_is_out_of_range() -> None:
    with pytest.raises(
        BadValue, match=r'strconv.ParseInt: parsing "9223372036854775808": value out of range'
    ):
        values.parse_int("9223372036854775808")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-1e3", -1000.0),
        ("0x1p-2", 0.25),
        ("Inf", math.inf),
        ("-infinity", -math.inf),
    ],
)
def test_a_float_is_read(text: str, number: float) -> None:
    assert values.parse_float(text) == number


@pytest.mark.parametrize("text", ["", ".", "1e", "0x1", "1_0", " 1", "one", "0x.p1", "1.5.2"])
def test_what_is_no_float_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match=r"strconv\.ParseFloat: .* invalid syntax"):
        values.parse_float(text)


def test_a_float_that_is_too_large_is_out_of_range() -> None:
    with pytest.raises(BadValue, match="value out of range"):
        values.parse_float("1e999")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("5s", 5.0),
        ("1h30m", 5400.0),
        ("1.5h", 5400.0),
        (".5s", 0.5),
        ("-2m", -120.0),
        ("+3ms", 0.003),
        ("1h0m0s", 3600.0),
        ("2µs", 2e-6),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert values.parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'time: invalid duration ""'),
        ("x", 'time: invalid duration "x"'),
        (".s", 'time: invalid duration ".s"'),
        ("5", 'time: missing unit in duration "5"'),
        ("1.", 'time: missing unit in duration "1."'),
        ("1h5", 'time: missing unit in duration "1h5"'),
        ("5x", 'time: unknown unit "x" in duration "5x"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
        ("3000000h", 'time: invalid duration "3000000h"'),
    ],
)
def test_what_is_no_duration_is_refused_with_the_words_of_go(text: str, message: str) -> None:
    with pytest.raises(BadValue) as refused:
        values.parse_duration(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (300, "5m0s"),
        (5400, "1h30m0s"),
        (1.5, "1.5s"),
        (0.02, "20ms"),
        (2, "2s"),
        (-60, "-1m0s"),
        (1e-6, "1µs"),
    ],
)
def test_a_duration_is_written_as_go_writes_it(seconds: float, text: str) -> None:
    assert values.format_duration(seconds) == text


@given(st.integers(min_value=0, max_value=10**15))
def test_a_written_duration_is_read_as_the_same(nanoseconds: int) -> None:
    seconds = nanoseconds / 1e9
    assert values.parse_duration(values.format_duration(seconds)) == pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("", []),
        ("a", ["a"]),
        ("a,b,", ["a", "b", ""]),
        ('"a,b",c', ["a,b", "c"]),
        ('"say ""hi"""', ['say "hi"']),
        ("\n\na,b\nc", ["a", "b"]),
        ('"two\nlines",x', ["two\nlines", "x"]),
        (" a , b ", [" a ", " b "]),
    ],
)
def test_a_slice_is_read_by_the_rules_of_csv(text: str, record: list[str]) -> None:
    assert values.parse_csv(text) == record


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a"b', 'parse error on line 1, column 2: bare " in non-quoted field'),
        ('é,x"', 'parse error on line 1, column 5: bare " in non-quoted field'),
        ('"a', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'),
        ('"a"b', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'),
        (
            '"a\nb',
            'record on line 1; parse error on line 2, column 2: extraneous or missing " in quoted-field',
        ),
        ("\n", "EOF"),
    ],
)
def test_broken_csv_is_refused_with_the_words_of_go(text: str, message: str) -> None:
    with pytest.raises(BadValue) as refused:
        values.parse_csv(text)
    assert str(refused.value) == message


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), min_size=1), min_size=1
    )
)
def test_a_written_csv_record_is_read_as_the_same(fields: list[str]) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="").writerow(fields)
    assert values.parse_csv(written.getvalue()) == fields


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a b", '"a b"'),
        ('"', '"\\""'),
        ("\n\x00", '"\\n\\x00"'),
        ("é", '"é"'),
        ("\udcff", '"\\xff"'),
        ("\u200b", '"\\u200b"'),
    ],
)
def test_a_text_is_quoted_as_go_quotes_it(text: str, quoted: str) -> None:
    assert values.go_quote(text) == quoted


@pytest.mark.parametrize("text", ["1", "t", "T", "true", "TRUE", "True"])
def test_true_has_six_forms(text: str) -> None:
    assert values.parse_bool(text) is True


@pytest.mark.parametrize("text", ["yes", "tRUE", "", "2", "on"])
def test_what_is_no_bool_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="invalid syntax"):
        values.parse_bool(text)
