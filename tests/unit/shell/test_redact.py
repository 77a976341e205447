"""Secrets are hidden whatever way they are written and cut."""

import base64
import itertools
import json
import os
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.shell.redact import MASK, Redactor, merged, names_a_secret, occurrences

# Few characters, so that secrets overlap, repeat and touch; none is the mask's, so that it can be told apart.
few = st.text("ab\n", min_size=6, max_size=12)
secrets = st.lists(few, min_size=1, max_size=4)
anything = st.text(min_size=6, max_size=40).filter(lambda text: len(text.strip()) >= 6)


def knowing(*values: str) -> Redactor:
    redactor = Redactor()
    for value in values:
        redactor.add(value)
    return redactor


def hidden_characters(text: str, redactor: Redactor) -> list[bool]:
    """Say for each character, in the slowest and plainest way, whether a secret covers it."""
    covered = [False] * len(text)
    for form in redactor.forms:
        for start in range(len(text)):
            if text.startswith(form, start):
                covered[start : start + len(form)] = [True] * len(form)
    return covered


@st.composite
def cut_text(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Secrets, and a text that holds some of them, cut into pieces."""
    values = draw(secrets)
    text = "".join(
        draw(st.lists(st.one_of(st.sampled_from(values), st.text("ab \n", max_size=5)), max_size=8))
    )
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    edges = [0, *cuts, len(text)]
    return values, [text[start:stop] for start, stop in itertools.pairwise(edges)]


@given(cut_text())
def test_a_text_in_pieces_is_redacted_as_the_whole(case: tuple[list[str], list[str]]) -> None:
    values, pieces = case
    redactor = knowing(*values)
    stream = redactor.stream()
    shown = "".join([*(stream.feed(piece) for piece in pieces), stream.close()])
    assert shown == redactor.redact("".join(pieces))


@given(cut_text())
def test_what_is_left_is_exactly_what_no_secret_covers(case: tuple[list[str], list[str]]) -> None:
    values, pieces = case
    text = "".join(pieces)
    redactor = knowing(*values)
    covered = hidden_characters(text, redactor)
    left = "".join(character for character, hidden in zip(text, covered, strict=True) if not hidden)
    assert redactor.redact(text).replace(MASK, "") == left


@given(cut_text())
def test_a_stream_shows_no_secret_at_any_moment(case: tuple[list[str], list[str]]) -> None:
    values, pieces = case
    redactor = knowing(*values)
    stream = redactor.stream()
    shown = ""
    for piece in pieces:
        shown += stream.feed(piece)
        assert not occurrences(shown, redactor.forms)


@given(secrets, st.lists(st.text("ab", max_size=20), max_size=30))
def test_a_stream_keeps_back_no_more_than_the_longest_form(values: list[str], pieces: list[str]) -> None:
    redactor = knowing(*values)
    stream = redactor.stream()
    for piece in pieces:
        stream.feed(piece)
        assert len(stream.held) < max((len(form) for form in redactor.forms), default=1)


def test_an_endless_run_of_overlapping_secrets_is_one_mask_and_is_not_kept() -> None:
    redactor = knowing("aaaaaa")
    stream = redactor.stream()
    shown = "".join(stream.feed("aaa") for _ in range(1000))
    assert len(stream.held) < 6
    assert shown + stream.feed(" end") + stream.close() == f"{MASK} end"


@given(anything, st.binary(max_size=7), st.binary(max_size=7))
def test_base64_at_each_alignment_is_hidden(secret: str, before: bytes, after: bytes) -> None:
    redactor = knowing(secret)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode(before + secret.encode() + after).decode()
        shown = redactor.redact(encoded)
        assert MASK in shown
        # What is left are the neighbours, and characters that hold a part of a byte of the secret at most.
        assert len(shown.replace(MASK, "")) <= -(-len(before) * 8 // 6) + -(-len(after) * 8 // 6) + 4


@given(anything)
def test_base64_of_the_secret_alone_is_hidden_whole(secret: str) -> None:
    assert knowing(secret).redact(base64.b64encode(secret.encode()).decode()) == MASK


@given(anything)
def test_escaped_forms_are_hidden(secret: str) -> None:
    redactor = knowing(secret)
    for written in (
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    ):
        assert redactor.redact(f"<<{written}>>") == f"<<{MASK}>>"


@given(anything)
def test_a_shell_quoted_secret_is_hidden(secret: str) -> None:
    assert secret not in knowing(secret).redact(shlex.quote(secret))


def test_a_secret_that_is_no_unicode_is_hidden() -> None:
    secret = b"\xff\xfe-latin-1-\xe9".decode(errors="surrogateescape")
    redactor = knowing(secret)
    assert redactor.redact(
        f"{secret} %FF%FE-latin-1-%E9 {base64.b64encode(os.fsencode(secret)).decode()}"
    ) == (f"{MASK} {MASK} {MASK}")


def test_percent_codes_in_small_letters_are_hidden() -> None:
    assert knowing("a/b=c+d?e").redact("x=a%2fb%3dc%2bd%3fe") == f"x={MASK}"


def test_gos_json_escapes_are_hidden() -> None:
    assert knowing("a<b>&c-d").redact(r'{"v":"a\u003cb\u003e\u0026c-d"}') == f'{{"v":"{MASK}"}}'


@given(st.lists(st.text("abc", min_size=6, max_size=10), min_size=2, max_size=5))
def test_each_line_of_a_secret_of_several_lines_is_hidden(lines: list[str]) -> None:
    redactor = knowing("\n".join(lines) + "\n")
    for line in lines:
        assert redactor.redact(f"key: {line}") == f"key: {MASK}"


def test_a_short_value_is_not_hidden_and_that_is_told() -> None:
    redactor = Redactor()
    assert redactor.add("abcde") is False
    assert redactor.redact("abcde, abcdef") == "abcde, abcdef"
    assert redactor.add("abcdef") is True


def test_short_lines_and_blank_values_never_shred_a_text() -> None:
    redactor = knowing("", "      ", "on\nno\n", "\n\n\n\n\n\n\n")
    assert redactor.redact("no, it goes      on\n\n\n\n\n\n\n") == "no, it goes      on\n\n\n\n\n\n\n"


def test_the_longest_of_two_secrets_that_begin_alike_is_hidden() -> None:
    assert knowing("secret", "secret-and-more").redact("secret-and-more secret") == f"{MASK} {MASK}"


def test_secrets_that_overlap_leave_nothing_of_either() -> None:
    assert knowing("abcdef", "defghi").redact("abcdefghi") == MASK


def test_secrets_that_touch_are_two_masks() -> None:
    assert knowing("abcdef").redact("abcdefabcdef") == MASK * 2


def test_the_password_in_a_url_is_hidden_without_the_url() -> None:
    redactor = knowing("postgres://app:pass%21word@db.internal:5432/app")
    assert redactor.redact("password pass%21word refused") == f"password {MASK} refused"


def test_each_macaroon_of_a_fly_token_is_hidden() -> None:
    first, second = "fm2_" + "a" * 30, "fm2_" + "b" * 30
    redactor = knowing(f"FlyV1 {first},{second}")
    assert redactor.redact(f"{second} {first}") == f"{MASK} {MASK}"


@pytest.mark.parametrize("token", ["fo1_" + "x" * 40, "fm2_" + "lJPE+/=" * 5, "ops_" + "ey" * 20])
def test_what_looks_like_a_token_is_noticed(token: str) -> None:
    redactor = Redactor()
    redactor.notice(f'{{"token":"FlyV1 {token}"}}')
    assert redactor.redact(f"-t {token}") == f"-t {MASK}"


def test_noticing_leaves_ordinary_words_alone() -> None:
    redactor = Redactor()
    redactor.notice("fo1_simulated ops_manual fm2_ registry.fly.io/infra:v1@sha256:" + "0" * 64)
    assert redactor.forms == ()


@pytest.mark.parametrize(
    "name", ["FLY_API_TOKEN", "AWS_SECRET_ACCESS_KEY", "db_password", "SENTRY_DSN", "TOKEN"]
)
def test_names_of_secrets_are_known(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.parametrize("name", ["PATH", "FLY_APP", "MONKEY", "KEYBOARD", "TOKENIZERS", "HOME"])
def test_other_names_are_not_taken_for_secrets(name: str) -> None:
    assert not names_a_secret(name)


def test_spans_that_only_touch_stay_apart() -> None:
    assert merged([(0, 3), (2, 5), (5, 7)]) == [(0, 5), (5, 7)]
