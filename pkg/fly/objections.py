"""What speaks against an image as one to go back to: a release of it was undone, or answered worse."""

from collections.abc import Sequence

import msgspec

from pkg.fly.image import Reference, parse, same
from pkg.fly.journal import Entry, stories
from pkg.fly.moments import minute
from pkg.fly.verdict import Verdict

BAD, WORSE = "bad", "worse"

# Verdicts on a release that was bad.
FOUND_BAD = frozenset({Verdict.ROLLED_BACK, Verdict.DEGRADED, Verdict.MIXED})


class Objection(msgspec.Struct, frozen=True):
    """What was found out about an image.

    Attributes:
        word: `bad`, or `worse`.
        at: when, RFC 3339.
        what: the same in a sentence.
    """

    word: str
    at: str
    what: str

    @property
    def short(self) -> str:
        """The word and the minute, for a table."""
        return f"{self.word} {minute(self.at)}"


def objection(entries: Sequence[Entry], app: str, image: Reference) -> Objection | None:
    """Return what the journal has against an image; None when that is nothing.

    A release of an image that ran already says nothing about the image. One that was bad is proven good by
    checks that pass later; one that passed its checks and answered worse, by answers that are as good only.
    Of one that was undone because flyctl failed half way, nothing is known. A release that was interrupted
    was as bad as its machines were when they were last watched.

    Args:
        entries: the journal's.
        app: the app's name.
        image: the image.
    """
    found: Objection | None = None
    for story in stories(entries, app):
        ended = story.verdict
        released = _is(story.started.image, image) and not _is(story.started.previous, image)
        if (ended is None or ended.verdict == Verdict.INTERRUPTED) and released and story.bad:
            at = story.started.at
            found = Objection(
                BAD, at, f"its checks failed on {minute(at)}, and nobody saw it through: {story.bad[0]}"
            )
        elif ended is None:
            continue
        elif released and ended.worse:
            found = Objection(WORSE, ended.at, f"it answered worse on {minute(ended.at)}: {ended.worse[0]}")
        elif released and ended.verdict in FOUND_BAD and not ended.blameless:
            found = Objection(BAD, ended.at, f"a release of it was bad on {minute(ended.at)}{_why(ended)}")
        elif found and _is(ended.verified, image) and (found.word == BAD or (released and _as_good(ended))):
            found = None
    return found


def _as_good(ended: Entry) -> bool:
    """Return whether its answers were compared, and were no worse."""
    return ended.worse is not None and not ended.worse


def _why(ended: Entry) -> str:
    """Return why it was undone; of one that was not, other things are told first."""
    return f": {ended.notes[0]}" if ended.verdict == Verdict.ROLLED_BACK and ended.notes else ""


def _is(told: str, image: Reference) -> bool:
    return bool(told) and same(parse(told), image)
