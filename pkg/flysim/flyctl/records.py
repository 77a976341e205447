"""Answers of the platform, written again as flyctl's own JSON writes them: which keys, and in what case.

recorded: the `json` shapes of daily.json, operate.json and deploys.json.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Json = dict[str, Any]

NEVER = "0001-01-01T00:00:00Z"
NO_IMAGE = {"Registry": "", "Repository": "", "Tag": "", "Version": "", "Digest": ""}
MACHINE_KEYS = (
    "id",
    "name",
    "state",
    "region",
    "image_ref",
    "instance_id",
    "version",
    "private_ip",
    "created_at",
    "updated_at",
    "config",
    "events",
    "checks",
    "nonce",
    "host_status",
)
VOLUME_KEYS = (
    "id",
    "name",
    "state",
    "size_gb",
    "region",
    "zone",
    "encrypted",
    "attached_machine_id",
    "attached_alloc_id",
    "created_at",
    "host_dedication_id",
    "snapshot_retention",
    "auto_backup_enabled",
    "host_status",
)


def seconds(time: str) -> float:
    """Seconds since 1970 of a time as Fly writes it."""
    from datetime import datetime

    return datetime.fromisoformat(time).timestamp()


def _without_empty(record: Json, *keys: str) -> Json:
    """The record without those of these keys that hold nothing."""
    return {key: value for key, value in record.items() if key not in keys or value}


def machine(raw: Json) -> Json:
    """A machine, as `machine list --json` and `status --json` show it."""
    shown = {key: raw[key] for key in MACHINE_KEYS if raw.get(key)}
    shown["image_ref"] = _without_empty(raw.get("image_ref") or {}, "labels")
    if shown.get("events"):
        shown["events"] = [_event(event) for event in shown["events"]]
    if shown.get("checks"):
        shown["checks"] = checks(raw)
    shown["cordoned"] = bool(raw.get("cordoned"))
    return shown


def _event(raw: Json) -> Json:
    order = ("type", "status", "request", "source", "timestamp")
    return {key: raw[key] for key in order if raw.get(key)}


def checks(raw: Json) -> list[Json]:
    """The checks of a machine."""
    return [_without_empty(check, "output") for check in raw.get("checks") or []]


def volume(raw: Json) -> Json:
    """A volume."""
    return {key: raw.get(key) for key in VOLUME_KEYS}


def organization(raw: Json) -> Json:
    """An organization, as `status --json` shows it."""
    return {
        "ID": raw["id"],
        "InternalNumericID": raw["internalNumericId"],
        "Name": raw["name"],
        "Slug": raw["slug"],
        "RawSlug": raw["rawSlug"],
        "PaidPlan": raw["paidPlan"],
    }


def release(raw: Json) -> Json:
    """A release; recorded: daily.json#24."""
    user = raw["user"]
    return {
        "ID": raw["id"],
        "Version": raw["version"],
        "Stable": raw["stable"],
        "InProgress": False,
        "Reason": raw["reason"],
        "Description": raw["description"],
        "Status": raw["status"],
        "DeploymentStrategy": "",
        "Metadata": None,
        "User": {"ID": user["id"], "Name": user["name"], "Email": user["email"], "EnablePaidHobby": False},
        "EvaluationID": "",
        "CreatedAt": raw["createdAt"],
        "ImageRef": raw["imageRef"],
    }


def app(raw: Json) -> Json:
    """An app as `apps list --json` shows it: much of it is always empty; recorded: daily.json#10."""
    nothing = {"Nodes": None, "Edges": None}
    org = {
        "ID": raw["organization"]["id"],
        "InternalNumericID": raw["organization"]["internalNumericId"],
        "Name": raw["organization"]["name"],
        "RemoteBuilderImage": "",
        "RemoteBuilderApp": None,
        "Slug": raw["organization"]["slug"],
        "RawSlug": raw["organization"]["rawSlug"],
        "Type": raw["organization"]["type"],
        "PaidPlan": raw["organization"]["paidPlan"],
        "Billable": False,
        "Settings": None,
        "AllowedReplaySourceOrgSlugs": None,
        "AllowAllCrossNetworkReplays": False,
        "WireGuardPeer": None,
        "WireGuardPeers": nothing,
        "DelegatedWireGuardTokens": nothing,
        "LoggedCertificates": None,
    }
    return {
        "ID": raw["id"],
        "InternalNumericID": raw["internalNumericId"],
        "Name": raw["name"],
        "State": raw["state"],
        "Status": raw["status"],
        "Deployed": raw["deployed"],
        "Hostname": raw["hostname"],
        "AppURL": raw["appUrl"],
        "Version": 0,
        "NetworkID": 0,
        "Network": raw["network"],
        "Release": None,
        "Organization": org,
        "Secrets": [],
        "CurrentRelease": _current_release(raw["currentRelease"]),
        "Releases": {"Nodes": []},
        "IPAddresses": {"Nodes": []},
        "EgressIpAddresses": {"Nodes": []},
        "SharedIPAddress": raw["sharedIpAddress"],
        "CNAMETarget": raw["cnameTarget"],
        "IPAddress": None,
        "Certificates": {"Nodes": None},
        "Certificate": _no_certificate(),
        "PostgresAppRole": None,
        "Image": None,
        "ImageUpgradeAvailable": False,
        "ImageVersionTrackingEnabled": False,
        "ImageDetails": NO_IMAGE,
        "LatestImageDetails": NO_IMAGE,
        "PlatformVersion": raw["platformVersion"],
        "Machines": {"Nodes": []},
        "CurrentLock": None,
    }


def _current_release(raw: Json | None) -> Json | None:
    if raw is None:
        return None
    user = raw["user"]
    return {
        "ID": raw["id"],
        "Version": raw["version"],
        "Stable": raw["stable"],
        "InProgress": raw["inProgress"],
        "Reason": "",
        "Description": raw["description"],
        "Status": raw["status"],
        "DeploymentStrategy": "",
        "Metadata": None,
        "User": {"ID": user["id"], "Name": user["name"], "Email": user["email"], "EnablePaidHobby": False},
        "EvaluationID": raw["evaluationId"],
        "CreatedAt": raw["createdAt"],
        "ImageRef": "",
    }


def _no_certificate() -> Json:
    return {
        "ID": "",
        "AcmeDNSConfigured": False,
        "AcmeALPNConfigured": False,
        "Configured": False,
        "CertificateAuthority": "",
        "CreatedAt": NEVER,
        "DNSProvider": "",
        "DNSValidationInstructions": "",
        "DNSValidationHostname": "",
        "DNSValidationTarget": "",
        "Hostname": "",
        "Source": "",
        "ClientStatus": "",
        "IsApex": False,
        "IsWildcard": False,
        "ValidationErrors": None,
        "Issued": {"Nodes": None},
    }
