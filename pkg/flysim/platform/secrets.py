"""An app's secrets: names and digests. Values are hashed as they come in, and kept nowhere."""

from __future__ import annotations

from pkg.flysim.platform.call import ApiError, Call, Response
from pkg.flysim.platform.ids import digest
from pkg.flysim.platform.store import Json

KIND = "secret"


def _listed(call: Call) -> list[Json]:
    return sorted(call.session.all(KIND, call.app), key=lambda secret: str(secret["name"]))


def list_all(call: Call) -> Response:
    """The app's secrets by name; the version that one asks for is always there."""
    return Response(200, {"secrets": _listed(call)})


def change(call: Call) -> Response:
    """Set the given values, and remove what is given as null; the version goes up by one."""
    app = call.app
    values = call.body.get("values")
    if not isinstance(values, dict) or not values:
        raise ApiError(422, "values must name at least one secret")
    for name, value in values.items():
        ident = f"{app}/{name}"
        if value is None:
            call.session.delete(KIND, ident)
            continue
        if not isinstance(value, str):
            raise ApiError(422, f"the value of {name} must be a string")
        before = call.session.get(KIND, ident)
        secret: Json = {
            "name": name,
            "digest": digest(value)[:16],
            "created_at": before["created_at"] if before else call.timestamp,
            "updated_at": call.timestamp,
        }
        call.session.put(KIND, ident, secret, app=app)
    record = call.session.get("app", app) or {}
    record["secrets_version"] = record.get("secrets_version", 0) + 1
    call.session.put("app", app, record)
    return Response(200, {"secrets": _listed(call), "version": record["secrets_version"]})
