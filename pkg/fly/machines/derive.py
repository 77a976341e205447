"""The machine that a manifest describes, as the Machines API wants it: `machine run` cannot read one.

The shape is the one that flyctl's own deploy sends (recorded: http.jsonl, deploys.json); a key that is not in
a recording is the API's: https://fly.io/docs/machines/api/machines-resource/
"""

import shlex
from collections.abc import Mapping
from typing import Any

from pkg.fly.manifest import Manifest
from pkg.shell.errors import BadInput

Json = dict[str, Any]

# The tables and keys of a manifest that a machine is made of; what else there is, a deploy does.
CARRIED = frozenset(
    (
        "app",
        "build",
        "checks",
        "deploy",
        "env",
        "files",
        "http_service",
        "kill_signal",
        "kill_timeout",
        "mounts",
        "primary_region",
        "processes",
        "restart",
        "services",
        "vm",
    )
)
_CHECK_KEYS = ("port", "interval", "timeout", "grace_period", "method", "path", "protocol", "headers")
_SIZES = {"shared": 256, "performance": 2048}  # megabytes for each CPU: https://fly.io/docs/about/pricing/
_UNITS = {"mb": 1, "m": 1, "gb": 1024, "g": 1024}


def machine_config(manifest: Manifest, group: str, volumes: Mapping[str, str]) -> Json:
    """Return the machine of a process group.

    A deploy manages the machine afterwards as one of its own: its metadata say so.

    Args:
        manifest: what it is made from.
        group: the process group.
        volumes: for each volume name that the group mounts, the id of the volume to use.

    Raises:
        BadInput: the manifest has no such group, or a size that is none.
    """
    if group not in manifest.groups:
        raise BadInput(
            f"{manifest.path} has no process group {group!r}", fix=f"it has: {', '.join(manifest.groups)}"
        )
    document = manifest.document
    config: Json = {
        "env": {
            **{name: _text(value) for name, value in manifest.env.items()},
            "FLY_PROCESS_GROUP": group,
            "PRIMARY_REGION": manifest.primary_region,
        },
        "guest": guest(manifest, group),
        "metadata": {"fly_platform_version": "v2", "fly_process_group": group},
    }
    optional: Json = {
        "init": _init(manifest, group),
        "mounts": [
            {"path": mount.destination, "volume": volumes[mount.source], "name": mount.source}
            for mount in manifest.mounts_of(group)
        ],
        "services": _services(document, group),
        "checks": {
            name: _check(check, str(check.get("type", "http")))
            for name, check in document.get("checks", {}).items()
            if _concerns(check, group)
        },
        "restart": _restart(document, group),
        "stop_config": _stop(document),
        "files": [
            {key: file[key] for key in ("guest_path", "raw_value", "secret_name") if key in file}
            for file in document.get("files", [])
            if _concerns(file, group)
        ],
    }
    return config | {key: value for key, value in optional.items() if value}


def left_out(manifest: Manifest) -> list[str]:
    """Return the tables of a manifest that no machine is made of, as `statics`: they need a deploy."""
    found = [key for key in manifest.document if key not in CARRIED]
    return [*found, *(["deploy.release_command"] if manifest.deploy.release_command else [])]


def guest(manifest: Manifest, group: str) -> Json:
    """Return the size of a group's machines.

    Raises:
        BadInput: a size or a memory is none.
    """
    tables = manifest.document.get("vm", [])
    tables = tables if isinstance(tables, list) else [tables]
    fitting = [table for table in tables if group in table.get("processes", [])]
    general = [table for table in tables if not table.get("processes")]
    table: Json = (fitting or general or [{}])[0]
    kind, cpus = _size(str(table.get("size", "")))
    kind, cpus = str(table.get("cpu_kind", kind)), int(table.get("cpus", cpus))
    memory = table.get("memory") or table.get("memory_mb") or _SIZES.get(kind, 256) * cpus
    return {"cpu_kind": kind, "cpus": cpus, "memory_mb": megabytes(memory)}


