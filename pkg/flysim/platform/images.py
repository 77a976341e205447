"""Images: what a reference names, what digest it has, and how the image behaves when it runs."""

from __future__ import annotations

import re

from pkg.flysim.evidence import recorded
from pkg.flysim.platform.ids import digest
from pkg.flysim.platform.store import Json

REGISTRY = "registry.fly.io"
DOCKER_HUB = "docker-hub-mirror.fly.io"
SIZE = "12345678"

HEALTHY = "healthy"
UNHEALTHY = "unhealthy"
CRASHES = "crashes"
SLOW = "slow"
STUCK = "stuck"
MISSING = "missing"
RELEASE_FAILS = "release-fails"
ERRS = "errs"
BEHAVIOURS = {
    HEALTHY: "starts, and its checks pass",
    UNHEALTHY: "starts, and its checks never pass",
    CRASHES: "exits with 1 a second after each start, until Fly gives up",
    SLOW: "starts, and its checks pass 20 seconds later",
    STUCK: "starts, and its checks pass only once its machine was restarted",
    MISSING: "does not exist",
    RELEASE_FAILS: "is healthy, but its release command exits with 1",
    ERRS: "starts, and its checks pass, but it answers slowly, and an eighth of its answers are errors",
}
BY_TAG = (("bad", UNHEALTHY), ("missing", MISSING), ("relfail", RELEASE_FAILS))

# Compiled where it is used: this module is loaded by calls that need no image.
_REFERENCE = (
    r"(?P<name>(?:[a-z0-9][a-z0-9.-]*(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


class Image:
    """A reference taken apart."""

    __slots__ = ("digest", "registry", "repository", "tag")

    def __init__(self, registry: str, repository: str, tag: str, digest: str) -> None:
        self.registry = registry
        self.repository = repository
        self.tag = tag
        self.digest = digest

    @property
    def names(self) -> tuple[str, ...]:
        """What a setting may call it, the most exact first."""
        name = f"{self.registry}/{self.repository}"
        tagged = f"{name}:{self.tag}"
        short = f"{self.repository}:{self.tag}"
        return (f"{tagged}@{self.digest}", f"{name}@{self.digest}", self.digest, tagged, short, self.tag)

    @property
    def body(self) -> Json:
        """The image as a machine shows it."""
        return {
            "registry": self.registry,
            "repository": self.repository,
            "tag": self.tag,
            "digest": self.digest,
            "labels": {},
        }


@recorded("http.jsonl#17", "http.jsonl#129")
def parse(reference: str, known: Json) -> Image | None:
    """Take a reference apart; None when it is none.

    Without a digest it has the one that `known` (the setting `images`) gives its tag, else the tag's own.
    """
    match = re.fullmatch(_REFERENCE, reference)
    if not match:
        return None
    registry, _, repository = match["name"].partition("/")
    if not repository:
        registry, repository = DOCKER_HUB, f"library/{registry}"
    elif "." not in registry and ":" not in registry and registry != "localhost":
        registry, repository = DOCKER_HUB, match["name"]
    tag = match["tag"] or ("" if match["digest"] else "latest")
    image = Image(registry, repository, tag, match["digest"] or "")
    if not image.digest:
        moved = (known[name].get("digest") for name in image.names if name in known)
        own = f"sha256:{digest(f'img{registry}/{repository}:{tag}')}"
        image.digest = next((one for one in moved if one), own)
    return image


@recorded(
    "daily.json#29",
    "daily.json#30",
    "release.json#2",
    why="bad, missing and relfail by tag; others by setting",
)
def behaviour(image: Image, known: Json) -> str:
    """How an image behaves: as its reference or digest was set, else by its tag."""
    for name in image.names:
        if name in known and known[name].get("behaviour"):
            return str(known[name]["behaviour"])
    return next((behaviour for prefix, behaviour in BY_TAG if image.tag.startswith(prefix)), HEALTHY)


def exists(image: Image | None, known: Json) -> bool:
    """Whether the registry has the image."""
    return image is not None and behaviour(image, known) != MISSING


@recorded("http.jsonl#17")
def details(image: Image, reference: str) -> Json:
    """The image as GraphQL shows it, under the reference that was asked for: a pinned one stays pinned."""
    return {
        "id": f"img_{digest(f'image {image.digest}')[:8]}",
        "digest": image.digest,
        "ref": reference,
        "compressedSize": SIZE,
        "config": None,
        "configDigest": image.digest,
        "label": "",
        "repository": image.repository,
    }


@recorded("http.jsonl#29", why="the shape; that a newer image is never on offer is assumed")
def latest_details(reference: str) -> Json:
    """What the registry has newest under a tag, as `image show` and `status` ask for it."""
    image = parse(reference if "/" in reference else f"{REGISTRY}/{reference}", {})
    if image is None:
        return {"registry": "", "repository": "", "tag": "", "digest": "", "version": ""}
    return {
        "registry": DOCKER_HUB,
        "repository": image.repository,
        "tag": image.tag,
        "digest": f"sha256:{digest(f'latest {reference}')}",
        "version": "",
    }
