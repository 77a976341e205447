import pytest

from tests.docs.scratch import matches


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("fine", "fine\n"),
        ("fine   \nyes", "fine\nyes   \n"),
        ("took … s", "took 3.2 s\n"),
        ("…", ""),
        ("…", "a\nb\n"),
        ("a\n…\nd", "a\nb\nc\nd\n"),
        ("a\n…\nd", "a\nd\n"),
        ("…\nlast", "first\nlast"),
        ("", ""),
        ("(1 + 1)", "(1 + 1)"),
        ("fine", "sandbox: FLY_SANDBOX is set: Fly is simulated, in /tmp/x\nfine"),
        ("next: inv fly.status", "next: inv sandbox fly.status"),
        ("next: `flyctl deploy -a x`", "next: `inv sandbox tools.exec flyctl -- deploy -a x`"),
        ("sandbox: made anew", "sandbox: made anew"),
    ],
)
def test_what_is_shown_matches_what_is_printed(shown: str, printed: str) -> None:
    assert matches(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("fine", "bad"),
        ("fine", "fine\nmore"),
        ("", "more"),
        ("took … s", "took\n3 s"),
        ("a\n…\nd", "a\nb"),
        (".", "x"),
    ],
)
def test_what_is_shown_does_not_match_anything_else(shown: str, printed: str) -> None:
    assert not matches(shown, printed)
