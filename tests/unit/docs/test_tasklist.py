from pathlib import Path

from invoke import Collection, Context

from pkg.docs.tasklist import describe, load_collection
from pkg.shell.cli import task


@task(default=True, help={"app": "the app"})
def certs(c: Context, app: str = "", json: bool = False, verify_it: bool = True) -> None:
    """List the certificates.

    More of it.
    """


@task
def add(c: Context, host: str, wait_timeout: int = 3) -> None:
    """Add one."""


@task(many="names")
def install(c: Context, names: str) -> None:
    """Install some."""


def collection() -> Collection:
    inner = Collection("certs")
    inner.add_task(certs, default=True)
    inner.add_task(add)
    return Collection(Collection("fly", inner), Collection("tools", install))


def test_tasks_are_told_as_a_person_types_them() -> None:
    first, second, third = describe(collection())

    assert (first.name, first.aliases) == ("fly.certs", ("fly.certs.certs",))
    assert (first.summary, first.text) == ("List the certificates.", "More of it.")
    assert second.name == "fly.certs.add"
    assert third.name == "tools.install"


def test_options_are_told_with_all_their_flags() -> None:
    first, second, third = describe(collection())

    assert [option.flags for option in first.options] == [
        ("--app", "-a"),
        ("--json", "-j"),
        ("--verify-it", "--no-verify-it", "-v"),
    ]
    assert [option.value for option in first.options] == [True, False, False]
    assert (first.options[0].help, first.options[2].default) == ("the app", "True")
    assert [(option.positional, option.many) for option in second.options] == [(True, False), (False, False)]
    assert second.options[1].default == "3"
    assert third.options[0].many
    assert first.option("-a") is first.options[0]
    assert first.option("--nope") is None


def test_the_collection_of_a_tasks_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text(
        'import invoke\n\n@invoke.task\ndef hello(c):\n    """Greet."""\n\nns = invoke.Collection(hello)\n'
    )

    assert [one.name for one in describe(load_collection(tmp_path))] == ["hello"]
