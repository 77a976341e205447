"""The keys that the root's manifest and core's must share: both run one image."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pkg.fly.lints import Finding, check
from pkg.fly.manifest import FILE, Manifest, lines, shown, value_at, with_values

CORE = "core"

# What is below such a key is part of it.
MIRRORED = (
    "primary_region",
    "kill_signal",
    "kill_timeout",
    "deploy.strategy",
    "deploy.release_command",
    "env.PORT",
    "http_service",
    "vm",
)


def all_findings(manifests: Sequence[Manifest], root: Path) -> list[Finding]:
    """Return what is wrong with manifests, each by itself and the root's and core's with each other.

    Args:
        manifests: those that are checked.
        root: the repo's root.
    """
    found = [finding for manifest in manifests for finding in check(manifest, root)]
    at = {manifest.path: manifest for manifest in manifests}
    first, second = at.get(root / FILE), at.get(root / CORE / FILE)
    return found + (differences(first, second, root) if first and second else _missing(root))


def _missing(root: Path) -> list[Finding]:
    """Return that a manifest is gone: of the workspace whose folder is there, nobody could deploy it."""
    path = f"{CORE}/{FILE}"
    if not (root / CORE).is_dir() or (root / path).is_file():
        return []
    return [Finding("mirror", path, 0, "there is no such manifest", f"`git checkout {path}`", grave=True)]


def differences(root_manifest: Manifest, other: Manifest, root: Path) -> list[Finding]:
    """Return where a manifest differs from the root's in what they must share; the lines are the other's.

    Args:
        root_manifest: the one that is right.
        other: the one that must mirror it.
        root: the repo's root.
    """
    wanted, found, at = root_manifest.document, other.document, lines(other.text)
    source = shown(root_manifest.path, root)
    return [
        Finding(
            "mirror",
            shown(other.path, root),
            at.get(key, 0),
            f"{key} is {_short(value_at(found, key))}, in {source} it is {_short(value_at(wanted, key))}",
            "`inv fly.manifests.sync` copies it",
            grave=True,
        )
        for key in differing(root_manifest, other)
    ]


def differing(root_manifest: Manifest, other: Manifest) -> list[str]:
    """Return the keys, as deep as can be said, at which the mirrored values differ."""
    wanted, found = root_manifest.document, other.document
    return [deep for key in MIRRORED for deep in _differing(value_at(wanted, key), value_at(found, key), key)]


def _differing(wanted: Any, found: Any, key: str) -> Iterator[str]:  # noqa: ANN401  whatever TOML holds
    if wanted == found:
        return
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name in dict.fromkeys([*wanted, *found]):
            yield from _differing(wanted.get(name), found.get(name), f"{key}.{name}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, (one, two) in enumerate(zip(wanted, found, strict=True)):
            yield from _differing(one, two, f"{key}.{index}")
    else:
        yield key


def synced(root_manifest: Manifest, other: Manifest) -> str:
    """Return the other manifest's text with the root's values in it, comments kept where nothing changed."""
    wanted = root_manifest.document
    return with_values(other.text, {key: value_at(wanted, key) for key in differing(root_manifest, other)})


def _short(value: Any) -> str:  # noqa: ANN401  whatever TOML holds
    if value is None:
        return "missing"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
