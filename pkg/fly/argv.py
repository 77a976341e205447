"""The argv of every flyctl command that the project runs: pure functions, one a verb.

A test holds each of them against flyctl's own grammar (`surface.json`). The first line of a docstring says
what the command is for; the table in README.md is made of it.
"""

from collections.abc import Sequence

FLYCTL = "flyctl"


def version() -> list[str]:
    """Ask which flyctl this is."""
    return [FLYCTL, "version", "--json"]


def whoami() -> list[str]:
    """Ask whose token this is."""
    return [FLYCTL, "auth", "whoami", "--json"]


def auth_token() -> list[str]:
    """Ask for the token of flyctl's own login, for what flyctl cannot ask itself: metrics."""
    return [FLYCTL, "auth", "token", "--json"]


def platform_regions() -> list[str]:
    """Read which regions there are."""
    return [FLYCTL, "platform", "regions", "--json"]


def status(app: str) -> list[str]:
    """Read an app and its machines, with their checks."""
    return [FLYCTL, "status", "--app", app, "--json"]


def machine_list(app: str) -> list[str]:
    """Read all machines of an app in one call."""
    return [FLYCTL, "machine", "list", "--app", app, "--json"]


def machine_restart(app: str, machines: Sequence[str]) -> list[str]:
    """Restart machines without waiting for their checks: whoever calls this watches them itself."""
    return [FLYCTL, "machine", "restart", *machines, "--app", app, "--skip-health-checks"]


def machine_start(app: str, machines: Sequence[str]) -> list[str]:
    """Start stopped machines."""
    return [FLYCTL, "machine", "start", *machines, "--app", app]


def machine_leases(app: str, machines: Sequence[str]) -> list[str]:
    """Ask who holds a lease on which of the machines: a deploy under way does."""
    return [FLYCTL, "machine", "leases", "view", *machines, "--app", app, "--json"]


def releases(app: str) -> list[str]:
    """Read the last releases of an app, newest first, with their images; flyctl gives at most 25."""
    return [FLYCTL, "releases", "--app", app, "--json"]


def volumes_list(app: str) -> list[str]:
    """Read the volumes of an app, where they are and what they are attached to."""
    return [FLYCTL, "volumes", "list", "--app", app, "--json"]


def secrets_list(app: str) -> list[str]:
    """Read the names of an app's secrets; flyctl cannot read their values."""
    return [FLYCTL, "secrets", "list", "--app", app, "--json"]


def certs_list(app: str) -> list[str]:
    """Read the certificates of an app."""
    return [FLYCTL, "certs", "list", "--app", app, "--json"]


def certs_check(app: str, host: str) -> list[str]:
    """Check one certificate: its validation, its expiry and the DNS records it needs."""
    return [FLYCTL, "certs", "check", host, "--app", app, "--json"]


def config_validate(app: str, config: str) -> list[str]:
    """Let flyctl check a manifest."""
    return [FLYCTL, "config", "validate", "--app", app, "--config", config]


def build_only(
    app: str, config: str, image: str = "", *, builder: str = "", passthrough: Sequence[str] = ()
) -> list[str]:
    """Build, or find, the image and release nothing."""
    return [
        *(FLYCTL, "deploy", "--build-only", "--app", app, "--config", config),
        *(["--image", image] if image else []),
        *([f"--{builder}-only"] if builder else []),
        "--yes",
        *passthrough,
    ]


def build_and_push(app: str, config: str, label: str, *, builder: str = "") -> list[str]:
    """Build the image of a manifest with a Dockerfile and push it under a label; nothing is released."""
    return [
        *(FLYCTL, "deploy", "--build-only", "--push", "--image-label", label),
        *("--app", app, "--config", config),
        *([f"--{builder}-only"] if builder else []),
        "--yes",
    ]


def deploy(
    app: str,
    config: str,
    image: str,
    *,
    wait_timeout: int,
    builder: str = "",
    passthrough: Sequence[str] = (),
) -> list[str]:
    """Release an image: flyctl updates the machines one after the other.

    `--ha=false`: a deploy never makes a machine that nobody asked for. `--deploy-retries 0`: by default a
    remote flag decides, and the same command would not do the same thing twice.

    Args:
        app: the app's name.
        config: path of the manifest.
        image: reference, best with its digest: flyctl passes on what it is given, not the digest that it
            found.
        wait_timeout: seconds that flyctl waits for each machine.
        builder: `remote` or `local`; empty leaves it to flyctl.
        passthrough: what followed `--`; it comes last, so that it wins.
    """
    return [
        *(FLYCTL, "deploy", "--app", app, "--config", config, "--image", image, "--yes", "--ha=false"),
        *("--deploy-retries", "0", "--wait-timeout", f"{wait_timeout}s"),
        *([f"--{builder}-only"] if builder else []),
        *passthrough,
    ]


