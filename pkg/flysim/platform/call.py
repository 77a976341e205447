"""One request on its way through the platform: what it brings, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping

from pkg.flysim.platform import clock
from pkg.flysim.platform.ids import Ids
from pkg.flysim.platform.store import Json, Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Response:
    """An answer: HTTP's status, and a body that JSON can hold (None: no body).

    `truncated` asks the door to cut its output short, as a broken connection would.
    """

    __slots__ = ("body", "status", "truncated")

    def __init__(self, status: int, body: object, *, truncated: bool = False) -> None:
        self.status = status
        self.body: Any = body
        self.truncated = truncated

    def __repr__(self) -> str:
        return f"Response({self.status}, {self.body!r}, truncated={self.truncated})"


class ApiError(Exception):
    """An answer that is an error; what the request changed is undone."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    @property
    def response(self) -> Response:
        """The answer as Fly's APIs put it."""
        return Response(self.status, {"error": self.message})


class Call:
    """A request within its transaction."""

    __slots__ = ("body", "email", "ids", "nonce", "now", "params", "query", "scope", "session")

    def __init__(
        self,
        session: Session,
        *,
        params: Mapping[str, str],
        query: Mapping[str, str],
        body: object,
        nonce: str | None,
    ) -> None:
        self.session = session
        self.ids = Ids(session)
        self.now = clock.now(session)
        self.params = params
        self.query = query
        self.body: Json = body if isinstance(body, dict) else {}
        self.nonce = nonce
        self.email = EMAIL
        # The one app that the token is for; nothing: it is for all.
        self.scope = ""

    @property
    def timestamp(self) -> str:
        """The time of the call as Fly writes it."""
        return clock.rfc3339(self.now)

    @property
    def app(self) -> str:
        """The app in the path, which must exist and be the token's to see."""
        return self.known_app(self.params["app"])

    def known_app(self, name: str) -> str:
        """The name itself; 404 when there is no such app, or none that the token may see."""
        if self.scope not in {"", name} or self.session.get("app", name) is None:
            raise ApiError(404, f"app not found: '{name}'")
        return name

    def whole_organization(self) -> None:
        """Go on with a token for all apps only; 403 with one for a single app."""
        if self.scope:
            raise ApiError(403, f"unauthorized: the access token is for the app {self.scope} only")

    def text(self, name: str, default: str = "") -> str:
        """A text of the body; 422 when it is something else."""
        value = self.body.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise ApiError(422, f"{name} must be a string")
        return value

    def integer(self, name: str, default: int) -> int:
        """A whole number of the body; null, 0 and nothing mean the default; 422 when it is something else."""
        value = self.body.get(name)
        if value is None or (value == 0 and not isinstance(value, bool)):
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise ApiError(422, f"{name} must be a whole number")
        return value

    def seconds(self, name: str, default: float) -> float:
        """A number of seconds in the query; 400 when it is something else."""
        text = self.query.get(name, "")
        try:
            value = float(text or default)
        except ValueError:
            raise ApiError(400, f"{name} must be a number of seconds, not {text!r}") from None
        if not 0 <= value < float("inf"):
            raise ApiError(400, f"{name} must be a number of seconds, not {text!r}")
        return value


EMAIL = "dev@example.com"
