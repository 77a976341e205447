"""`docs.check` and `docs.build`: documentation that cannot drift."""

from invoke import Collection, Context

from pkg.shell.cli import task, workspace


@task(default=True)
def check(c: Context) -> None:
    """Hold every page to the code, to flyctl's grammar, to each other.

    The tests of `nox` run the commands of the pages as well.
    """
    from pkg.docs.check import problems
    from pkg.docs.tasklist import describe, load_collection
    from pkg.shell.errors import Failure

    ws = workspace(c)
    found = problems(ws.root, describe(load_collection(ws.root)))
    for problem in found:
        ws.console.out(str(problem))
    if found:
        raise Failure(
            f"{len(found)} things in the docs are not so",
            fix="mend the page or the code; for generated parts: `inv docs.build`",
        )
    ws.console.say("docs: every page says what is so")


@task
def build(c: Context) -> None:
    """Make the generated parts of the pages anew.

    They stand between the comments of cog; what is around them stays.
    """
    from pkg.docs.generate import stale

    ws = workspace(c)
    changed = stale(ws.root)
    for path, text in changed:
        ws.console.say(f"docs: {path.relative_to(ws.root)}")
        if not ws.dry:
            path.write_text(text, "utf-8")
    if not changed:
        ws.console.say("docs: everything is up to date")


def collection() -> Collection:
    """Return the collection `docs`, whose default checks."""
    return Collection("docs", check, build)
