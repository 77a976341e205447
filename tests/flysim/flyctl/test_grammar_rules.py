"""Rules of cobra and pflag that the recorded rows touch only here and there."""

from __future__ import annotations

import pytest

from pkg.flysim.flyctl import grammar
from pkg.flysim.flyctl.surface import load


def parsed(*argv: str) -> grammar.Parsed:
    """Parse an argv."""
    return grammar.parse(load(), list(argv))


def refusal(*argv: str) -> str:
    """The message that an argv is refused with."""
    with pytest.raises(grammar.UsageError) as refused:
        parsed(*argv)
    return str(refused.value)


def test_flags_may_stand_anywhere() -> None:
    one = parsed("-t", "x", "machine", "--app", "demo", "stop", "m1", "--signal=SIGINT", "m2")
    assert (one.command.key, one.operands) == ("machine stop", ["m1", "m2"])
    assert one.given == {"access-token": "x", "app": "demo", "signal": "SIGINT"}


@pytest.mark.parametrize(
    "argv", [("-ademo",), ("-a", "demo"), ("-a=demo",), ("--app=demo",), ("--app", "demo")]
)
def test_a_value_may_be_given_in_five_ways(argv: tuple[str, ...]) -> None:
    assert parsed("status", *argv).given == {"app": "demo"}


def test_letters_cluster_until_one_takes_a_value() -> None:
    assert parsed("logs", "-jnademo").given == {"json": True, "no-tail": True, "app": "demo"}


def test_after_two_dashes_everything_is_an_operand() -> None:
    assert parsed("machine", "exec", "m1", "--", "--json").operands == ["m1", "--json"]


def test_an_optional_value_is_taken_only_with_an_equals_sign() -> None:
    assert parsed("deploy", "--depot", "x").given == {"depot": "true"}
    assert parsed("deploy", "--depot", "x").operands == ["x"]
    assert parsed("deploy", "--depot=false").given == {"depot": "false"}


def test_a_repeated_array_keeps_each_value_as_it_is_and_a_slice_splits_it() -> None:
    one = parsed("deploy", "-e", "A=1,2", "-e", "B=3", "--regions", "syd,iad", "--regions", "lhr")
    assert one.given == {"env": ["A=1,2", "B=3"], "regions": ["syd", "iad", "lhr"]}


def test_the_last_of_a_repeated_flag_counts() -> None:
    assert parsed("status", "-a", "one", "-a", "two").given == {"app": "two"}


@pytest.mark.parametrize("alias", ["machine", "machines", "m"])
def test_an_alias_is_the_same_command(alias: str) -> None:
    assert parsed(alias, "ls").command.path == "flyctl machine list"


def test_a_lone_dash_is_an_operand() -> None:
    assert parsed("machine", "stop", "-").operands == ["-"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--", "status"), ""),
        (("status", "-é"), "unknown shorthand flag: 'Ã' in -é"),
        (("status", "-jz"), "unknown shorthand flag: 'z' in -z"),
        (("status", "-az", "-x"), "unknown shorthand flag: 'x' in -x"),
        (("status", "--=x"), "bad flag syntax: --=x"),
        (
            ("status", "--json=2"),
            'invalid argument "2" for "-j, --json" flag: strconv.ParseBool: parsing "2": invalid syntax',
        ),
        (
            ("deploy", "--max-unavailable", "x"),
            (
                'invalid argument "x" for "--max-unavailable" flag: '
                'strconv.ParseFloat: parsing "x": invalid syntax'
            ),
        ),
        (
            ("deploy", "--regions", 'a"b'),
            (
                'invalid argument "a\\"b" for "--regions" flag: '
                'parse error on line 1, column 2: bare " in non-quoted field'
            ),
        ),
        (("doctor", "x"), 'unknown command "x" for "flyctl doctor"'),
        (("launch", "x"), 'unknown command "x" for "flyctl launch"'),
        (("statu",), 'unknown command "statu" for "flyctl"\n\nDid you mean this?\n\tstatus\n'),
        (("secrets", "keys", "generate", "a"), "accepts 2 arg(s), received 1"),
    ],
)
def test_a_refused_argv_is_refused_with_the_words_of_pflag(argv: tuple[str, ...], message: str) -> None:
    if message:
        assert refusal(*argv) == message
    else:
        with pytest.raises(grammar.Help):
            parsed(*argv)


@pytest.mark.parametrize("argv", [("version", "x"), ("jobs", "x"), ("settings", "analytics", "x")])
def test_a_group_that_runs_by_itself_takes_any_operand(argv: tuple[str, ...]) -> None:
    assert parsed(*argv).operands == ["x"]


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("-h",),
        ("apps",),
        ("apps", "lst"),
        ("machine", "leases", "x"),
        ("status", "-h", "x"),
        ("history",),
    ],
)
def test_help_is_printed_for_help_for_a_group_and_for_a_command_that_is_gone(argv: tuple[str, ...]) -> None:
    with pytest.raises(grammar.Help):
        parsed(*argv)


def test_help_before_a_command_takes_its_name_for_a_value() -> None:
    # cobra learns of --help only once it has found the command: the root's help is shown, not that of status.
    with pytest.raises(grammar.Help) as shown:
        parsed("--help", "status")
    assert shown.value.command.is_root


def test_every_command_of_the_surface_can_print_its_help() -> None:
    for command in load().commands:
        with pytest.raises(grammar.Help) as shown:
            parsed(*command.path.split()[1:], "--help")
        assert shown.value.command.path == command.path
