"""Apps and the organization they belong to."""

from __future__ import annotations

import re

from pkg.flysim.platform import ips, machines, releases, tokens, volumes
from pkg.flysim.platform.call import ApiError, Call, Response
from pkg.flysim.platform.ids import Ids
from pkg.flysim.platform.store import Json, Session

KIND = "app"
ORGANIZATION = "personal"
FIRST_NUMBER = 100
_NAME = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


def add(session: Session, name: str) -> Json:
    """Make an app; 422 when the name is taken or none."""
    if not re.fullmatch(_NAME, name):
        raise ApiError(422, "Validation failed: Name may only contain numbers, lowercase letters and dashes")
    if session.get(KIND, name):
        raise ApiError(422, "Validation failed: Name has already been taken")
    number = int(session.settings.get("apps_made", 0))
    session.set(apps_made=number + 1)
    app: Json = {"name": name, "number": FIRST_NUMBER + number, "network": "default", "secrets_version": 0}
    session.put(KIND, name, app)
    return app


def create(call: Call) -> Response:
    """Make an app in the organization."""
    call.whole_organization()
    if call.text("org_slug") != ORGANIZATION:
        raise ApiError(404, f"organization not found: '{call.text('org_slug')}'")
    name = call.text("name") or f"quiet-river-{Ids(call.session).number():04d}"
    add(call.session, name)
    organization = {"name": "Personal", "slug": ORGANIZATION}
    return Response(201, {"id": name, "name": name, "status": "pending", "organization": organization})


def status_of(call: Call, name: str) -> str:
    """Deployed with machines, suspended when none are left of a release, else pending."""
    if machines.live(call, name):
        return "deployed"
    return "suspended" if call.session.newest(releases.KIND, name, 1) else "pending"


def show(call: Call) -> Response:
    """One app, as the Machines API shows it. Destroyed machines count, as recorded."""
    name = call.app
    app = call.session.get(KIND, name) or {}
    return Response(
        200,
        {
            "id": name,
            "name": name,
            "internal_numeric_id": app["number"],
            "network": app["network"],
            "status": status_of(call, name),
            "machine_count": machines.count(call.session, name),
            "volume_count": call.session.count(volumes.KIND, name),
            "organization": {"name": "Personal", "slug": ORGANIZATION, "internal_numeric_id": 7},
            "cname_target": f"x.{name}.fly.dev",
            "app_role": "",
        },
    )


def list_all(call: Call) -> Response:
    """The organization's apps, as the Machines API shows them."""
    call.whole_organization()
    found = [
        {
            "id": app["name"],
            "name": app["name"],
            "machine_count": machines.count(call.session, app["name"]),
            "network": app["network"],
        }
        for app in call.session.all(KIND)
    ]
    return Response(200, {"total_apps": len(found), "apps": found})


def destroy(call: Call) -> Response:
    """Destroy an app with all that belongs to it."""
    name = call.app
    for volume in call.session.all(volumes.KIND, name):
        call.session.delete_all(volumes.SNAPSHOT, volume["id"])
    for kind in (
        machines.KIND,
        machines.GONE,
        "lease",
        "volume",
        "release",
        "secret",
        "certificate",
        "ip",
        "log",
        "token",
    ):
        call.session.delete_all(kind, name)
    call.session.delete(KIND, name)
    return Response(202, None)


def organization(call: Call) -> Response:
    """The organization."""
    if call.params["organization"] != ORGANIZATION:
        raise ApiError(404, f"organization not found: '{call.params['organization']}'")
    return Response(
        200,
        {
            "organization": {
                "id": "org1",
                "internal_numeric_id": 7,
                "slug": ORGANIZATION,
                "raw_slug": ORGANIZATION,
                "paid_plan": True,
                "personal": True,
                "billing_status": "CURRENT",
                "provisions_beta_extensions": False,
                "name": "Personal",
                "billable": True,
                "remote_builder_image": "",
            }
        },
    )


def for_graphql(call: Call, app: Json) -> Json:
    """An app as GraphQL shows it: more fields than anybody asks for."""
    name = app["name"]
    status = status_of(call, name)
    return {
        "id": name,
        "internalNumericId": app["number"],
        "name": name,
        "hostname": f"{name}.fly.dev",
        "cnameTarget": f"x.{name}.fly.dev",
        "deployed": status == "deployed",
        "network": app["network"],
        "status": status,
        "appUrl": f"https://{name}.fly.dev",
        "platformVersion": "machines",
        "organization": _organization_of_app(),
        "postgresAppRole": None,
        "role": None,
        **releases.for_graphql(call.session, name),
        "limitedAccessTokens": {"nodes": tokens.for_graphql(call.session, name)},
        "ipAddresses": {"nodes": ips.for_graphql(call.session, name)},
        "egressIpAddresses": {"nodes": []},
        "sharedIpAddress": ips.SHARED_V4,
        "secrets": [],
        "image": None,
        "machines": {"nodes": []},
        "services": [],
        "regions": [],
        "backupRegions": [],
        "config": {
            "definition": releases.definition(call.session, name),
            "valid": True,
            "errors": [],
            "services": [],
        },
        "vmSize": None,
        "state": "DEPLOYED",
        "healthChecks": {"nodes": []},
    }


def _organization_of_app() -> Json:
    return {
        "id": "org1",
        "internalNumericId": "7",
        "slug": ORGANIZATION,
        "rawSlug": ORGANIZATION,
        "name": "Personal",
        "type": "PERSONAL",
        "paidPlan": True,
        "limitedAccessTokens": {"nodes": []},
        "provisionsBetaExtensions": False,
    }
