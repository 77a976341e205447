"""From a manifest to the configuration of a group's machines."""

from __future__ import annotations

import shlex

from pkg.flysim.flyctl.deploy.options import megabytes, size
from pkg.flysim.flyctl.errors import Failed, NotSimulated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pkg.flysim.flyctl.deploy.options import Options
    from pkg.flysim.flyctl.manifest import Manifest

    Json = dict[str, Any]

GUEST: dict[str, str | int] = {"cpu_kind": "shared", "cpus": 1, "memory_mb": 256}
PLATFORM = "v2"
RELEASE_GROUP = "fly_app_release_command"
CHECK_KEYS = (
    "interval",
    "timeout",
    "grace_period",
    "method",
    "path",
    "protocol",
    "tls_skip_verify",
    "tls_server_name",
    "headers",
)
AUTO_KEYS = {
    "auto_stop_machines": "autostop",
    "auto_start_machines": "autostart",
    "min_machines_running": "min_machines_running",
}
# What a deploy gives anew; all else a machine keeps: standbys, a schedule. Derived: appconfig/machines.go.
MANAGED = (
    "env",
    "init",
    "guest",
    "metadata",
    "mounts",
    "services",
    "checks",
    "image",
    "restart",
    "stop_config",
)
# What the manifest may hold and machines here would silently not get.
NOT_FOLLOWED = ("files", "experimental", "machine_config")


class Release:
    """The release that machines are given: its id and version, and the image."""

    __slots__ = ("id", "image", "version")

    def __init__(self, ident: str, version: int, image: str) -> None:
        self.id = ident
        self.version = version
        self.image = image


class Configurator:
    """Makes the configuration of machines for one release of one manifest."""

    def __init__(self, manifest: Manifest, options: Options, flyctl: str) -> None:
        for key in NOT_FOLLOWED:
            if manifest.definition.get(key):
                raise NotSimulated(f"the section {key} of a manifest")
        self.manifest = manifest
        self.options = options
        self.flyctl = flyctl

    @property
    def region(self) -> str:
        """Where new machines go."""
        return self.options.region or self.manifest.region

    def of(self, group: str, release: Release, before: Json | None = None) -> Json:
        """The configuration of a machine of a group.

        Args:
            group: the process group.
            release: what it runs.
            before: the configuration of the machine that is updated; a new machine has none.

        Raises:
            Failed: the manifest asks for something impossible.
        """
        before = before or {}
        config: Json = {key: value for key, value in before.items() if key not in MANAGED}
        config |= {
            "env": self._env(group),
            "init": self._init(group),
            "guest": self._guest(group, before),
            "metadata": {**(before.get("metadata") or {}), **self.metadata(group, release)},
        }
        mounts = self.manifest.section("mounts", group)
        if mounts:
            config["mounts"] = [
                _mount(mount, old) for mount, old in zip(mounts, _mounts_before(before, mounts), strict=True)
            ]
        services = self.services(group)
        if services:
            config["services"] = services
        checks = self._checks(group)
        if checks:
            config["checks"] = checks
        config["image"] = release.image
        return config | self._stop_and_restart(group)

    def metadata(self, group: str, release: Release) -> Json:
        """The metadata that flyctl gives machines of a release."""
        return {
            "fly_flyctl_version": self.flyctl,
            "fly_platform_version": PLATFORM,
            "fly_process_group": group,
            "fly_release_id": release.id,
            "fly_release_version": str(release.version),
        }

    def release_command(self, command: str, release: Release) -> Json:
        """The configuration of the machine that runs a release command; recorded: http.jsonl#450."""
        return {
            "env": {**self._env(RELEASE_GROUP), "RELEASE_COMMAND": "1"},
            "init": {"cmd": _words(command, "release_command")},
            "guest": dict(GUEST),
            "metadata": self.metadata(RELEASE_GROUP, release),
            "image": release.image,
            "auto_destroy": True,
            "restart": {"policy": "no"},
            "dns": {"skip_registration": True},
        }

    def services(self, group: str) -> list[Json]:
        """The services of a group as machines have them."""
        found = []
        http = self.manifest.definition.get("http_service")
        if http and (not http.get("processes") or group in http["processes"]):
            found.append(_http_service(http))
        return found + [_service(service) for service in self.manifest.section("services", group)]

    def _env(self, group: str) -> Json:
        env = {**self.manifest.definition.get("env", {}), **self.options.env, "FLY_PROCESS_GROUP": group}
        if self.region:
            env["PRIMARY_REGION"] = self.region
        return env

    def _init(self, group: str) -> Json:
        words = _words(self.manifest.groups.get(group, ""), f"the command of {group}")
        init: Json = {"cmd": words} if words else {}
        swap = self.manifest.definition.get("swap_size_mb")
        return {**init, "swap_size_mb": swap} if swap else init

    def _guest(self, group: str, before: Json) -> Json:
        """The size: the flags', else the manifest's, else what the machine has, else the smallest."""
        sections = self.manifest.section("vm", group)
        if len(sections) > 1:
            raise Failed(f"2+ compute sections for group {group}")
        guest: Json = dict(before.get("guest") or GUEST)
        for section in sections:
            guest = {**(size(str(section["size"])) if section.get("size") else GUEST)}
            for key, name in (("cpu_kind", "cpu_kind"), ("cpus", "cpus"), ("memory_mb", "memory_mb")):
                if section.get(key):
                    guest[name] = section[key]
            if section.get("memory"):
                guest["memory_mb"] = megabytes(str(section["memory"]))
        return {**guest, **self.options.guest}

    def _checks(self, group: str) -> Json:
        found = {}
        for name, check in (self.manifest.definition.get("checks") or {}).items():
            if check.get("processes") and group not in check["processes"]:
                continue
            port = check.get("port") or (self.manifest.definition.get("http_service") or {}).get(
                "internal_port"
            )
            if not port:
                raise Failed(
                    f"Check '{name}' for process group '{group}' has no port set and the group has no "
                    "http_service to take it from"
                )
            found[name] = {"port": port, "type": check.get("type", "tcp"), **_kept(check, CHECK_KEYS)}
        return found

    def _stop_and_restart(self, group: str) -> Json:
        """Restart and stop policies, as the manifest has them."""
        found: Json = {}
        definition = self.manifest.definition
        for restart in self.manifest.section("restart", group):
            policy = {"never": "no"}.get(restart.get("policy", ""), restart.get("policy", "on-failure"))
            found["restart"] = {
                "policy": policy,
                **({"max_retries": restart["retries"]} if restart.get("retries") else {}),
            }
        stop = {
            key: definition[f"kill_{key}"] for key in ("timeout", "signal") if definition.get(f"kill_{key}")
        }
        return {**found, "stop_config": stop} if stop else found


