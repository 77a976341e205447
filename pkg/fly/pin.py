"""The version of flyctl that this repo is made for."""

import re
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
        flyctl = tomllib.loads((root / PINS).read_text(encoding="utf-8")).get("flyctl")
    except OSError as error:
        raise _unnamed(f"it cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise _unnamed(str(error)) from error
    version = flyctl.get("version") if isinstance(flyctl, dict) else None
    if not isinstance(version, str) or not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version):
        raise _unnamed("its [flyctl] has no version of three numbers")
    return version


def _unnamed(why: str) -> BadInput:
    return BadInput(f"{PINS} names no version of flyctl: {why}", fix=f"bring it back: `git checkout {PINS}`")
