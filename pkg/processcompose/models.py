"""The files of a tenant as typed values.

What is unknown in process-compose.yaml is an error, as `is_strict` makes it.

process-compose's keys are those of its published schema (schemas/process-compose-schema.json in
https://github.com/F1bonacc1/process-compose) and of https://f1bonacc1.github.io/process-compose/launcher/ and
/health/, without what a tenant has no use for. Three types are held more strictly than there: a probe's port
is a string, and `restart` and `condition` are words, not numbers.
"""

from typing import Annotated, Any, Literal

import msgspec

Seconds = Annotated[int, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Signal = Annotated[int, msgspec.Meta(ge=0, le=31)]
# zerolog's words, as src/loader/validators.go parses them.
LogLevel = Literal["trace", "debug", "info", "warn", "error", "fatal", "panic", "disabled", ""]


class HttpProbe(msgspec.Struct, forbid_unknown_fields=True):
    """An HTTP request that must be answered."""

    host: str = ""
    scheme: Literal["http", "https", ""] = ""
    path: str = ""
    port: str = ""
    num_port: int = 0
    headers: dict[str, Any] = {}
    status_code: int = 0


class ExecProbe(msgspec.Struct, forbid_unknown_fields=True):
    """A command that must succeed."""

    command: str
    working_dir: str = ""


class Probe(msgspec.Struct, forbid_unknown_fields=True):
    """How a process is found alive or ready."""

    exec: ExecProbe | None = None
    http_get: HttpProbe | None = None
    initial_delay_seconds: Seconds = 0
    period_seconds: Seconds = 10
    timeout_seconds: Seconds = 1
    success_threshold: Count = 1
    failure_threshold: Count = 3


class Availability(msgspec.Struct, forbid_unknown_fields=True):
    """What happens when a process ends."""

    restart: Literal["always", "on_failure", "exit_on_failure", "no"] = "no"
    backoff_seconds: Seconds = 1
    max_restarts: Count = 0
    exit_on_end: bool = False
    exit_on_skipped: bool = False


class Dependency(msgspec.Struct, forbid_unknown_fields=True):
    """What another process must have reached."""

    condition: Literal[
        "process_started",
        "process_healthy",
        "process_completed",
        "process_completed_successfully",
        "process_log_ready",
    ] = "process_started"


class Shutdown(msgspec.Struct, forbid_unknown_fields=True):
    """How a process is stopped."""

    command: str = ""
    timeout_seconds: Seconds = 10
    signal: Signal = 15
    parent_only: bool = False


class Process(msgspec.Struct, forbid_unknown_fields=True):
    """One process."""

    command: str = ""
    entrypoint: list[str] = []
    description: str = ""
    disabled: bool = False
    is_daemon: bool = False
    is_foreground: bool = False
    is_tty: bool = False
    is_elevated: bool = False
    disable_ansi_colors: bool = False
    log_location: str = ""
    log_configuration: dict[str, Any] = {}
    environment: list[str] = []
    is_dotenv_disabled: bool = False
    availability: Availability = msgspec.field(default_factory=Availability)
    depends_on: dict[str, Dependency] = {}
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    ready_log_line: str = ""
    shutdown: Shutdown = msgspec.field(default_factory=Shutdown)
    working_dir: str = ""
    namespace: str = ""
    replicas: Count = 1
    vars: dict[str, Any] = {}
    launch_timeout_seconds: Seconds = 5

    def probes(self) -> list[tuple[str, Probe]]:
        """Return the probes that it has, by their keys."""
        both = (("readiness_probe", self.readiness_probe), ("liveness_probe", self.liveness_probe))
        return [(name, probe) for name, probe in both if probe]


class Project(msgspec.Struct, forbid_unknown_fields=True):
    """process-compose.yaml, with its processes still to be read one by one."""

    version: str
    processes: dict[str, Any]
    name: str = ""
    environment: list[str] = []
    env_cmds: dict[str, str] = {}
    log_location: str = ""
    log_level: LogLevel = ""
    log_length: Count = 1000
    log_format: str = ""
    log_configuration: dict[str, Any] = {}
    shell: dict[str, str] = {}
    vars: dict[str, Any] = {}
    is_strict: bool = False
    disable_env_expansion: bool = False
    is_tui_disabled: bool = False
    ordered_shutdown: bool = False


class Database(msgspec.Struct):
    """A database that Litestream replicates."""

    path: str = ""
    replica: dict[str, Any] | None = None
    replicas: list[dict[str, Any]] = []


class Socket(msgspec.Struct):
    """Where Litestream's daemon listens for commands."""

    enabled: bool = False
    path: str = "/var/run/litestream.sock"


class Litestream(msgspec.Struct):
    """litestream.yml, as far as the conventions go."""

    dbs: list[Database] = []
    socket: Socket = msgspec.field(default_factory=Socket)


class Mount(msgspec.Struct):
    """A volume in the manifest."""

    source: str = ""
    destination: str = ""


class Service(msgspec.Struct):
    """A service in the manifest."""

    internal_port: int = 0
    http_checks: list[dict[str, Any]] = []
    tcp_checks: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []


class Check(msgspec.Struct):
    """A check in the manifest that belongs to no service."""

    port: int = 0


class Manifest(msgspec.Struct):
    """A tenant's fly.toml, as far as the conventions go."""

    app: str = ""
    primary_region: str = ""
    build: dict[str, Any] = {}
    env: dict[str, str] = {}
    mounts: list[Mount] | Mount | None = None
    services: list[Service] = []
    http_service: Service | None = None
    checks: dict[str, Check] = {}

    def volumes(self) -> list[Mount]:
        """Return the mounts, which TOML may hold as one table or as a list of them."""
        return [self.mounts] if isinstance(self.mounts, Mount) else self.mounts or []

    def ports(self) -> set[int]:
        """Return every port of the machine that Fly sends requests or checks to."""
        services = [*self.services, *([self.http_service] if self.http_service else [])]
        return {service.internal_port for service in services} | {
            check.port for check in self.checks.values()
        }

    def databases(self) -> dict[str, str]:
        """Return the databases by the variable that names each: DATABASE, or any that ends with _DATABASE."""
        return {
            name: path for name, path in self.env.items() if name == "DATABASE" or name.endswith("_DATABASE")
        }
