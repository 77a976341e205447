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


def build_only(app: str, config: str, image: str = "", passthrough: Sequence[str] = ()) -> list[str]:
    """Build, or find, the image and release nothing."""
    return [
        *(FLYCTL, "deploy", "--build-only", "--app", app, "--config", config),
        *(["--image", image] if image else []),
        "--yes",
        *passthrough,
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


def logs(app: str, *, instance: str = "", json: bool = False, passthrough: Sequence[str] = ()) -> list[str]:
    """Follow an app's logs; flyctl does so until it is stopped, unless it gets `--no-tail`."""
    return [
        *(FLYCTL, "logs", "--app", app),
        *(["--instance", instance] if instance else []),
        *(["--json"] if json else []),
        *passthrough,
    ]