def megabytes(value: object) -> int:
    """Return megabytes of a text such as `256mb` or `1gb`, or of a number.

    Raises:
        BadInput: it is no amount of memory.
    """
    text = str(value).strip().lower()
    digits = text.rstrip("abgm")
    unit = text[len(digits) :] or "mb"
    if not digits.isdigit() or unit not in _UNITS:
        raise BadInput(f"{value!r} is no amount of memory", fix="write it as 256mb or 1gb")
    return int(digits) * _UNITS[unit]


def _size(name: str) -> tuple[str, int]:
    """Return CPU kind and count of a preset such as `shared-cpu-2x`, or of none."""
    if not name:
        return "shared", 1
    kind, _, count = name.replace("-cpu", "").partition("-")
    if kind not in _SIZES or not count.removesuffix("x").isdigit():
        raise BadInput(f"{name!r} is no size of a machine", fix="write it as shared-cpu-1x or performance-2x")
    return kind, int(count.removesuffix("x"))


def _init(manifest: Manifest, group: str) -> Json:
    command = manifest.processes.get(group, "")
    return {"cmd": shlex.split(command)} if command else {}


def _services(document: Json, group: str) -> list[Json]:
    found = [_http_service(document["http_service"])] if "http_service" in document else []
    tables = [document["http_service"]] if "http_service" in document else []
    for service in document.get("services", []):
        found.append(_service(service))
        tables.append(service)
    return [service for service, table in zip(found, tables, strict=True) if _concerns(table, group)]


def _http_service(table: Json) -> Json:
    """Return what flyctl makes of [http_service]: ports 80 and 443 (recorded: deploys.json)."""
    plain: Json = {"port": 80, "handlers": ["http"]}
    if table.get("force_https"):
        plain["force_https"] = True
    service: Json = {
        "protocol": "tcp",
        "internal_port": table.get("internal_port", 8080),
        "ports": [plain, {"port": 443, "handlers": ["http", "tls"]}],
    }
    return service | _scaling(table) | _checks_of(table.get("checks", []), table.get("tcp_checks", []))


def _service(table: Json) -> Json:
    service: Json = {"protocol": table.get("protocol", "tcp"), "internal_port": table["internal_port"]}
    if "ports" in table:
        service["ports"] = table["ports"]
    return service | _scaling(table) | _checks_of(table.get("http_checks", []), table.get("tcp_checks", []))


def _scaling(table: Json) -> Json:
    names = {
        "auto_stop_machines": "autostop",
        "auto_start_machines": "autostart",
        "min_machines_running": "min_machines_running",
        "concurrency": "concurrency",
    }
    return {name: table[key] for key, name in names.items() if key in table}


def _checks_of(http: list[Json], tcp: list[Json]) -> Json:
    checks = [_check(check, "http") for check in http] + [_check(check, "tcp") for check in tcp]
    return {"checks": checks} if checks else {}


def _check(table: Json, kind: str) -> Json:
    check: Json = {"type": kind, **{key: table[key] for key in _CHECK_KEYS if key in table}}
    if "headers" in check:  # a table in a manifest, a list of names with values in the API
        check["headers"] = [{"name": name, "values": [value]} for name, value in check["headers"].items()]
    return check


def _restart(document: Json, group: str) -> Json:
    tables = document.get("restart", [])
    for table in tables if isinstance(tables, list) else [tables]:
        if _concerns(table, group) and "policy" in table:
            return {"policy": {"never": "no"}.get(table["policy"], table["policy"])}
    return {}


def _stop(document: Json) -> Json:
    found = {"signal": document.get("kill_signal"), "timeout": document.get("kill_timeout")}
    seconds = found["timeout"]
    if isinstance(seconds, int):
        found["timeout"] = f"{seconds}s"
    return {key: value for key, value in found.items() if value}


def _concerns(table: Json, group: str) -> bool:
    """Return whether a table is for a group: one that names no group is for all."""
    return not table.get("processes") or group in table["processes"]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
