"""The version of flyctl that this repo is made for."""

import tomllib
from pathlib import Path

from pkg.shell.errors import BadInput

PINS = Path("pkg/tools/pins.toml")


def pinned(root: Path) -> str:
    """Return the pinned version.

    Args:
        root: the repo's root.

    Raises:
        BadInput: the pins cannot be read.
    """
    try:
        version = tomllib.loads((root / PINS).read_text())["flyctl"]["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{PINS} names no version of flyctl: {error!r}", fix=f"bring the file back: `git checkout {PINS}`"
        ) from error
    return str(version)
