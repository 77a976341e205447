"""The argv of every command that publishing runs: pure functions."""

from collections.abc import Sequence
from pathlib import Path


def head() -> list[str]:
    """Ask for the commit that is checked out."""
    return ["git", "rev-parse", "--verify", "HEAD"]


def changes(besides: Sequence[str] = ()) -> list[str]:
    """Ask what differs from that commit.

    Args:
        besides: files that do not count.
    """
    pathspec = ["--", ".", *(f":(exclude){path}" for path in besides)] if besides else []
    return ["git", "status", "--porcelain", "--untracked-files=normal", *pathspec]


def commits_since(commit: str, folder: str, besides: Sequence[str] = ()) -> list[str]:
    """Count the commits that changed a folder since another one.

    Args:
        commit: the other one.
        folder: the folder.
        besides: files of it that do not count, as git's patterns.
    """
    left_out = [f":(exclude){folder}/{pattern}" for pattern in besides]
    return ["git", "rev-list", "--count", "--end-of-options", f"{commit}..HEAD", "--", folder, *left_out]


def version() -> list[str]:
    """Ask for ko's version."""
    return ["ko", "version"]


def login() -> list[str]:
    """Let flyctl write Fly's registry into Docker's configuration, where ko finds it; it expires."""
    return ["flyctl", "auth", "docker"]


def build(tag: str, refs: Path) -> list[str]:
    """Build and push one image.

    `--bare`: Fly's registry has one repository for each app, with nothing below it. `--platform`: Fly runs
    nothing else. `--sbom=none`: the registry need not take attachments. `--image-user`: a volume on Fly
    belongs to root, and ko's base image would run core as somebody who cannot write to it.

    Args:
        tag: the image's tag.
        refs: a file that ko writes the pushed reference to, with its digest.
    """
    return [
        *("ko", "build", ".", "--bare", "--platform=linux/amd64", "--sbom=none", "--image-user=0:0"),
        *("--tags", tag, "--image-refs", str(refs)),
    ]
