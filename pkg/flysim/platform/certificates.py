"""Certificates of an app's hostnames, and the DNS records that they wait for."""

from __future__ import annotations

from pkg.flysim.evidence import recorded
from pkg.flysim.platform.call import ApiError, Call, Response
from pkg.flysim.platform.clock import rfc3339
from pkg.flysim.platform.ids import digest
from pkg.flysim.platform.ips import SHARED_V4, V6
from pkg.flysim.platform.store import Json

KIND = "certificate"
PENDING = "pending_validation"
ACTIVE = "active"
# recorded: http.jsonl#204, http.jsonl#209; no other is.
STATUSES = (PENDING, ACTIVE)
LIFETIME_SECONDS = 60 * 86400


def _find(call: Call) -> Json:
    certificate = call.session.get(KIND, f"{call.app}/{call.params['hostname']}")
    if certificate is None:
        raise ApiError(404, f"certificate not found for hostname {call.params['hostname']}")
    return certificate


@recorded(
    "http.jsonl#204",
    "http.jsonl#209",
    why="pending_validation and active; control takes no other status",
)
def _view(call: Call, certificate: Json) -> Json:
    """A certificate as the API shows it, with what control has set of it."""
    app, hostname = certificate["app"], certificate["hostname"]
    told = call.session.settings.get("certs", {}).get(f"{app}/{hostname}", {})
    status = told.get("status", PENDING)
    active = status == ACTIVE
    created_at = told.get("created_at", certificate["created_at"])
    expires_at = told.get("expires_at", rfc3339(certificate["created"] + LIFETIME_SECONDS))
    issued = [
        {"type": kind, "expires_at": expires_at, "certificate_authority": "lets_encrypt"}
        for kind in ("ecdsa", "rsa")
        if active
    ]
    return {
        **_summary(certificate, status, created_at),
        "certificates": [
            {
                "source": "fly",
                "status": status,
                "created_at": created_at,
                "expires_at": expires_at,
                "issuer": "Let's Encrypt",
                "issued": issued,
            }
        ],
        "validation": {
            "dns_configured": active,
            "alpn_configured": active,
            "http_configured": active,
            "ownership_txt_configured": active,
        },
        "dns_requirements": _dns_requirements(app, hostname),
    }


def _summary(certificate: Json, status: str, created_at: str) -> Json:
    active = status == ACTIVE
    return {
        "hostname": certificate["hostname"],
        "configured": active,
        "acme_dns_configured": active,
        "acme_alpn_configured": active,
        "acme_http_configured": active,
        "acme_requested": True,
        "status": status,
        "dns_provider": "cloudflare",
        "has_custom_certificate": False,
        "has_fly_certificate": True,
        "created_at": created_at,
        "updated_at": created_at,
    }


def _dns_requirements(app: str, hostname: str) -> Json:
    wildcard_base = hostname.removeprefix("*.")
    mark = digest(f"{app}/{hostname}")[:7]
    return {
        "a": [SHARED_V4],
        "aaaa": [V6],
        "cname": f"{mark}.{app}.fly.dev",
        "acme_challenge": {
            "name": f"_acme-challenge.{wildcard_base}",
            "target": f"{wildcard_base}.{digest(f'challenge {app}')[:7]}.flydns.net",
        },
        "ownership": {
            "name": f"_fly-ownership.{wildcard_base}",
            "app_value": f"app-{digest(f'ownership {app}')[:7]}",
            "org_value": "org-1",
        },
    }


def list_all(call: Call) -> Response:
    """The app's certificates by hostname; `filter` chooses some, `limit` and `cursor` page through them."""
    found = sorted(call.session.all(KIND, call.app), key=lambda certificate: str(certificate["hostname"]))
    found = [one for one in found if call.query.get("filter", "") in one["hostname"]]
    limit = int(call.seconds("limit", 50)) or 50
    start = int(call.seconds("cursor", 0))
    page = [_listed(_view(call, certificate)) for certificate in found[start : start + limit]]
    following = str(start + limit) if start + limit < len(found) else ""
    return Response(200, {"certificates": page, "next_cursor": following, "total_count": len(found)})


def _listed(certificate: Json) -> Json:
    return {
        key: value
        for key, value in certificate.items()
        if key not in {"certificates", "validation", "dns_requirements"}
    }


def create(call: Call) -> Response:
    """Ask for a certificate by ACME."""
    app = call.app
    hostname = call.text("hostname").lower()
    if "." not in hostname or not set(hostname) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.*_"):
        raise ApiError(422, "Hostname is invalid")
    if call.session.get(KIND, f"{app}/{hostname}"):
        raise ApiError(422, "Hostname already exists on app")
    certificate: Json = {"app": app, "hostname": hostname, "created": call.now, "created_at": call.timestamp}
    call.session.put(KIND, f"{app}/{hostname}", certificate, app=app)
    return Response(201, _view(call, certificate))


def show(call: Call) -> Response:
    """A certificate, checked anew or as it was: the simulation's are always fresh."""
    return Response(200, _view(call, _find(call)))


def destroy(call: Call) -> Response:
    """Remove a hostname with its certificate."""
    certificate = _find(call)
    call.session.delete(KIND, f"{certificate['app']}/{certificate['hostname']}")
    return Response(200, {})
