"""What apps have logged: lines that control adds, read page by page."""

from __future__ import annotations

from pkg.flysim.platform.call import Call, Response
from pkg.flysim.platform.clock import rfc3339
from pkg.flysim.platform.regions import DEFAULT_REGION
from pkg.flysim.platform.store import Json, Session

KIND = "log"
KEPT = 1000
END = "end"


def append(session: Session, app: str, line: Json, now: float) -> None:
    """Add a line: `message`, and `level`, `instance`, `region` where they are given."""
    number = session.next_number()
    record = {
        "number": number,
        "timestamp": rfc3339(now),
        "message": str(line["message"]),
        "level": str(line.get("level", "info")),
        "instance": str(line.get("instance", "")),
        "region": str(line.get("region", DEFAULT_REGION)),
    }
    session.put(KIND, str(number), record, app=app)
    session.delete_oldest(KIND, app, KEPT)


def read(call: Call) -> Response:
    """The lines after `next_token`, of one `instance` or `region` or of all; the token to ask for more."""
    token = call.query.get("next_token", "")
    lines = [] if token == END else call.session.all(KIND, call.app)
    if token.isdecimal():
        lines = [line for line in lines if line["number"] > int(token)]
    wanted = {name: call.query[name] for name in ("instance", "region") if call.query.get(name)}
    shown = [line for line in lines if all(line[name] == value for name, value in wanted.items())]
    following = str(lines[-1]["number"]) if lines else token or "0"
    return Response(
        200,
        {
            "data": [_entry(number, line) for number, line in enumerate(shown)],
            "meta": {"next_token": following},
        },
    )


def take_metrics(_call: Call) -> Response:
    """Take what flyctl tells of itself, and forget it."""
    return Response(200, {"ok": True})


def _entry(number: int, line: Json) -> Json:
    meta = {
        "instance": line["instance"],
        "region": line["region"],
        "event": {"provider": "app"},
        "http": {"request": {"id": "", "method": "", "version": ""}, "response": {"status_code": 0}},
        "error": {"code": 0, "message": ""},
        "url": {"full": ""},
    }
    attributes = {key: line[key] for key in ("timestamp", "message", "level", "instance", "region")}
    return {"id": str(number), "type": "log", "attributes": {**attributes, "meta": meta}}
