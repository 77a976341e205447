"""An image whose release was bad, or answered worse, is known as such until something proves otherwise."""

import pytest

from pkg.fly.image import parse
from pkg.fly.journal import STARTED, STEP, VERDICT, Entry
from pkg.fly.objections import BAD, WORSE, objection
from tests.unit.fly.world import APP, V1, V2

WORDS = ["more 5xx: 12% of the answers"]


class Past:
    """A journal, written a deploy at a time."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def deploy(
        self,
        image: str,
        verdict: str = "healthy",
        *,
        previous: str = V1,
        verified: str | None = None,
        worse: list[str] | None = None,
        app: str = APP,
    ) -> "Past":
        number = f"{len(self.entries):02d}"
        at = f"2026-11-24T10:{number}:00Z"
        if verified is None:
            verified = image if verdict == "healthy" else ""
        self.entries += [
            Entry(at=at, kind=STARTED, app=app, id=number, image=image, previous=previous),
            Entry(at=at, kind=VERDICT, app=app, id=number, image=image, verdict=verdict, verified=verified,
                  worse=worse),
        ]  # fmt: skip
        return self

    def word(self, image: str = V2) -> str:
        found = objection(self.entries, APP, parse(image))
        return found.word if found else ""


def test_nothing_speaks_against_what_was_never_released_or_went_well() -> None:
    assert Past().word() == ""
    assert Past().deploy(V2).word() == ""
    assert Past().deploy(V2, "failed").word() == ""


@pytest.mark.parametrize("verdict", ["rolled-back", "degraded", "mixed"])
def test_a_release_that_was_bad_speaks_against_its_image(verdict: str) -> None:
    past = Past().deploy(V2, verdict, verified=V1)
    assert past.word() == BAD
    assert past.word(V1) == ""


@pytest.mark.parametrize("end", ["", "interrupted"])
def test_one_whose_checks_failed_before_it_was_cut_off_does_too(end: str) -> None:
    past = Past().deploy(V2, end)
    failed = Entry(kind=STEP, id="00", step="watch the deploy", code=1, bad=["machine m1 is unhealthy"])
    past.entries.insert(1, failed)
    if not end:
        del past.entries[2]
    assert past.word() == BAD
    assert past.deploy(V2).word() == ""


def test_one_that_was_cut_off_before_anything_was_known_does_not() -> None:
    assert Past().deploy(V2, "interrupted").word() == ""


def test_one_that_answered_worse_does_whether_it_was_undone_or_not() -> None:
    past = Past().deploy(V2, worse=WORDS)
    found = objection(past.entries, APP, parse(V2))
    assert found is not None
    assert (found.word, found.short) == (WORSE, "worse 2026-11-24 10:00")
    assert found.what == "it answered worse on 2026-11-24 10:00: more 5xx: 12% of the answers"
    assert Past().deploy(V2, "rolled-back", verified=V1, worse=WORDS).word() == WORSE


def test_checks_that_pass_later_clear_a_bad_one() -> None:
    assert Past().deploy(V2, "rolled-back", verified=V1).deploy(V2).word() == ""


def test_checks_alone_do_not_clear_one_that_answered_worse_for_it_passed_them_before() -> None:
    assert Past().deploy(V2, worse=WORDS).deploy(V2).word() == WORSE
    assert Past().deploy(V2, worse=WORDS).deploy(V2, worse=[]).word() == ""


def test_answers_compared_with_its_own_clear_nothing_and_say_nothing_against_it() -> None:
    assert Past().deploy(V2, worse=WORDS).deploy(V2, previous=V2, worse=[]).word() == WORSE
    assert Past().deploy(V2, "rolled-back", previous=V2, verified=V2).word() == ""


def test_another_app_says_nothing() -> None:
    assert Past().deploy(V2, "rolled-back", verified=V1, app="other").word() == ""
