"""What was typed and makes no sense is bad input: told with what to type instead, before anything runs."""

from collections.abc import Sequence

import pytest
from invoke import Collection, Context
from invoke.program import Program

from pkg.shell.cli import task
from pkg.shell.cli.command_line import CommandLine
from pkg.shell.errors import BadInput


@task(iterable=["force"])
def status(
    c: Context,
    *,
    app: str = "",
    limit: int = 20,
    share: float = 1.0,
    force: list[str] | None = None,
    json: bool = False,
) -> None:
    """Show."""


@task(passes_on=True)
def logs(c: Context, app: str = "") -> None:
    """Follow."""


@task
def revert(c: Context, version: str, yes: bool = False) -> None:
    """Go back."""


@task
def show(c: Context, host: str) -> None:
    """Show a host."""


@task(name="sandbox", default=True)
def sandbox(c: Context) -> None:
    """Enter."""


EVERY = Collection(Collection("fly", status, logs, revert, show), Collection("sandbox", sandbox))


def line(*words: str, passed: Sequence[str] = ()) -> CommandLine:
    return CommandLine(words, passed, EVERY, lambda: EVERY)


def check(*words: str, passed: Sequence[str] = ()) -> None:
    line(*words, passed=passed).check(Program().initial_context)


def refused(*words: str, passed: Sequence[str] = ()) -> str:
    with pytest.raises(BadInput) as told:
        check(*words, passed=passed)
    assert told.value.exit_code == 2
    return str(told.value)


@pytest.mark.parametrize(
    "words",
    [
        "fly.status",
        "fly.status --app infra --limit 3 --share 0.5 --json",
        "fly.status -a infra -l -3 --share=1e-2",
        "fly.status --force a=b --force c=d",
        "fly.revert v12 --yes",
        "fly.revert --version v12",
        "sandbox fly.status --dry",
        "sandbox",
    ],
)
def test_what_makes_sense_is_let_through(words: str) -> None:
    check(*words.split())


@pytest.mark.parametrize("value", ["abc", "", "1.5", "1_000", "٣", "9" * 5000])
def test_what_is_no_whole_number_is_told_with_the_option(value: str) -> None:
    assert refused("fly.status", "--limit", value).startswith("--limit ")


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", "half"])
def test_what_is_no_finite_number_is_told(value: str) -> None:
    assert f"--share takes a number, not {value}" in refused("fly.status", f"--share={value}")


@pytest.mark.parametrize(
    "words",
    [
        ["--app", ""],
        ["--app="],
        ["-a", ""],
        ["--app", "  "],
        ["--force", ""],
        ["--force", "a=b", "--force", ""],
    ],
)
def test_an_empty_value_is_not_taken_for_the_default(words: list[str]) -> None:
    told = refused("fly.status", *words)
    assert "is empty" in told
    assert "nothing was started" in told


def test_an_empty_operand_is_none_and_has_no_default() -> None:
    told = refused("fly.revert", "")
    assert "VERSION is empty" in told
    assert "default" not in told


@pytest.mark.parametrize("text", ["a=b\nc", "a=\x1b[2J", "a=\r", "a=\u202eb", "a=\u2028"])
def test_a_value_that_could_forge_a_line_is_refused(text: str) -> None:
    assert "that no line can show" in refused("fly.status", "--force", text)


@pytest.mark.parametrize(
    "words", [["--force"], ["--force", "--json"], ["--app"], ["--limit"], ["--json", "--force"]]
)
def test_a_flag_whose_value_is_missing_is_told(words: list[str]) -> None:
    assert "needs a value" in refused("fly.status", *words)


def test_a_missing_operand_is_told_with_its_task() -> None:
    told = refused("fly.revert", "--yes")
    assert "fly.revert needs VERSION" in told
    assert "`inv --help fly.revert`" in told


def test_of_a_mistyped_task_the_nearest_are_told() -> None:
    assert "did you mean `inv fly.status`" in refused("fly.stauts")
    assert "did you mean `inv fly.logs`" in refused("sandbox", "logs")


def test_of_a_task_like_no_other_the_way_to_the_list_is_told() -> None:
    assert "`inv --list` shows them" in refused("qqqq")


def test_of_a_mistyped_option_the_nearest_are_told() -> None:
    assert "fly.status has no option --jsno\n  next:  did you mean `--json`?" in refused(
        "fly.status", "--jsno"
    )
    assert "inv has no option --dyr" in refused("--dyr", "fly.status")


@pytest.mark.parametrize("option", ["-c", "--collection", "-f", "--config", "-r", "-T", "-w", "-p"])
def test_an_option_of_inv_itself_is_none_of_a_task_that_does_not_have_it(option: str) -> None:
    assert f"fly.revert has no option {option}\n" in refused("fly.revert", "v1", option, "core")


def test_an_option_before_the_task_that_has_it_is_told_where_it_belongs() -> None:
    assert "sandbox has no option --app\n  next:  put it after fly.status" in refused(
        "sandbox", "--app", "infra", "fly.status"
    )


@pytest.mark.parametrize("option", ["--dry", "-R", "--echo", "-e"])
def test_a_dry_run_and_an_echo_may_be_asked_for_after_the_task(option: str) -> None:
    check("fly.revert", "v1", option)


def test_a_word_too_many_is_told_with_the_task_that_does_not_take_it() -> None:
    assert "nor does fly.status take it" in refused("fly.status", "it's")


def test_words_after_dashes_that_no_task_takes_are_refused_by_name() -> None:
    told = refused("sandbox", "fly.status", passed=["--region", "a b"])
    assert "sandbox and fly.status would do nothing with the words after `--`: --region 'a b'" in told
    assert "fly.logs take" in told


def test_a_value_after_dashes_that_may_be_secret_is_not_repeated() -> None:
    assert "hunter2" not in refused("fly.status", passed=["--env", "PASSWORD=hunter2"])


def test_words_after_dashes_are_for_whichever_task_takes_them() -> None:
    check("fly.status", "fly.logs", passed=["--no-tail"])


@pytest.mark.parametrize(
    ("words", "task_name"),
    [
        ("fly.status --help", "fly.status"),
        ("fly.revert --help", "fly.revert"),
        ("fly.revert -h", "fly.revert"),
        ("fly.revert v12 --help", "fly.revert"),
        ("sandbox fly.revert v12 --yes --help", "fly.revert"),
        ("fly.status --app", ""),
        ("fly.show -h example.com", "fly.show"),  # no option has this letter
        ("fly.show -h example.com --help", "fly.show"),
    ],
)
def test_help_is_shown_wherever_it_is_asked_for(words: str, task_name: str) -> None:
    assert line(*words.split()).help_of(None) == task_name


def test_help_on_what_does_not_exist_tells_the_nearest() -> None:
    assert line().help_of("fly.revert") == "fly.revert"
    with pytest.raises(BadInput, match=r"fly\.revert"):
        line().help_of("fly.rever")


def test_a_group_that_does_not_exist_is_not_listed() -> None:
    line().require_group("fly")
    with pytest.raises(BadInput, match="one of: fly, sandbox"):
        line().require_group("flies")
