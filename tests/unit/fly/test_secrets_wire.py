"""What is sent as a secret arrives unchanged, or is refused before anything is sent."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.fly.secrets_parser import DIALECTS, read
from pkg.fly.secrets_wire import ALONE_LIMIT, Wire, plan, refusal
from pkg.shell.errors import BadInput

GENERATED = 10_000
# What has ever confused a reader of secrets, far more often than chance would have it.
NASTY = [
    '"',
    "'",
    '"""',
    "#",
    "=",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\\",
    "$",
    "`",
    "a",
    "Z9",
    "é",
    "🔑",
    "{{",
    "\u2028",
]


def arrives(wire: Wire, name: str) -> set[str]:
    """What flyctl would set, by the way the wire has chosen, read by every version of the reader."""
    if name in wire.batched:
        return {read(wire.batch, dialect)[name] for dialect in DIALECTS}
    return {wire.alone[name].strip()}


def test_ten_thousand_generated_values_arrive_unchanged_or_are_refused() -> None:
    chance = random.Random(5)
    sent = refused = 0
    for number in range(GENERATED):
        value = "".join(chance.choice(NASTY) for _ in range(chance.randint(1, 9)))
        if refusal("VALUE", value):
            refused += 1
            continue
        assert arrives(plan({"VALUE": value}), "VALUE") == {value}, number
        sent += 1
    assert sent + refused == GENERATED
    assert sent > GENERATED * 0.7  # refusing everything would be no proof


@given(
    st.dictionaries(
        st.from_regex(r"\A[A-Z_][A-Z0-9_]{0,8}\Z"), st.text(min_size=1, max_size=60), min_size=1, max_size=6
    )
)
def test_values_sent_together_do_not_disturb_one_another(secrets: dict[str, str]) -> None:
    secrets = {name: value for name, value in secrets.items() if not refusal(name, value)}
    wire = plan(secrets)
    assert {name: arrives(wire, name) for name in secrets} == {
        name: {value} for name, value in secrets.items()
    }


@given(st.text(min_size=1, max_size=200))
def test_a_value_is_refused_only_for_a_reason_that_can_be_seen(value: str) -> None:
    reason = refusal("VALUE", value)
    assert not reason or value != value.strip() or "\0" in value


@pytest.mark.parametrize(
    "value", ["abc#def", "'abc#def'", '"', "'", '"""', "a\nb\n c", "#", "x='y'", 'a"b"#']
)
def test_the_values_that_flyctl_is_known_to_corrupt_arrive(value: str) -> None:
    assert arrives(plan({"PW": value}), "PW") == {value}


def test_what_the_import_cannot_carry_goes_alone_by_stdin() -> None:
    wire = plan({"PLAIN": "abcdef", "WINDOWS": "one\r\ntwo"})
    assert wire.batched == ("PLAIN",)
    assert wire.alone == {"WINDOWS": "one\r\ntwo"}


def test_a_value_of_64_kib_goes_alone_and_a_larger_one_is_refused() -> None:
    assert plan({"BIG": "x" * ALONE_LIMIT}).alone
    with pytest.raises(BadInput, match="65537 bytes"):
        plan({"BIG": "x" * (ALONE_LIMIT + 1)})


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("1A", "value", "no name"),
        ("A-B", "value", "no name"),
        ("", "value", "no name"),
        ("A\n", "value", "no name"),
        ("FLY_REGION", "value", "Fly itself"),
        ("A", "", "empty"),
        ("A", "a\0b", "NUL"),
        ("A", "\udcff" * 8, "UTF-8"),
        ("A", " padded\r\n", "white space"),
    ],
)
def test_what_cannot_be_a_secret_is_refused_with_the_reason(name: str, value: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        plan({name: value})


def test_a_refusal_never_shows_the_value() -> None:
    with pytest.raises(BadInput) as error:
        plan({"PW": " hunter2-hunter2\r\n"})
    assert "hunter2" not in str(error.value)


def test_an_app_may_have_a_token_of_fly_as_its_secret() -> None:
    assert not refusal("FLY_API_TOKEN", "FlyV1 fm2_abc")


@pytest.mark.parametrize("value", ["op://vault/item/field", " op://vault/item/field\n"])
def test_a_reference_is_no_value(value: str) -> None:
    said = refusal("PASSWORD", value)
    assert "secrets.toml" in said
    assert "inv fly.secrets.sync" in said
    assert "vault" not in said
    assert not refusal("PASSWORD", "see op://vault/item/field")
