"""Registered secrets appear in nothing printed, logged or raised, however they are escaped or cut up."""

import base64
import json
import re
import shlex
import threading
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

MASK = "***"
MINIMUM = 6  # hiding a shorter value would shred every text that it happens to occur in

# A part of a secret that is a secret by itself: a macaroon of several in a token, the password in a URL.
_PART = 16
_URL_PASSWORD = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#\s:@]*:([^/?#\s]+)@")

# What is a credential by its looks, registered or not: tokens of Fly and of 1Password.
_TOKEN = re.compile(
    r"\b(?:fo1_[A-Za-z0-9_-]{20,}|fm[12][a-z]?_[A-Za-z0-9+/_=-]{20,}|ops_[A-Za-z0-9+/_=-]{20,})"
)
# The end of a text that may become one.
_BEGUN = re.compile(
    r"\b(?:f(?:o1?|m(?:[12][a-z]?)?)?|o(?:ps?)?|(?:fo1|fm[12][a-z]?|ops)_[A-Za-z0-9+/_=-]*)\Z"
)
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|KEY|DSN)(?:_|$)", re.IGNORECASE
)


def names_a_secret(name: str) -> bool:
    """Return whether a variable of this name, as `AWS_SECRET_ACCESS_KEY`, is taken for a secret."""
    return bool(_SECRET_NAME.search(name))


def looks_secret(name: str, value: str) -> bool:
    """Return whether a variable is taken for a secret: by its name, as a token, as a URL with a password."""
    return names_a_secret(name) or bool(_URL_PASSWORD.match(value) or _TOKEN.search(value))


class Redactor:
    """Knows the secrets and hides them in text."""

    def __init__(self) -> None:
        self._forms: tuple[str, ...] = ()
        self._lock = threading.Lock()  # what programs write is looked at by several threads

    def add(self, secret: str) -> bool:
        """Register a secret with its escaped forms.

        Args:
            secret: the value; of one with several lines, each line is hidden too.

        Returns:
            False when it is too short to be hidden (less than 6 characters, blanks around it not counted):
            nothing is registered then.
        """
        found = {
            form for part in _parts(secret) if _hideable(part) for form in _written(part) if _hideable(form)
        }
        with self._lock:
            self._forms = tuple(sorted(found.union(self._forms), key=lambda form: (-len(form), form)))
        return _hideable(secret)

    def notice(self, text: str) -> None:
        """Register what looks like a token of Fly or 1Password in a text: an argument, a program's answer."""
        for token in _TOKEN.findall(text):
            self.add(token)

    def redact(self, text: str) -> str:
        """Return the text with a mask in place of each secret; secrets that overlap share one mask."""
        pieces, end = [], 0
        for start, stop in merged(occurrences(text, self._forms)):
            pieces += [text[end:start], MASK]
            end = stop
        return "".join([*pieces, text[end:]])

    def stream(self) -> "StreamRedactor":
        """Return a redactor for a text that comes in pieces."""
        return StreamRedactor(self)

    @property
    def forms(self) -> tuple[str, ...]:
        """What is looked for, the longest first."""
        return self._forms


class StreamRedactor:
    """Hides secrets in a text that comes in pieces: what it returns, joined, is the redacted whole.

    What looks like a token of Fly or 1Password is noticed first. It keeps back only what may still become a
    secret, so never more than the longest form, or a token.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self.held = ""  # what cannot be shown yet
        self._hidden = 0  # so many characters of it belong to a secret whose mask was given out already

    def feed(self, piece: str) -> str:
        """Take the next piece and return what is safe to show of all so far."""
        self.held += piece
        begun = _BEGUN.search(self.held)
        end = begun.start() if begun else len(self.held)
        self._redactor.notice(self.held[:end])
        return self._release(min(end, len(self.held) - self._unfinished()))

    def close(self) -> str:
        """Return the rest; the text has ended."""
        self._redactor.notice(self.held)
        return self._release(len(self.held))

    def _unfinished(self) -> int:
        """Return the length of the longest end of the held text that begins a secret."""
        return max((_overlap(self.held, form) for form in self._redactor.forms), default=0)

    def _release(self, cut: int) -> str:
        spans = occurrences(self.held, self._redactor.forms)
        pieces, end, hidden = [], 0, max(0, self._hidden - cut)
        for start, stop in merged([(0, self._hidden), *spans] if self._hidden else spans):
            if start >= cut:
                break
            mask = "" if start == 0 and self._hidden else MASK
            pieces += [self.held[end:start], mask]
            end = min(stop, cut)
            hidden = max(0, stop - cut)
        pieces.append(self.held[end:cut])
        self.held, self._hidden = self.held[cut:], hidden
        return "".join(pieces)


def occurrences(text: str, forms: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return where each form begins and ends in a text, overlapping ones too, in order."""
    found = []
    for form in forms:
        at = text.find(form)
        while at >= 0:
            found.append((at, at + len(form)))
            at = text.find(form, at + 1)
    return sorted(found)


def merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ordered spans with the overlapping ones made one; those that only touch stay two."""
    result: list[tuple[int, int]] = []
    for start, stop in spans:
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(stop, result[-1][1]))
        else:
            result.append((start, stop))
    return result


def _overlap(text: str, form: str) -> int:
    """Return the length of the longest proper beginning of the form that the text ends in."""
    for size in range(min(len(form) - 1, len(text)), 0, -1):
        if text.endswith(form[:size]):
            return size
    return 0


def _hideable(value: str) -> bool:
    return len(value.strip()) >= MINIMUM


def _parts(secret: str) -> Iterator[str]:
    """Yield the secret and the parts of it that are secrets themselves."""
    yield secret
    yield secret.strip()
    yield from (line.strip() for line in secret.splitlines())
    yield from (word for word in re.split(r"[\s,;]+", secret) if len(word) >= _PART)
    if password := _URL_PASSWORD.match(secret):
        yield password.group(1)


def _written(value: str) -> Iterator[str]:
    """Yield the ways in which programs write a value."""
    yield value
    yield from _url_escaped(value)
    yield from _json_escaped(value)
    yield repr(value)[1:-1]
    yield shlex.quote(value).strip("'")
    yield from _base64(value.encode(errors="surrogateescape"))


def _url_escaped(value: str) -> Iterator[str]:
    raw = value.encode(errors="surrogateescape")
    for escaped in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield escaped
        yield re.sub(r"%[0-9A-F]{2}", lambda code: code.group().lower(), escaped)


def _json_escaped(value: str) -> Iterator[str]:
    for ascii_only in (True, False):
        escaped = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        # Go writes these three so that JSON can stand in HTML.
        for character in "<>&":
            escaped = escaped.replace(character, f"\\u{ord(character):04x}")
        yield escaped


def _base64(value: bytes) -> Iterator[str]:
    """Yield base64 of the value, alone and as a part of a longer text at each of the three alignments."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(value).decode()
        for before in range(3):
            encoded = encode(b"\0" * before + value).decode()
            # Characters that also hold bits of the neighbours say nothing certain, so they are left out.
            yield encoded[-(-before * 8 // 6) : (before + len(value)) * 8 // 6]
