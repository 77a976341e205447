"""What flyctl 0.4.87 answers, as typed values.

A field without a default is always there (recorded: daily.json, operate.json, deploys.json, release.json);
one with a default is left out, or null, in some answers. Fields that the project does not use are not
listed.
"""

from typing import Any

import msgspec

# A group that flyctl makes for machines of its own (release command, console), which are no part of what is
# deployed.
INTERNAL_GROUPS = "fly_app_"


class Version(msgspec.Struct, frozen=True, rename="pascal"):
    """Which flyctl it is: `version --json`."""

    name: str
    version: str
    environment: str
    architecture: str
    commit: str = ""


class Whoami(msgspec.Struct, frozen=True):
    """Whose token it is: `auth whoami --json`."""

    email: str


class ImageRef(msgspec.Struct, frozen=True):
    """The image that a machine runs."""

    registry: str
    repository: str
    tag: str
    digest: str

    @property
    def ref(self) -> str:
        """The whole reference, pinned by digest where there is one."""
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.registry}/{self.repository}{tag}{digest}"


class MachineMount(msgspec.Struct, frozen=True):
    """A volume in a machine."""

    path: str
    volume: str = ""
    name: str = ""


class MachineService(msgspec.Struct, frozen=True):
    """What a machine serves; of its checks only the number counts here."""

    checks: list[dict[str, Any]] | None = None
    ports: list[dict[str, Any]] | None = None


class Guest(msgspec.Struct, frozen=True):
    """The size of a machine."""

    cpu_kind: str = ""
    cpus: int = 0
    memory_mb: int = 0


class MachineConfig(msgspec.Struct, frozen=True):
    """What a machine was told to be."""

    image: str = ""
    metadata: dict[str, str] = {}
    env: dict[str, str] = {}
    mounts: list[MachineMount] = []
    services: list[MachineService] = []
    checks: dict[str, dict[str, Any]] = {}
    standbys: list[str] = []
    guest: Guest = Guest()


class Check(msgspec.Struct, frozen=True):
    """The last result of one health check of one machine."""

    name: str
    status: str
    updated_at: str | None = None
    output: str | None = None


class ExitEvent(msgspec.Struct, frozen=True):
    """How a machine's process ended."""

    exit_code: int = 0
    oom_killed: bool = False
    requested_stop: bool = False
    restarting: bool = False
    guest_exit_code: int = 0
    error: str = ""


class EventRequest(msgspec.Struct, frozen=True):
    """What an event carries."""

    exit_event: ExitEvent | None = None


class Event(msgspec.Struct, frozen=True):
    """Something that happened to a machine; `timestamp` is in milliseconds since 1970."""

    type: str
    status: str
    timestamp: int
    request: EventRequest | None = None


class Machine(msgspec.Struct, frozen=True):
    """One machine: what it is, what it runs, how it is."""

    id: str
    name: str
    state: str
    region: str
    image_ref: ImageRef
    instance_id: str
    created_at: str
    updated_at: str
    config: MachineConfig | None = None
    checks: list[Check] | None = None
    events: list[Event] | None = None
    host_status: str = "ok"
    cordoned: bool = False

    @property
    def settings(self) -> MachineConfig:
        """Its configuration; empty while its host cannot be reached."""
        return self.config or MachineConfig()

    @property
    def group(self) -> str:
        """Its process group; empty for a machine that no deploy made."""
        return self.settings.metadata.get("fly_process_group", "")

    @property
    def release(self) -> int:
        """The version of the release that last updated it; 0 for none."""
        text = self.settings.metadata.get("fly_release_version", "")
        return int(text) if text.isdigit() else 0

    @property
    def deployed(self) -> bool:
        """Whether deploys manage it: not made by hand (`machine run`), and not one of flyctl's own helpers.

        Recorded: operate.json (`machine run` leaves the metadata out), release.json
            (`fly_app_release_command`).
        """
        return bool(self.group) and not self.group.startswith(INTERNAL_GROUPS)

    @property
    def standby(self) -> bool:
        """Whether it only takes over when another machine's host fails (recorded: deploys.json)."""
        return bool(self.settings.standbys)


class Organization(msgspec.Struct, frozen=True, rename="pascal"):
    """Who owns an app."""

    slug: str


