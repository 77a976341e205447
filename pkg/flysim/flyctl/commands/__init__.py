"""The commands that the simulation knows, each with the flags it follows and what it rests on."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pkg.flysim.flyctl.call import Call
    from pkg.flysim.flyctl.grammar import Parsed
    from pkg.flysim.flyctl.surface import Command

# Flags that every command takes and that change nothing here.
EVERYWHERE = frozenset({"access-token", "debug", "verbose", "help"})
# Where the real flyctl was seen to ask for a token: these groups, but for a few of their commands.
# recorded: grammar.jsonl, kind needs-auth.
TOKEN_GROUPS = frozenset(
    {
        "apps",
        "auth",
        "certs",
        "checks",
        "config",
        "deploy",
        "image",
        "ips",
        "logs",
        "machine",
        "platform",
        "releases",
        "scale",
        "secrets",
        "ssh",
        "status",
        "tokens",
        "volumes",
    }
)
TOKENLESS = frozenset(
    {
        "auth login",
        "auth logout",
        "auth signup",
        "platform status",
        "tokens 3p add",
        "tokens 3p add-discharge",
        "tokens 3p discharge",
        "tokens 3p ticket",
        "tokens attenuate",
        "tokens debug",
    }
)
APP = "app config"
JSON = f"{APP} json"
YES = "yes auto-confirm"
# Flags of deploy that choose how an image is built: no effect when one is named, which is all that is
# simulated.
BUILDING = (
    "build-arg build-context-warn-size build-secret build-target buildkit buildpacks-docker-host "
    "buildpacks-volume"
    " compression compression-level depot depot-scope dockerfile http-failover https-failover ignorefile "
    "image-label"
    " label local-only nixpacks no-cache push recreate-builder remote-only wg force-machines deploy-retries"
)
SIZE = "vm-size vm-cpus cpus vm-memory memory vm-cpu-kind vm-cpukind"
DEPLOY = (
    f"{APP} {YES} {BUILDING} {SIZE} build-only detach dns-checks env exclude-machines exclude-regions ha "
    "image"
    " lease-timeout max-concurrent max-unavailable no-public-ips now only-machines only-regions "
    "primary-region"
    " process-groups regions release-command-timeout skip-release-command smoke-checks strategy update-only"
    " volume-initial-size wait-timeout"
)
CONFIGURE = f"{APP} {SIZE} detach entrypoint env machine-config metadata port restart schedule standby-for"
RUN = f"{CONFIGURE} name region rm skip-dns-registration volume"
UPDATE = f"{CONFIGURE} {YES} command image mount-point skip-health-checks skip-start wait-timeout"
CLONE = f"{APP} {SIZE} attach-volume clear-auto-destroy detach name region standby-for "
"volume-requires-unique-zone"
CREATE_VOLUME = (
    f"{JSON} {YES} {SIZE} count no-encryption region require-unique-zone scheduled-snapshots size snapshot-id"
    " snapshot-retention"
)
SCALE = f"{APP} {YES} group max-per-region process-group region with-new-volumes"
SECRETS = f"{APP} detach dns-checks stage"


class Known:
    """A command that is simulated."""

    __slots__ = ("_flags", "changes", "source", "where")

    def __init__(self, where: str, flags: str = "", *, changes: bool = False, source: str = "") -> None:
        # "module.function" below this package.
        self.where = where
        self._flags = flags
        # Whether it changes something: then it must not rest on an assumption.
        self.changes = changes
        # What it rests on where no row was recorded: a file of flyctl's public source.
        self.source = source

    @property
    def flags(self) -> frozenset[str]:
        """The flags that it follows, or that make no difference here."""
        return frozenset(self._flags.split())

    @property
    def reads_state(self) -> bool:
        """Whether it asks the platform anything."""
        return self.where != "version.version"

    @property
    def function(self) -> Callable[[Call], None]:
        """What runs."""
        module, _, name = self.where.partition(".")
        found: Callable[[Call], None] = getattr(import_module(f"{__name__}.{module}"), name)
        return found


KNOWN = {
    "": Known("version.version", "version"),
    "version": Known("version.version", "json"),
    "auth whoami": Known("auth.whoami", "json"),
    "auth token": Known("auth.token", "json quiet"),
    "apps list": Known("apps.list_apps", "json org quiet"),
    "apps create": Known("apps.create", f"{YES} org name machines network", changes=True),
    "apps destroy": Known("apps.destroy", YES, changes=True, source="internal/command/apps/destroy.go"),
    "apps restart": Known(
        "apps.restart",
        "force-stop skip-health-checks",
        changes=True,
        source="internal/command/apps/restart.go",
    ),
    "apps releases": Known("releases.releases", f"{JSON} image"),
    "releases": Known("releases.releases", f"{JSON} image"),
    "status": Known("status.status", f"{JSON} all deployment watch rate"),
    "machine list": Known("machines.list_machines", f"{JSON} quiet"),
    "machine status": Known("machines.status", f"{APP} display-config"),
    "machine start": Known("machine_control.start", APP, changes=True),
    "machine stop": Known("machine_control.stop", f"{APP} signal timeout wait-timeout", changes=True),
    "machine restart": Known(
        "machine_control.restart", f"{APP} force signal time skip-health-checks", changes=True
    ),
    "machine suspend": Known("machine_control.suspend", f"{APP} wait-timeout", changes=True),
    "machine kill": Known("machine_control.kill", APP, changes=True),
    "machine cordon": Known("machine_control.cordon", APP, changes=True),
    "machine uncordon": Known("machine_control.uncordon", APP, changes=True),
    "machine destroy": Known("machine_control.destroy", f"{APP} force", changes=True),
    "machine wait": Known("machine_control.wait", f"{APP} state wait-timeout"),
    "machine exec": Known("machine_control.execute", f"{JSON} timeout"),
    "machine leases view": Known("leases.view", JSON),
    "machine leases clear": Known("leases.clear", APP, changes=True),
    "machine run": Known("machine_making.run", f"{RUN} wg", changes=True),
    "machine create": Known(
        "machine_making.create", RUN, changes=True, source="internal/command/machine/run.go"
    ),
    "machine update": Known("machine_making.update", UPDATE, changes=True),
    "machine clone": Known("machine_making.clone", CLONE, changes=True),
    "checks list": Known("checks.list_checks", f"{JSON} check-name"),
    "config validate": Known("config.validate", f"{APP} strict"),
    "config show": Known("config.show", f"{APP} local"),
    "config env": Known("config.env", APP, source="internal/command/config/env.go"),
    "image show": Known("image.show", JSON),
    "deploy": Known("deploy.deploy", DEPLOY, changes=True),
    "volumes list": Known("volumes.list_volumes", f"{JSON} all"),
    "volumes show": Known("volumes.show", JSON),
    "volumes create": Known("volumes.create", CREATE_VOLUME, changes=True),
    "volumes extend": Known("volumes.extend", f"{JSON} {YES} size", changes=True),
    "volumes fork": Known("volumes.fork", f"{JSON} {SIZE} name region require-unique-zone", changes=True),
    "volumes destroy": Known("volumes.destroy", f"{APP} {YES}", changes=True),
    "volumes update": Known(
        "volumes.update",
        f"{JSON} scheduled-snapshots snapshot-retention",
        changes=True,
        source="internal/command/volumes/update.go",
    ),
    "volumes snapshots list": Known("volumes.list_snapshots", "app json"),
    "volumes snapshots create": Known("volumes.create_snapshot", "app json", changes=True),
    "certs list": Known("certs.list_certs", JSON),
    "certs add": Known("certs.add", JSON, changes=True),
    "certs check": Known("certs.check", JSON),
    "certs setup": Known("certs.setup", APP),
    "certs remove": Known("certs.remove", f"{APP} {YES}", changes=True),
    "secrets list": Known("secrets.list_secrets", JSON),
    "secrets set": Known("secrets.set_secrets", SECRETS, changes=True),
    "secrets import": Known("secrets.import_secrets", SECRETS, changes=True),
    "secrets unset": Known("secrets.unset", SECRETS, changes=True),
    "secrets deploy": Known("secrets.deploy", f"{APP} detach dns-checks", changes=True),
    "tokens create deploy": Known("tokens.create_deploy", f"{JSON} expiry name", changes=True),
    "tokens create org": Known(
        "tokens.create_org", "json org expiry name", changes=True, source="internal/command/tokens/create.go"
    ),
    "tokens list": Known("tokens.list_tokens", f"{APP} org scope"),
    "tokens revoke": Known("tokens.revoke", changes=True, source="internal/command/tokens/revoke.go"),
    "logs": Known("logs.logs", f"{JSON} instance machine no-tail region"),
    "ips list": Known("ips.list_ips", JSON),
    "ips private": Known("ips.private", JSON, source="internal/command/ips/private.go"),
    "ips allocate-v4": Known(
        "ips.allocate_v4",
        f"{APP} {YES} region shared",
        changes=True,
        source="internal/command/ips/allocate.go",
    ),
    "ips allocate-v6": Known(
        "ips.allocate_v6",
        f"{APP} network org private region",
        changes=True,
        source="internal/command/ips/allocate.go",
    ),
    "ips release": Known("ips.release", APP, changes=True, source="internal/command/ips/release.go"),
    "platform regions": Known("platform.regions", "json"),
    "platform vm-sizes": Known("platform.sizes", "json", source="internal/command/platform/vmsizes.go"),
    "scale show": Known("scale.show", JSON),
    "scale count": Known("scale.count", SCALE, changes=True),
    "scale vm": Known(
        "scale_size.vm",
        f"{APP} group process-group vm-memory memory",
        changes=True,
        source="internal/command/scale/vm.go",
    ),
    "scale memory": Known(
        "scale_size.memory",
        f"{APP} group process-group",
        changes=True,
        source="internal/command/scale/memory.go",
    ),
}


def find(parsed: Parsed) -> Known | None:
    """The simulation of a command, if there is one."""
    return KNOWN.get(parsed.command.key)


def needs_token(command: Command) -> bool:
    """Whether the real flyctl asks for a token before it does anything."""
    key = command.key
    return key.partition(" ")[0] in TOKEN_GROUPS and key not in TOKENLESS