def rollback(app: str, config: str, image: str, *, wait_timeout: int) -> list[str]:
    """Release an earlier image again: no release command, no new machines.

    Without `--skip-release-command` the old image's release command would run again (recorded: release.json).

    Args:
        app: the app's name.
        config: path of the manifest that the image was deployed with.
        image: the image to go back to.
        wait_timeout: seconds that flyctl waits for each machine.
    """
    return [
        *deploy(app, config, image, wait_timeout=wait_timeout),
        *("--skip-release-command", "--update-only"),
    ]


def once_more(command: Sequence[str]) -> list[str]:
    """Run a deploy a second time: its release command has run, or no machine would have been changed.

    Args:
        command: the deploy, or the rollback.
    """
    skip = "--skip-release-command"
    return [*command, *([] if skip in command else [skip])]


def logs(app: str, *, instance: str = "", json: bool = False, passthrough: Sequence[str] = ()) -> list[str]:
    """Follow an app's logs; flyctl does so until it is stopped, unless it gets `--no-tail`."""
    return [
        *(FLYCTL, "logs", "--app", app),
        *(["--instance", instance] if instance else []),
        *(["--json"] if json else []),
        *passthrough,
    ]


def machine_run(
    app: str,
    image: str,
    *,
    region: str = "",
    name: str = "",
    machine_config: str = "",
    passthrough: Sequence[str] = (),
) -> list[str]:
    """Make a machine of an image and start it.

    `--detach`: flyctl itself would wait for its checks, for as long as it likes; whoever calls this watches.

    Args:
        app: the app's name.
        image: the image's reference.
        region: where; empty leaves it to flyctl.
        name: the machine's name; empty leaves it to Fly.
        machine_config: what else it is, as JSON; flyctl takes a text that begins with a brace as it is.
        passthrough: what followed `--`; it comes last, so that it wins.
    """
    return [
        *(FLYCTL, "machine", "run", image, "--app", app, "--detach"),
        *(["--region", region] if region else []),
        *(["--name", name] if name else []),
        *(["--machine-config", machine_config] if machine_config else []),
        *passthrough,
    ]


def machine_clone(
    app: str,
    machine: str,
    *,
    region: str = "",
    name: str = "",
    volume: str = "",
    passthrough: Sequence[str] = (),
) -> list[str]:
    """Make a machine like another one; with a volume of its own, empty unless one is given.

    `--detach`: whoever calls this watches its checks.

    Args:
        app: the app's name.
        machine: the machine to copy.
        region: where; empty for the same.
        name: the new machine's name; empty leaves it to Fly.
        volume: id of a volume to attach instead of a new, empty one.
        passthrough: what followed `--`; it comes last, so that it wins.
    """
    return [
        *(FLYCTL, "machine", "clone", machine, "--app", app, "--detach"),
        *(["--region", region] if region else []),
        *(["--name", name] if name else []),
        *(["--attach-volume", volume] if volume else []),
        *passthrough,
    ]


def machine_update(
    app: str,
    machine: str,
    *,
    wait_timeout: int,
    image: str = "",
    metadata: Sequence[str] = (),
    passthrough: Sequence[str] = (),
) -> list[str]:
    """Change what a machine is, and restart it so; whoever calls this watches its checks.

    `--detach` alone is not enough: flyctl waits for the start all the same, and then for the checks
    (https://github.com/superfly/flyctl/blob/master/internal/machine/update.go).

    Args:
        app: the app's name.
        machine: the machine.
        wait_timeout: seconds that flyctl waits for its start.
        image: the image that it shall run; empty keeps the present one.
        metadata: `name=value` each.
        passthrough: what followed `--`; it comes last, so that it wins.
    """
    return [
        *(FLYCTL, "machine", "update", machine, "--app", app, "--yes"),
        *("--detach", "--skip-health-checks", "--wait-timeout", str(wait_timeout)),
        *(["--image", image] if image else []),
        *(argument for pair in metadata for argument in ("--metadata", pair)),
        *passthrough,
    ]