def _words(command: str, what: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise Failed(f"could not parse {what}: {error}") from error


def _kept(source: Json, keys: tuple[str, ...]) -> Json:
    return {key: source[key] for key in keys if key in source}


def _http_service(http: Json) -> Json:
    force = {"force_https": True} if http.get("force_https") else {}
    return {
        "protocol": "tcp",
        "internal_port": http.get("internal_port", 8080),
        **_auto(http),
        "ports": [{"port": 80, "handlers": ["http"], **force}, {"port": 443, "handlers": ["http", "tls"]}],
        **_service_checks(http.get("checks", []), []),
        **({"concurrency": http["concurrency"]} if http.get("concurrency") else {}),
        "force_instance_key": None,
    }


def _service(service: Json) -> Json:
    return {
        "protocol": service.get("protocol", "tcp"),
        "internal_port": service.get("internal_port", 8080),
        **_auto(service),
        "ports": service.get("ports", []),
        **_service_checks(service.get("http_checks", []), service.get("tcp_checks", [])),
        **({"concurrency": service["concurrency"]} if service.get("concurrency") else {}),
        "force_instance_key": None,
    }


def _auto(service: Json) -> Json:
    """When the proxy starts and stops machines."""
    found = {ours: service[theirs] for theirs, ours in AUTO_KEYS.items() if theirs in service}
    if isinstance(found.get("autostop"), bool):
        found["autostop"] = "stop" if found["autostop"] else "off"
    return found


def _service_checks(http: list[Json], tcp: list[Json]) -> Json:
    checks = [
        {"type": kind, **_kept(check, CHECK_KEYS)}
        for kind, of in (("tcp", tcp), ("http", http))
        for check in of
    ]
    return {"checks": checks} if checks else {}


def _mounts_before(before: Json, mounts: list[Json]) -> list[Json]:
    """What the machine has mounted so far, one entry for each wanted mount."""
    old = before.get("mounts") or []
    return [old[at] if at < len(old) else {} for at in range(len(mounts))]


def _mount(mount: Json, old: Json) -> Json:
    return {"path": mount["destination"], "volume": old.get("volume", ""), "name": mount["source"]}
