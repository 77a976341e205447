"""`certs`: add, list, check, setup, remove."""

from __future__ import annotations

from pkg.flysim.flyctl import records
from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.render import ago

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json

LISTED = (
    "hostname",
    "status",
    "dns_provider",
    "acme_dns_configured",
    "acme_alpn_configured",
    "acme_http_configured",
    "ownership_txt_configured",
    "configured",
    "acme_requested",
    "has_custom_certificate",
    "has_fly_certificate",
    "created_at",
    "updated_at",
)
CHECKED = (
    "hostname",
    "configured",
    "acme_requested",
    "status",
    "dns_provider",
    "certificates",
    "validation",
    "dns_requirements",
)
STATUSES = {"active": "Issued", "pending_validation": "Not verified"}


def _path(call: Call, rest: str = "") -> str:
    return f"/v1/apps/{call.app}/certificates{rest}"


def list_certs(call: Call) -> None:
    """List the certificates.

    recorded: operate.json#41, operate.json#42, operate.json#45, operate.json#46, operate.json#51.
    """
    try:
        found = call.api.get(_path(call), limit="50")["certificates"]
    except ApiFailed as error:
        raise Failed(f"failed to list certificates: {error}") from error
    if call.switch("json"):
        call.json([{key: certificate.get(key, False) for key in LISTED} for certificate in found])
        return
    call.out(f"{'HOSTNAME':<31}{'SOURCE':<11}STATUS")
    for certificate in found:
        source = "Custom" if certificate.get("has_custom_certificate") else "Fly"
        status = STATUSES.get(certificate["status"], certificate["status"])
        call.out(f"{certificate['hostname']:<31}{source:<11}{status}")


def add(call: Call) -> None:
    """Ask for a certificate; recorded: operate.json#43, operate.json#44."""
    host = call.operands[0]
    try:
        made = call.api.post(_path(call, "/acme"), {"hostname": host})
    except ApiFailed as error:
        raise Failed(f"failed to create ACME certificate: {error}") from error
    if call.switch("json"):
        call.json({key: made[key] for key in CHECKED if key in made})
        return
    call.out(f"✓ Certificate created for {host}\n\nRecommended DNS setup:")
    _records(call, host, made["dns_requirements"], indent="  ")
    call.out(
        f"\nRun fly certs check {host} to follow the validation, or fly certs setup {host} for other ways."
    )


def _records(call: Call, host: str, needed: Json, *, indent: str) -> None:
    for address in needed["a"]:
        call.out(f"{indent}A    {host} → {address}")
    for address in needed["aaaa"]:
        call.out(f"{indent}AAAA {host} → {address}")


def _checked(call: Call) -> Json:
    host = call.operands[0]
    try:
        found: Json = call.api.post(_path(call, f"/{host}/check"))
    except ApiFailed as error:
        raise Failed(f"failed to check certificate: {error}") from error
    return found


def check(call: Call) -> None:
    """Show how a certificate fares; exit 0 whatever that is.

    recorded: operate.json#47, operate.json#48, operate.json#52..54.
    """
    found = _checked(call)
    if call.switch("json"):
        call.json({key: found[key] for key in CHECKED if key in found})
        return
    issued = found["status"] == "active"
    certificate = (found.get("certificates") or [{}])[0]
    facts = {"Status": "Issued" if issued else "Issuing...", "Hostname": found["hostname"]}
    issuer = certificate.get("issuer", "")
    if issued:
        facts["Certificate Authority"] = issuer
    facts["Issuer"] = issuer
    if certificate.get("issued"):
        facts["Issued"] = ",".join(each["type"] for each in certificate["issued"])
    now = call.clock.now()
    if certificate.get("created_at"):
        facts["Added to App"] = ago(now - records.seconds(certificate["created_at"]))
    if certificate.get("expires_at"):
        facts["Expires"] = ago(now - records.seconds(certificate["expires_at"]))
    for name, value in facts.items():
        call.out(f"  {name:<23} = {value}")
    if issued:
        call.out("\n✓ Certificate is verified and active")
    else:
        call.out(f"\nRun fly certs setup {found['hostname']} to see what DNS must say.")


def setup(call: Call) -> None:
    """Show what DNS must say; recorded: operate.json#49."""
    found = _checked(call)
    host, needed = found["hostname"], found["dns_requirements"]
    call.out(f"DNS for {host}: one of\n\n  1. A and AAAA records (recommended)")
    _records(call, host, needed, indent="     ")
    call.out(f"\n  2. a CNAME record\n     CNAME {host} → {needed['cname']}\n")
    challenge, ownership = needed["acme_challenge"], needed["ownership"]
    call.out(
        f"To have the certificate before traffic comes:\n     CNAME {challenge['name']} → "
        f"{challenge['target']}"
    )
    call.out(
        f"Behind a proxy, or without an IPv6 address:\n     TXT {ownership['name']} → "
        f"{ownership['app_value']}"
    )


def remove(call: Call) -> None:
    """Remove a certificate; recorded: operate.json#55, operate.json#56."""
    host = call.operands[0]
    if not call.asked:
        raise Failed("prompt: non interactive")
    try:
        call.api.delete(_path(call, f"/{host}"))
    except ApiFailed as error:
        raise Failed(f"failed to delete certificate: {error}") from error
    call.out(f"✓ Certificate {host} deleted from app {call.app}")
