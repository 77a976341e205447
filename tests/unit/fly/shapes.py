"""Answers of flyctl as the recordings have them, for tests that need no process."""

from typing import Any

DIGEST = {tag: "sha256:" + char * 64 for tag, char in {"v1": "1", "v2": "2", "bad": "b", "v3": "3"}.items()}
CHECK_CONFIG = {"type": "http", "interval": "10s", "timeout": "2s", "grace_period": "1s", "path": "/status"}


def image_ref(tag: str, app: str = "demo") -> dict[str, str]:
    return {
        "registry": "registry.fly.io",
        "repository": app,
        "tag": tag,
        "digest": DIGEST.get(tag, "sha256:" + "f" * 64),
    }


def event(kind: str, timestamp: int, **more: Any) -> dict[str, Any]:
    status = {"start": "started", "exit": "stopped", "launch": "created"}.get(kind, kind)
    return {"type": kind, "status": status, "source": "flyd", "timestamp": timestamp, **more}


def exit_event(
    timestamp: int, code: int = 1, *, requested: bool = False, oom: bool = False
) -> dict[str, Any]:
    return event(
        "exit",
        timestamp,
        request={
            "exit_event": {
                "requested_stop": requested,
                "restarting": False,
                "exit_code": code,
                "oom_killed": oom,
                "error": "",
                "signal": -1,
                "guest_exit_code": 0,
                "guest_signal": -1,
                "guest_error": "",
                "exited_at": "2026-11-24T08:01:38Z",
            }
        },
    )


def machine(
    name: str = "m1",
    *,
    tag: str = "v1",
    state: str = "started",
    group: str = "app",
    region: str = "syd",
    checks: list[str] | None = None,
    expected: int = 1,
    release: int = 1,
    instance: str = "",
    events: list[dict[str, Any]] | None = None,
    app: str = "demo",
    **more: Any,
) -> dict[str, Any]:
    """A machine of `machine list --json` (recorded: daily.json); `checks` are the statuses of its checks."""
    statuses = ["passing"] * expected if checks is None else checks
    metadata = {
        "fly_flyctl_version": "0.4.87",
        "fly_platform_version": "v2",
        "fly_process_group": group,
        "fly_release_id": f"r{release}",
        "fly_release_version": str(release),
    }
    config: dict[str, Any] = {
        "env": {"FLY_PROCESS_GROUP": group, "PRIMARY_REGION": region},
        "init": {},
        "guest": {"cpu_kind": "shared", "cpus": 1, "memory_mb": 256},
        "metadata": metadata if group else {},
        "image": f"registry.fly.io/{app}:{tag}",
    }
    if expected:
        config["services"] = [
            {
                "protocol": "tcp",
                "internal_port": 8080,
                "ports": [{"port": 443, "handlers": ["tls", "http"]}],
                "checks": [CHECK_CONFIG] * expected,
                "force_instance_key": None,
            }
        ]
    found: dict[str, Any] = {
        "id": name,
        "name": f"quiet-river-{name}",
        "state": state,
        "region": region,
        "image_ref": image_ref(tag, app),
        "instance_id": instance or f"I-{name}-{release}",
        "version": f"V-{name}",
        "private_ip": "fdaa:0:1:a7b:1:3:0:2",
        "created_at": "2026-11-24T07:34:52Z",
        "updated_at": "2026-11-24T07:34:52Z",
        "config": {**config, **more.pop("config", {})},
        "events": events if events is not None else [event("start", 1000), event("launch", 900)],
        "host_status": "ok",
        "cordoned": False,
        **more,
    }
    if expected:
        found["checks"] = [
            {
                "name": f"servicecheck-{number:02d}-http-8080",
                "status": status,
                "updated_at": "2026-11-24T07:35:18Z",
            }
            for number, status in enumerate(statuses)
        ]
    return found


def status(machines: list[dict[str, Any]], app: str = "demo") -> dict[str, Any]:
    """An answer of `status --json`."""
    return {
        "AppURL": f"https://{app}.fly.dev",
        "Deployed": bool(machines),
        "Hostname": f"{app}.fly.dev",
        "ID": app,
        "Machines": machines,
        "Name": app,
        "Network": "default",
        "Organization": {
            "ID": "org1",
            "InternalNumericID": "7",
            "Name": "Personal",
            "Slug": "personal",
            "RawSlug": "personal",
            "PaidPlan": True,
        },
        "PlatformVersion": "machines",
        "Status": "deployed" if machines else "pending",
        "Version": 0,
    }


def release(version: int, tag: str, status: str = "complete", app: str = "demo") -> dict[str, Any]:
    """A row of `releases --json`."""
    return {
        "ID": f"r{version}",
        "Version": version,
        "Stable": True,
        "InProgress": False,
        "Reason": "",
        "Description": "Release",
        "Status": status,
        "DeploymentStrategy": "",
        "Metadata": None,
        "User": {"ID": "u1", "Name": "dev", "Email": "dev@example.com", "EnablePaidHobby": False},
        "EvaluationID": "",
        "CreatedAt": "2026-11-24T08:00:00Z",
        "ImageRef": f"registry.fly.io/{app}:{tag}",
    }


def volume(
    number: str = "vol_1", name: str = "data", region: str = "syd", attached: str | None = None
) -> dict[str, Any]:
    """A row of `volumes list --json`."""
    return {
        "id": number,
        "name": name,
        "state": "created",
        "size_gb": 1,
        "region": region,
        "zone": "44ba",
        "encrypted": True,
        "attached_machine_id": attached,
        "attached_alloc_id": None,
        "created_at": "2026-11-24T07:34:00Z",
        "host_dedication_id": "",
        "snapshot_retention": 5,
        "auto_backup_enabled": True,
        "host_status": "ok",
    }
