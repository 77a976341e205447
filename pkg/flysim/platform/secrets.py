"""An app's secrets: names and digests. Values are hashed as they come in, and kept nowhere."""

from __future__ import annotations

from pkg.flysim.platform import machines
from pkg.flysim.platform.call import ApiError, Call, Response
from pkg.flysim.platform.ids import digest
from pkg.flysim.platform.store import Json

KIND = "secret"


def _listed(call: Call) -> list[Json]:
    return sorted(call.session.all(KIND, call.app), key=lambda secret: str(secret["name"]))


def list_all(call: Call) -> Response:
    """The app's secrets by name; the version that one asks for is always there.

    With `deployed=true` in the query, which is the simulation's own, each says whether all machines have it.
    The real flyctl works that out of the times of secrets, releases and machines, which here may be the same.
    """
    listed = _listed(call)
    if call.query.get("deployed") != "true":
        return Response(200, {"secrets": [_view(secret) for secret in listed]})
    versions = [machine.get("secrets_version", 0) for machine in machines.live(call, call.app)]
    oldest = min(versions, default=0)
    return Response(
        200, {"secrets": [{**_view(secret), "deployed": secret["version"] <= oldest} for secret in listed]}
    )


def _view(secret: Json) -> Json:
    return {key: value for key, value in secret.items() if key != "version"}


def change(call: Call) -> Response:
    """Set the given values, and remove what is given as null; the version goes up by one."""
    app = call.app
    values = call.body.get("values")
    if not isinstance(values, dict) or not values:
        raise ApiError(422, "values must name at least one secret")
    record = call.session.get("app", app) or {}
    record["secrets_version"] = record.get("secrets_version", 0) + 1
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
            "version": record["secrets_version"],
        }
        call.session.put(KIND, ident, secret, app=app)
    call.session.put("app", app, record)
    listed = [_view(secret) for secret in _listed(call)]
    return Response(200, {"secrets": listed, "version": record["secrets_version"]})
