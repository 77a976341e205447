"""How a deploy ends: one word, one exit code, and what is needed to act on it."""

from enum import StrEnum

import msgspec

from pkg.fly.health import MachineHealth


class Verdict(StrEnum):
    """The word that a deploy or a rollback ends with."""

    HEALTHY = "healthy"
    FAILED = "failed"
    REFUSED = "refused"
    ROLLED_BACK = "rolled-back"
    DEGRADED = "degraded"
    UNVERIFIED = "unverified"
    MIXED = "mixed"
    UNREPLICATED = "healthy-unreplicated"
    INTERRUPTED = "interrupted"


EXIT_CODES = {
    Verdict.HEALTHY: 0,
    Verdict.FAILED: 1,
    Verdict.REFUSED: 3,
    Verdict.ROLLED_BACK: 4,
    Verdict.DEGRADED: 5,
    Verdict.UNVERIFIED: 6,
    Verdict.MIXED: 7,
    Verdict.UNREPLICATED: 8,
    Verdict.INTERRUPTED: 130,
}

BAD = "the release was bad"
HALF_WAY = "flyctl failed half way, and no check of the image failed"
MEANINGS = {
    Verdict.HEALTHY: "every machine runs the image and passes its checks",
    Verdict.FAILED: "flyctl failed before it changed a machine; the app is as it was",
    Verdict.REFUSED: "a check beforehand failed; nothing changed",
    Verdict.ROLLED_BACK: f"{BAD}; the previous verified image runs, and is healthy",
    Verdict.DEGRADED: f"{BAD}, and is not undone: act now",
    Verdict.UNVERIFIED: "nothing could be checked: this is not called healthy",
    Verdict.MIXED: "machines run different images, and no rollback was allowed",
    Verdict.UNREPLICATED: "healthy, and the database's replica is not proven good",
    Verdict.INTERRUPTED: "a signal stopped it before its end",
}

# The same where nothing is known against the image.
BLAMELESS = {
    Verdict.ROLLED_BACK: f"{HALF_WAY}; the previous verified image runs, and is healthy",
    Verdict.DEGRADED: "flyctl failed half way, no check of the image failed, and it is not undone: act now",
}


class Outcome(msgspec.Struct, frozen=True):
    """How a deploy or a rollback ended.

    Attributes:
        verdict: the word.
        app: the app's name.
        image: what was to be deployed.
        previous: what ran before, or was brought back; empty when nothing verified did.
        machines: what runs now, as it was last seen; None when nothing could be seen.
        notes: what else is worth knowing, most important first.
        worse: what got worse since the release, by its metrics; None when they were not compared.
        blameless: whether it was flyctl that failed, and no check of the image.
        down: machines that were up before, and are stopped now.
        sentence: the verdict in a sentence, where the usual one would not be true; else empty.
        next: what to type next; empty when there is nothing to do.
        seconds: how long it took.
        id: names it in the journal.
    """

    verdict: Verdict
    app: str
    image: str
    previous: str = ""
    machines: list[MachineHealth] | None = None
    notes: list[str] = []
    worse: list[str] | None = None
    blameless: bool = False
    down: list[str] = []
    sentence: str = ""
    next: str = ""
    seconds: float = 0.0
    id: str = ""

    @property
    def exit_code(self) -> int:
        """The exit code that stands for the verdict."""
        return EXIT_CODES[self.verdict]

    @property
    def meaning(self) -> str:
        """The verdict in a sentence."""
        usual = MEANINGS[self.verdict]
        return self.sentence or (BLAMELESS.get(self.verdict, usual) if self.blameless else usual)
