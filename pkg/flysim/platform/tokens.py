"""Access tokens: made, listed, revoked, and told from one another when a request brings one."""

from __future__ import annotations

import re

from pkg.flysim.evidence import assumed, recorded
from pkg.flysim.platform.call import EMAIL, ApiError, Call
from pkg.flysim.platform.clock import rfc3339
from pkg.flysim.platform.store import Json, Session

KIND = "token"
_DURATION = r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?"
DAY = 86400


def bare(token: str | None) -> str:
    """A token without the scheme that a header puts before it; the first, where there are several."""
    text = (token or "").strip()
    scheme, _, rest = text.partition(" ")
    if scheme.lower() in {"bearer", "flyv1"}:
        text = rest.strip()
    return text.partition(",")[0]


@recorded("daily.json#3", why="that flyctl stops without a token; what the API says to it is assumed")
def admit(session: Session, token: str, now: float) -> str:
    """The one app that a token is for, or nothing when it is for all; 401 when it opens nothing."""
    if not token:
        raise ApiError(401, "unauthenticated: no access token was given")
    told = session.settings.get("tokens", {}).get(token, "valid")
    if told != "valid":
        raise ApiError(401, f"unauthenticated: the access token is {told}")
    made = session.get(KIND, token)
    if made is None:
        return ""
    if made["revoked"]:
        raise ApiError(401, "unauthenticated: the access token is revoked")
    if made["expires"] <= now:
        raise ApiError(401, "unauthenticated: the access token is expired")
    return str(made["app"])


@recorded("http.jsonl#231", "http.jsonl#233", "http.jsonl#243")
def create(call: Call, variables: Json) -> Json:
    """Make a token of a profile: `deploy` is for one app."""
    number = call.ids.number()
    given = variables.get("profileParams")
    parameters = given if isinstance(given, dict) else {}
    app = str(parameters.get("app_id") or "")
    if app and call.session.get("app", app) is None:
        raise ApiError(404, "Could not find App")
    token = f"fm2_{_base64(call.ids.of('token', number, 64))}"
    record: Json = {
        "id": call.ids.of("t", number, 12),
        "app": app,
        "name": str(variables.get("name") or ""),
        "profile": str(variables.get("profile") or ""),
        "token": f"FlyV1 {token}",
        "created": call.now,
        "expires": call.now + duration(str(variables.get("expiry") or "")),
        "revoked": None,
    }
    call.session.put(KIND, token, record, app=app)
    return {"limitedAccessToken": {"tokenHeader": record["token"]}}


@assumed("the mutation is flyctl's; the answer holds the token's id")
def revoke(call: Call, variables: Json) -> Json:
    """Revoke a token by its id, or by itself."""
    given = variables.get("input")
    given = given if isinstance(given, dict) else variables
    for token in call.session.all(KIND):
        if token["id"] == given.get("id") or token["token"] == given.get("token"):
            call.session.put(KIND, bare(token["token"]), {**token, "revoked": call.now}, app=token["app"])
            return {"token": token["token"]}
    raise ApiError(404, "Could not find LimitedAccessToken")


@recorded("operate.json#69", "http.jsonl#234")
def for_graphql(session: Session, app: str) -> list[Json]:
    """The tokens of an app, as GraphQL shows them."""
    return [
        {
            "id": token["id"],
            "name": token["name"],
            "token": token["token"],
            "expiresAt": rfc3339(token["expires"]),
            "revokedAt": rfc3339(token["revoked"]) if token["revoked"] else None,
            "user": {"email": EMAIL},
        }
        for token in session.all(KIND, app)
    ]


def duration(text: str) -> float:
    """Seconds of a Go duration such as 24h0m0s; a day when it is none."""
    match = re.fullmatch(_DURATION, text)
    if not match or not text:
        return DAY
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def _base64(text: str) -> str:
    from base64 import b64encode

    return b64encode(text.encode()).decode()
