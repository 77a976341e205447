"""A command is shown without the values that some of flyctl's options carry."""

import shlex

import pytest

from pkg.shell.commands import brief, masked, options, secrets


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("--env PW=hunter", "--env PW=***"),
        ("--env=PW=hunter", "--env=PW=***"),
        ("-e PW=hunter", "-e PW=***"),
        ("-ePW=hunter", "-ePW=***"),
        ("-e=PW=hunter", "-e=PW=***"),
        ("-ye PW=hunter=x", "-ye PW=***"),
        ("--env hunter", "--env ***"),
        ("--env", "--env"),
        ("--env PW= --yes", "--env PW=*** --yes"),
        ("--build-secret pw=hunter --build-arg V=hunter", "--build-secret pw=*** --build-arg V=***"),
        ("--file-literal /etc/x=aHVudGVy", "--file-literal /etc/x=***"),
        ("-t hunter", "-t ***"),
        ("-yt=hunter", "-yt=***"),
        ("--access-token hunter --app a", "--access-token *** --app a"),
        ("--access-token=hunter", "--access-token=***"),
        ("--image env --app -e", "--image env --app -e"),
        ("--environment PW=x -r mtl --metadata a=b", "--environment PW=x -r mtl --metadata a=b"),
    ],
)
@pytest.mark.parametrize("program", ["flyctl deploy", "/opt/a b/flyctl machine run", "inv -e fly.deploy --"])
def test_values_of_options_that_may_be_secret_are_masked(program: str, given: str, shown: str) -> None:
    before = ["/opt/a b/flyctl"] if program.startswith("/") else program.split()
    assert masked([*before, *shlex.split(given)]) == [*before, *shlex.split(shown)]


@pytest.mark.parametrize("command", ["git commit -e a=b", "inv -e fly.status -a x", "ssh -t a=b", ""])
def test_other_programs_have_other_options(command: str) -> None:
    assert masked(command.split()) == command.split()


def test_values_that_are_secret_by_their_name_or_option_are_told() -> None:
    words = "flyctl deploy --env LOG=verbose -e API_TOKEN=hunter=1 --build-secret npm=hunter2 -t hunter3"
    assert secrets(words.split()) == ["hunter=1", "hunter2", "hunter3"]


def test_options_are_told_with_their_values() -> None:
    assert list(options(["x", "-yt", "a", "--env=b", "-e"])) == [("access-token", "a"), ("env", "b")]


def test_an_error_shows_a_command_without_the_page_of_json_in_it() -> None:
    long = '{"env":{"A":"' + "b" * 100 + '"}}'
    words = ["flyctl", "machine", "run", "image", "--machine-config"]
    assert brief([*words, long, "--name", "one"]) == [*words, "{…}", "--name", "one"]
    assert brief([*words, '{"env":{}}', "x" * 200]) == [*words, '{"env":{}}', "x" * 200]