def machine_stop(app: str, machine: str) -> list[str]:
    """Stop a machine; it returns before the machine has stopped."""
    return [FLYCTL, "machine", "stop", machine, "--app", app]


def machine_suspend(app: str, machine: str) -> list[str]:
    """Suspend a machine: its memory is kept."""
    return [FLYCTL, "machine", "suspend", machine, "--app", app]


def machine_destroy(app: str, machine: str) -> list[str]:
    """Destroy a machine, running or not; its volume stays."""
    return [FLYCTL, "machine", "destroy", machine, "--app", app, "--force"]


def machine_exec(app: str, machine: str, command: str, *, timeout: int = 0) -> list[str]:
    """Run a command in a machine; only with `--json` does its exit code come back.

    Args:
        app: the app's name.
        machine: the machine.
        command: the command, in one text.
        timeout: seconds that it may take; 0 leaves it to Fly.
    """
    return [
        *(FLYCTL, "machine", "exec", machine, command, "--app", app, "--json"),
        *(["--timeout", str(timeout)] if timeout else []),
    ]


def secrets_import(app: str) -> list[str]:
    """Stage secrets that are read from stdin, a line each."""
    return [FLYCTL, "secrets", "import", "--app", app, "--stage"]


def secrets_set(app: str, name: str) -> list[str]:
    """Stage one secret whose value is read from stdin."""
    return [FLYCTL, "secrets", "set", f"{name}=-", "--app", app, "--stage"]


def secrets_unset(app: str, names: Sequence[str]) -> list[str]:
    """Stage the removal of secrets."""
    return [FLYCTL, "secrets", "unset", *names, "--app", app, "--stage"]


def secrets_deploy(app: str) -> list[str]:
    """Give the machines the staged secrets, one machine after the other."""
    return [FLYCTL, "secrets", "deploy", "--app", app]


def certs_add(app: str, host: str) -> list[str]:
    """Ask for a certificate for a host name."""
    return [FLYCTL, "certs", "add", host, "--app", app]


def certs_remove(app: str, host: str) -> list[str]:
    """Remove a host name and its certificate."""
    return [FLYCTL, "certs", "remove", host, "--app", app, "--yes"]


def volumes_create(app: str, name: str, *, region: str, size: int, snapshot: str = "") -> list[str]:
    """Make a volume.

    Args:
        app: the app's name.
        name: the volume's name, as mounts call it.
        region: where.
        size: gigabytes.
        snapshot: id of a snapshot to fill it from; empty for an empty volume.
    """
    return [
        *(FLYCTL, "volumes", "create", name, "--app", app, "--region", region, "--size", str(size)),
        *(["--snapshot-id", snapshot] if snapshot else []),
        *("--yes", "--json"),
    ]


def volumes_fork(app: str, volume: str, *, region: str = "") -> list[str]:
    """Make a volume with another one's content.

    Args:
        app: the app's name.
        volume: the volume to copy.
        region: where; empty leaves it to Fly.
    """
    return [
        *(FLYCTL, "volumes", "fork", volume, "--app", app),
        *(["--region", region] if region else []),
        "--json",
    ]


def volumes_extend(app: str, volume: str, size: int) -> list[str]:
    """Make a volume larger, to so many gigabytes; it cannot be made smaller again."""
    return [FLYCTL, "volumes", "extend", volume, "--app", app, "--size", str(size), "--yes", "--json"]


def volumes_snapshots_list(app: str, volume: str) -> list[str]:
    """Read the snapshots of a volume."""
    return [FLYCTL, "volumes", "snapshots", "list", volume, "--app", app, "--json"]


def tokens_list(app: str) -> list[str]:
    """Read the tokens of an app; flyctl gives a table only."""
    return [FLYCTL, "tokens", "list", "--app", app]


def tokens_create_deploy(app: str, name: str, expiry: str) -> list[str]:
    """Make a token that may deploy one app; flyctl's own default would let it live for 20 years.

    Args:
        app: the app's name.
        name: what the token is called.
        expiry: how long it lives, as in 24h0m0s.
    """
    return [
        *(FLYCTL, "tokens", "create", "deploy", "--app", app, "--name", name, "--expiry", expiry),
        "--json",
    ]


def tokens_revoke(token: str) -> list[str]:
    """Revoke a token by its id."""
    return [FLYCTL, "tokens", "revoke", token]
