"""Releases and builds: the record that flyctl keeps of its deploys."""

from __future__ import annotations

from pkg.flysim.platform.call import ApiError, Call, Response
from pkg.flysim.platform.clock import rfc3339
from pkg.flysim.platform.store import Json, Session

KIND = "release"
UNDER_WAY = frozenset({"pending", "running"})
LISTED = 25
KEPT = 500


def _view(release: Json) -> Json:
    return {
        "id": release["id"],
        "version": release["version"],
        "stable": True,
        "in_progress": release["status"] in UNDER_WAY,
        "status": release["status"],
        "strategy": release["strategy"],
        "user": release["user"],
        "created_at": rfc3339(release["created"]),
        "image_ref": release["image"],
    }


def create(call: Call) -> Response:
    """Begin a release: it is pending, and has the app's next version."""
    app = call.known_app(call.text("app_name"))
    definition = call.body.get("definition")
    newest = call.session.newest(KIND, app, 1)
    release: Json = {
        "id": call.ids.new("r", 16),
        "app": app,
        "version": newest[0]["version"] + 1 if newest else 1,
        "status": "pending",
        "strategy": call.text("strategy", "ROLLING"),
        "user": call.email,
        "created": call.now,
        "image": call.text("image"),
        "definition": definition if isinstance(definition, dict) else {},
    }
    call.session.put(KIND, release["id"], release, app=app)
    call.session.delete_oldest(KIND, app, KEPT)
    return Response(201, {"release": _view(release)})


def update(call: Call) -> Response:
    """Say how a release fares: running, complete, failed, interrupted."""
    release = call.session.get(KIND, call.params["release"])
    if release is None or call.scope not in {"", release["app"]}:
        raise ApiError(404, f"not found: '{call.params['release']}'")
    release["status"] = call.text("status", release["status"])
    call.session.put(KIND, release["id"], release, app=release["app"])
    return Response(200, _view(release))


def list_all(call: Call) -> Response:
    """The app's releases, newest first; never more than are kept."""
    limit = min(int(call.seconds("limit", LISTED)) or LISTED, KEPT)
    return Response(
        200, {"releases": [_view(release) for release in call.session.newest(KIND, call.app, limit)]}
    )


def start_build(_call: Call) -> Response:
    """Begin a build."""
    return Response(200, {"id": 1, "status": "started", "wallclock_time_ms": 5})


def finish_build(call: Call) -> Response:
    """End a build: it is completed, as recorded, even when it failed."""
    return Response(200, {"id": call.integer("build_id", 1), "status": "completed", "wallclock_time_ms": 5})


def for_graphql(session: Session, app: str) -> Json:
    """The releases within an app, as GraphQL shows them."""
    found = session.newest(KIND, app, LISTED)
    newest = found[0] if found else None
    nodes = {"nodes": [_node(release) for release in found]}
    return {
        "currentRelease": _current(newest) if newest else None,
        "currentReleaseUnprocessed": _unprocessed(newest) if newest else None,
        "releases": nodes,
        "releasesUnprocessed": nodes,
    }


def definition(session: Session, app: str) -> Json:
    """The manifest of the newest release."""
    found = session.newest(KIND, app, 1)
    return dict(found[0]["definition"]) if found else {}


def _user(release: Json) -> Json:
    return {"id": "u1", "email": release["user"], "name": release["user"].partition("@")[0]}


def _current(release: Json) -> Json:
    return {
        "id": release["id"],
        "status": release["status"],
        "createdAt": rfc3339(release["created"]),
        "version": release["version"],
        "evaluationId": "",
        "user": _user(release),
        "inProgress": release["status"] in UNDER_WAY,
        "stable": True,
        "description": "",
    }


def _unprocessed(release: Json) -> Json:
    return {
        "id": release["id"],
        "version": release["version"],
        "configDefinition": release["definition"],
        "imageRef": release["image"],
        "status": release["status"],
    }


def _node(release: Json) -> Json:
    return {
        "id": release["id"],
        "version": release["version"],
        "description": "Release",
        "reason": "",
        "status": release["status"],
        "imageRef": release["image"],
        "stable": True,
        "user": _user(release),
        "createdAt": rfc3339(release["created"]),
        "definition": release["definition"],
        "strategy": release["strategy"],
    }