class Status(msgspec.Struct, frozen=True, rename="pascal"):
    """An app and its machines: `status --json`."""

    name: str
    deployed: bool
    hostname: str
    status: str
    organization: Organization
    machines: list[Machine] = []


class User(msgspec.Struct, frozen=True, rename="pascal"):
    """Who made a release."""

    email: str = ""
    name: str = ""


class Release(msgspec.Struct, frozen=True):
    """One release: `releases --json`. Its status is what flyctl wrote, no proof of health."""

    id: str = msgspec.field(name="ID")
    version: int = msgspec.field(name="Version")
    status: str = msgspec.field(name="Status")
    description: str = msgspec.field(name="Description")
    created_at: str = msgspec.field(name="CreatedAt")
    image: str = msgspec.field(name="ImageRef")
    user: User | None = msgspec.field(name="User", default=None)


class Volume(msgspec.Struct, frozen=True):
    """A volume: `volumes list --json`."""

    id: str
    name: str
    state: str
    size_gb: int
    region: str
    zone: str
    encrypted: bool
    created_at: str
    attached_machine_id: str | None = None
    snapshot_retention: int | None = None
    auto_backup_enabled: bool = False
    host_status: str = "ok"


class Secret(msgspec.Struct, frozen=True):
    """The name of a secret and whether machines have it: `secrets list --json`."""

    name: str
    digest: str
    status: str = ""


class Certificate(msgspec.Struct, frozen=True):
    """A certificate as a list shows it: `certs list --json`."""

    hostname: str
    status: str
    configured: bool
    created_at: str
    dns_provider: str = ""


class Issued(msgspec.Struct, frozen=True):
    """One issued key type of a certificate."""

    type: str
    expires_at: str = ""
    certificate_authority: str = ""


class IssuedCertificate(msgspec.Struct, frozen=True):
    """One certificate of a host name."""

    source: str
    status: str
    created_at: str = ""
    expires_at: str = ""
    issuer: str = ""
    issued: list[Issued] | None = None


class Validation(msgspec.Struct, frozen=True):
    """What of a host name's DNS is in place."""

    dns_configured: bool = False
    alpn_configured: bool = False
    http_configured: bool = False
    ownership_txt_configured: bool = False


class CertificateCheck(msgspec.Struct, frozen=True):
    """A certificate in full: `certs check --json`. The DNS requirements keep flyctl's own words."""

    hostname: str
    status: str
    configured: bool
    certificates: list[IssuedCertificate] = []
    validation: Validation = Validation()
    validation_errors: list[Any] | None = None
    dns_requirements: dict[str, Any] = {}
    dns_provider: str = ""


class LeaseData(msgspec.Struct, frozen=True):
    """Who holds a lease; `expires_at` is in seconds since 1970."""

    owner: str = ""
    expires_at: int = 0
    description: str = ""


class Lease(msgspec.Struct, frozen=True):
    """A lease on a machine (recorded: http.jsonl)."""

    status: str = ""
    data: LeaseData | None = None


class Snapshot(msgspec.Struct, frozen=True):
    """A snapshot of a volume: `volumes snapshots list --json` (its fields: https://fly.io/docs/machines/api)."""

    id: str
    created_at: str
    status: str = ""
    size: int = 0


class Region(msgspec.Struct, frozen=True):
    """A region: `platform regions --json` (recorded: operate.json#78)."""

    code: str
    name: str = ""


class Executed(msgspec.Struct, frozen=True):
    """How a command in a machine ended: `machine exec --json`, which leaves out what is 0 or empty."""

    exit_code: int = 0
    stdout: str = ""
    stderr: str = ""


class MadeToken(msgspec.Struct, frozen=True):
    """A token: `tokens create deploy --json` or `auth token --json`. It is shown nowhere."""

    token: str

    def __repr__(self) -> str:
        return "MadeToken(***)"


class LogEvent(msgspec.Struct, frozen=True, rename="pascal"):
    """What wrote a line: the app, or a part of Fly."""

    provider: str = "app"


class LogMeta(msgspec.Struct, frozen=True, rename="pascal"):
    """What is known of a line beside its text."""

    event: LogEvent = LogEvent()


class LogLine(msgspec.Struct, frozen=True):
    """One line of an app's logs: `logs --json`."""

    timestamp: str
    message: str
    level: str = ""
    instance: str = ""
    region: str = ""
    meta: LogMeta = LogMeta()
