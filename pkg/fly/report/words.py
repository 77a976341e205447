"""Words with a tone: good, bad, or to be looked at. The tone is never told by the colour alone."""

from collections.abc import Mapping

from pkg.fly.health import AppHealth, Condition
from pkg.fly.report.markup import Markup, element
from pkg.fly.verdict import Verdict

GOOD, BAD, CARE = "good", "bad", "care"

TONES: Mapping[object, str] = {
    AppHealth.HEALTHY: GOOD,
    AppHealth.UNHEALTHY: BAD,
    AppHealth.EMPTY: BAD,
    Condition.HEALTHY: GOOD,
    Condition.STANDBY: GOOD,
    Condition.UNHEALTHY: BAD,
    Condition.CRASHED: BAD,
    Verdict.HEALTHY: GOOD,
    Verdict.FAILED: BAD,
    Verdict.DEGRADED: BAD,
    "passing": GOOD,
    "critical": BAD,
    "complete": GOOD,
    "failed": BAD,
    "valid": GOOD,
    "ended": BAD,
    "revoked": CARE,
}


def tone(what: object) -> str:
    """Return the tone of a health, a condition, a verdict or a status; what is not known needs a look."""
    return TONES.get(what, CARE)


def badge(text: str, how: str) -> Markup:
    """Return a word in its tone."""
    return element("span", text, class_=f"badge {how}")


def said(text: str, how: str) -> Markup:
    """Return a sentence in its tone."""
    return element("p", text, class_=f"said {how}")
