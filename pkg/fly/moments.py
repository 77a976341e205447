"""Moments as flyctl writes them, and as the journal has them."""

from datetime import UTC, datetime

# What a text that is no moment is taken for: long past.
NEVER = datetime.fromtimestamp(0, UTC)


def moment(text: str) -> datetime:
    """Return a moment that flyctl wrote, aware, in UTC; `NEVER` for a text that is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return NEVER
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def written(when: datetime) -> str:
    """Return an aware moment as RFC 3339 has it, in UTC, to the second."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def minute(text: str) -> str:
    """Return a moment of Fly's or the journal's to the minute, for people; empty for an empty text."""
    return text[:16].replace("T", " ")
