"""Secrets: what the real reader makes of stdin, and what the machines have of it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.flysim.flyctl.commands.secrets_reader import read
from pkg.flysim.flyctl.errors import Failed
from tests.flysim.flyctl.door import Door


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("A=1\nB=2\n", {"A": "1", "B": "2"}),
        ('A="four 4"\n', {"A": "four 4"}),
        ("A='x y'\n", {"A": "x y"}),
        ("A=a=b\n", {"A": "a=b"}),
        (" A = x \n", {"A": "x "}),
        ("A=\n", {"A": ""}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("# comment\n\n  \nA=1", {"A": "1"}),
        ("A=1\nA=2\n", {"A": "2"}),
        ('A="""one\ntwo"""\nB=2\n', {"A": "one\ntwo", "B": "2"}),
        ('A="""one"""\n', {"A": "one"}),
    ],
)
def test_lines_of_name_and_value_are_read(text: str, secrets: dict[str, str]) -> None:
    assert read(text) == secrets


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("PW=abc#def\n", {"PW": "abc"}),
        ("PW='abc#def'\n", {"PW": "'abc"}),
        ('PW="abc#def"\n', {"PW": "abc#def"}),
        ("PW=abc #def\n", {"PW": "abc"}),
        ('A=1\nB="""x\nC=3\n', {"A": "1"}),
        (f"A=1\nB={'x' * 65536}\nC=3\n", {"A": "1"}),
    ],
)
def test_what_the_real_reader_loses_is_lost(text: str, secrets: dict[str, str]) -> None:
    assert read(text) == secrets


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_lone_quote_crashes_the_reader(quote: str) -> None:
    with pytest.raises(Failed, match="slice bounds out of range") as crash:
        read(f"A={quote}\n")
    assert crash.value.code == 2


@given(st.text())
def test_any_text_is_read_refused_or_crashes_and_nothing_else(text: str) -> None:
    with suppress(ValueError, Failed):
        assert isinstance(read(text), dict)


def test_a_line_without_an_equals_sign_is_repeated_in_the_error(door: Door) -> None:
    ran = door.run("secrets", "import", "--stage", stdin="my secret line\n")
    assert ran.rc == 1
    assert "(my secret line is invalid)" in ran.err


def test_a_value_from_stdin_loses_its_outer_whitespace(door: Door) -> None:
    door.ok("secrets", "set", "A=-", "--stage", stdin="  x \n y\n\n")
    door.ok("secrets", "set", "B=x \n y", "--stage")
    digests = {each["name"]: each["digest"] for each in door.json("secrets", "list", "--json")}
    assert digests["A"] == digests["B"]


def test_staged_secrets_are_deployed_by_the_next_deploy(deployed: Door) -> None:
    deployed.ok("secrets", "set", "A=1", "--stage")
    assert status(deployed) == {"A": "Staged"}
    deployed.ok("deploy", "-y")
    assert status(deployed) == {"A": "Deployed"}
    deployed.ok("secrets", "set", "B=1", "--stage")
    assert status(deployed) == {"A": "Deployed", "B": "Staged"}
    deployed.ok("secrets", "deploy")
    assert status(deployed) == {"A": "Deployed", "B": "Deployed"}


def test_setting_secrets_repeats_the_image_in_a_new_release(deployed: Door) -> None:
    deployed.ok("secrets", "set", "A=1")
    releases = deployed.json("releases", "--json")
    assert [release["Version"] for release in releases] == [2, 1]
    assert releases[0]["ImageRef"] == releases[1]["ImageRef"]


def test_without_machines_secrets_wait_for_the_first_deploy(door: Door) -> None:
    assert "staged" in door.ok("secrets", "set", "A=1")
    assert door.json("releases", "--json") == []


def test_secrets_cannot_be_deployed_where_nothing_runs(door: Door) -> None:
    assert door.run("secrets", "deploy").rc == 1


def test_no_value_is_kept_in_the_state(door: Door) -> None:
    door.ok("secrets", "set", "A=a-very-secret-value", "--stage")
    door.ok("secrets", "import", "--stage", stdin="B=another-secret-value\n")
    door.close()
    held = b"".join(path.read_bytes() for path in door.state.iterdir())
    assert b"a-very-secret-value" not in held
    assert b"another-secret-value" not in held


def status(door: Door) -> dict[str, str]:
    """The status of each secret."""
    return {each["name"]: each["status"] for each in door.json("secrets", "list", "--json")}
