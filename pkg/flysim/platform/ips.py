"""The IP addresses of an app."""

from __future__ import annotations

from pkg.flysim.platform.call import ApiError, Call, Response
from pkg.flysim.platform.store import Json, Session

KIND = "ip"
SHARED_V4 = "66.241.125.10"
V6 = "2a09:8280:1::1"
TYPES = ("v4", "v6", "private_v6", "shared_v4")


def list_all(call: Call) -> Response:
    """The app's addresses; each says that it is not shared, as recorded."""
    ips = [
        {"ip": ip["ip"], "region": ip["region"], "created_at": ip["created_at"], "shared": False}
        for ip in call.session.all(KIND, call.app)
    ]
    return Response(200, {"ips": ips})


def assign(call: Call) -> Response:
    """Give an app an address; asking for its shared one again gives the same."""
    app = call.app
    kind = call.text("type", "v6")
    if kind not in TYPES:
        raise ApiError(422, f"type must be one of {', '.join(TYPES)}")
    ip = _address(call, kind)
    record: Json = {
        "ip": ip,
        "type": kind,
        "region": call.text("region") or "global",
        "created_at": call.timestamp,
    }
    call.session.put(KIND, f"{app}/{ip}", record, app=app)
    return Response(
        200, {"ip": ip, "region": record["region"], "created_at": record["created_at"], "shared": True}
    )


def _address(call: Call, kind: str) -> str:
    if kind == "shared_v4":
        return SHARED_V4
    if kind == "v4":
        return f"137.66.{call.ids.number() // 250 % 250}.{call.ids.number() % 250 + 1}"
    if kind == "private_v6":
        return f"fdaa:0:1:0:1::{call.ids.number():x}"
    return V6 if not call.session.all(KIND, call.app) else f"{V6[:-1]}{call.ids.number():x}"


def release(call: Call) -> Response:
    """Take an address away."""
    if not call.session.delete(KIND, f"{call.app}/{call.params['ip']}"):
        raise ApiError(404, f"not found: '{call.params['ip']}'")
    return Response(200, {})


def for_graphql(session: Session, app: str) -> list[Json]:
    """The app's own addresses as GraphQL shows them; the shared one stands elsewhere there."""
    return [
        {
            "id": f"ip{number}",
            "address": ip["ip"],
            "type": ip["type"],
            "region": ip["region"],
            "createdAt": ip["created_at"],
        }
        for number, ip in enumerate(session.all(KIND, app), 1)
        if ip["type"] != "shared_v4"
    ]
