"""The commit that an image is built from."""

import msgspec

from pkg.fly.image import RECORD, Reference
from pkg.ko import argv
from pkg.shell.errors import CommandFailed, Failure, Refused
from pkg.shell.runner import Result, Runner

# Files beside the program that ko does not build: the record above all, whose commit follows each publish.
IN_NO_IMAGE = (RECORD.name, "fly.toml", "*.md", "*_test.go")


class Source(msgspec.Struct, frozen=True):
    """What is checked out.

    Attributes:
        commit: its full hash.
        changes: what differs from it, as `git status --porcelain` says it.
    """

    commit: str
    changes: tuple[str, ...] = ()

    @property
    def dirty(self) -> bool:
        """Whether the image would hold what no commit has."""
        return bool(self.changes)

    @property
    def tag(self) -> str:
        """The image's tag: the commit; a dirty one never takes the tag of the clean one."""
        return f"{self.commit}-dirty" if self.dirty else self.commit


def read(runner: Runner) -> Source:
    """Return the commit that is checked out, and what differs from it.

    The record of what was published does not count: publishing itself changes it, and no image holds it.

    Raises:
        CommandFailed: this is no git checkout, or it has no commit yet.
    """
    commit = _git(runner.capture(argv.head(), timeout=30)).strip()
    changes = _git(runner.capture(argv.changes([RECORD.as_posix()]), timeout=30))
    return Source(commit, tuple(changes.splitlines()))


def refuse_dirty(source: Source, *, allow: bool) -> None:
    """Refuse a tree whose image nobody could build again.

    Raises:
        Refused: the tree is dirty and that was not allowed; the first changes are listed.
    """
    if source.dirty and not allow:
        shown = list(source.changes[:5])
        more = len(source.changes) - len(shown)
        raise Refused(
            "the tree has changes that no commit holds: "
            + "; ".join(shown)
            + (f"; and {more} more" if more else ""),
            meaning="nobody could build this image again, or tell what is in it; nothing was published",
            fix="commit or set them aside; `inv core.publish --allow-dirty` publishes it, and records that",
        )


def refuse_changed(built: Source, now: Source, pushed: Reference) -> None:
    """Refuse to record an image whose tree changed while it was built.

    Args:
        built: what was checked out before.
        now: what is checked out after.
        pushed: the image.

    Raises:
        Failure: the commit is another one, or changes came or went: the image may be of neither.
    """
    if now.tag != built.tag:
        raise Failure(
            f"the tree changed while ko built it: {built.tag} before, {now.tag} after",
            meaning=f"{pushed} is pushed, nobody knows what is in it, and it is not recorded",
            fix="publish again, and change nothing meanwhile",
        )


def commits_since(runner: Runner, commit: str, folder: str) -> int | None:
    """Return how many commits changed what an image is built from; None when the first is not known here.

    Args:
        runner: runs git.
        commit: what the image was built from.
        folder: the program's folder; what of it no image holds does not count.
    """
    result = runner.capture(argv.commits_since(commit, folder, IN_NO_IMAGE), timeout=30)
    text = result.stdout.strip()
    return int(text) if result.code == 0 and text.isdecimal() else None


def _git(result: Result) -> str:
    if result.code:
        raise CommandFailed(
            "git cannot tell what is checked out",
            result=result,
            meaning="an image is published under the commit that it was built from",
            fix="run this in a clone of the repo, with at least one commit",
        )
    return result.stdout
