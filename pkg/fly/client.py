"""flyctl as Python sees it: one method a command, typed answers, and errors that say what to do."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pkg.fly import answers, argv, models
from pkg.shell.clock import Clock
from pkg.shell.runner import Result, Runner

T = TypeVar("T")

# Seconds that a command which only reads may take before it is given up.
READING = 60.0
# Seconds that finding an image in the registry may take.
FINDING = 120.0
# Seconds that a change may take of which only the beginning is waited for, and one that makes a machine.
CHANGING = 90.0
MAKING = 360.0


# Says a line to the user.
Speaker = Callable[[str], None]


class Flyctl:
    """Runs flyctl.

    What only reads is tried a few times when the API or the network fails; what changes something never is.

    Args:
        runner: starts the processes.
        clock: waits between two tries.
        say: tells the user that a read is tried again.
        version: flyctl's version, for errors.
        tries: how often a read is tried.
        pause: seconds before the second try; doubled before each further one.
    """

    def __init__(
        self,
        runner: Runner,
        *,
        clock: Clock,
        say: Speaker,
        version: str = "",
        tries: int = 4,
        pause: float = 0.5,
    ) -> None:
        self.runner = runner
        self.clock = clock
        self.version_name = version
        self._say = say
        self._tries = tries
        self._pause = pause

    def version(self) -> models.Version:
        """Return which flyctl this is."""
        return self._read(argv.version(), models.Version, "asking flyctl for its version")

    def whoami(self) -> models.Whoami:
        """Return whose token it is."""
        return self._read(argv.whoami(), models.Whoami, "asking whose token this is")

    def auth_token(self) -> str:
        """Return the token of flyctl's own login; the runner hides it from then on."""
        return self._read(argv.auth_token(), models.MadeToken, "asking flyctl for its token").token

    def platform_regions(self) -> list[models.Region]:
        """Return the regions that there are."""
        return self._read(argv.platform_regions(), list[models.Region], "listing the regions")

    def status(self, app: str) -> models.Status:
        """Return an app and its machines."""
        return self._read(argv.status(app), models.Status, f"reading the status of {app}")

    def machine_list(self, app: str, *, once: bool = False) -> list[models.Machine]:
        """Return an app's machines.

        Args:
            app: the app's name.
            once: do not try again: who polls does so anyway.
        """
        return self._read(
            argv.machine_list(app), list[models.Machine], f"listing the machines of {app}", once=once
        )

    def machine_leases(self, app: str, machines: Sequence[str]) -> dict[str, models.Lease]:
        """Return who holds a lease on which of the machines."""
        if not machines:
            return {}
        doing = f"asking who changes the machines of {app}"

        def read(result: Result) -> dict[str, models.Lease]:
            if not result.code and result.stdout.startswith("No leases found"):
                return {}
            return answers.decode(result, dict[str, models.Lease], doing, self.version_name)

        return self._ask(argv.machine_leases(app, machines), read)

    def releases(self, app: str) -> list[models.Release]:
        """Return the last releases of an app, newest first."""
        return self._read(argv.releases(app), list[models.Release], f"reading the releases of {app}")

    def volumes_list(self, app: str) -> list[models.Volume]:
        """Return the volumes of an app."""
        return self._read(argv.volumes_list(app), list[models.Volume], f"listing the volumes of {app}")

    def secrets_list(self, app: str) -> list[models.Secret]:
        """Return the names of an app's secrets."""
        return self._read(argv.secrets_list(app), list[models.Secret], f"listing the secrets of {app}")

    def certs_list(self, app: str) -> list[models.Certificate]:
        """Return the certificates of an app."""
        return self._read(
            argv.certs_list(app), list[models.Certificate], f"listing the certificates of {app}"
        )

    def certs_check(self, app: str, host: str) -> models.CertificateCheck:
        """Return one certificate in full."""
        return self._read(
            argv.certs_check(app, host), models.CertificateCheck, f"checking the certificate of {host}"
        )

    def config_validate(self, app: str, config: str) -> None:
        """Let flyctl check a manifest.

        Raises:
            Failure: it does not accept it.
        """
        doing = f"validating {config}"
        self._ask(argv.config_validate(app, config), _text(doing))

    def find_image(self, app: str, config: str, image: str) -> None:
        """Let flyctl find an image in the registry; nothing is released.

        Raises:
            Failure: there is no such image, or flyctl could not look.
        """
        doing = f"looking for the image {image}"
        self._ask(argv.build_only(app, config, image), _text(doing), timeout=FINDING)

    def machine_restart(self, app: str, machines: Sequence[str]) -> None:
        """Restart machines; their checks are not waited for."""
        command = argv.machine_restart(app, machines)
        self._change(command, f"restarting {', '.join(machines)}", timeout=READING)

    def machine_start(self, app: str, machines: Sequence[str]) -> None:
        """Start stopped machines."""
        command = argv.machine_start(app, machines)
        self._change(command, f"starting {', '.join(machines)}", timeout=READING)

    def machine_run(
        self,
        app: str,
        image: str,
        *,
        timeout: float,
        region: str,
        name: str,
        machine_config: str,
        passthrough: Sequence[str] = (),
    ) -> None:
        """Make a machine of an image and start it; its checks are not waited for."""
        command = argv.machine_run(
            app, image, region=region, name=name, machine_config=machine_config, passthrough=passthrough
        )
        self._change(command, f"making a machine of {image}", timeout=timeout)

    def machine_clone(
        self,
        app: str,
        machine: str,
        *,
        timeout: float,
        region: str,
        name: str,
        volume: str,
        passthrough: Sequence[str] = (),
    ) -> None:
        """Make a machine like another one; its checks are not waited for."""
        command = argv.machine_clone(
            app, machine, region=region, name=name, volume=volume, passthrough=passthrough
        )
        self._change(command, f"cloning {machine}", timeout=timeout)

    def machine_update(
        self,
        app: str,
        machine: str,
        *,
        wait_timeout: int,
        timeout: float,
        image: str = "",
        metadata: Sequence[str] = (),
        passthrough: Sequence[str] = (),
    ) -> None:
        """Change what a machine is, and wait at most so many seconds for its start."""
        command = argv.machine_update(
            app,
            machine,
            wait_timeout=wait_timeout,
            image=image,
            metadata=metadata,
            passthrough=passthrough,
        )
        self._change(command, f"updating {machine}", timeout=timeout)

    def machine_stop(self, app: str, machine: str) -> None:
        """Stop a machine; its end is not waited for."""
        self._change(argv.machine_stop(app, machine), f"stopping {machine}")

    def machine_suspend(self, app: str, machine: str) -> None:
        """Suspend a machine; that it sleeps is not waited for."""
        self._change(argv.machine_suspend(app, machine), f"suspending {machine}")

    def machine_destroy(self, app: str, machine: str) -> None:
        """Destroy a machine."""
        self._change(argv.machine_destroy(app, machine), f"destroying {machine}")

    def machine_exec(
        self, app: str, machine: str, command: str, *, timeout: int = 0
    ) -> models.Executed | None:
        """Run a command in a machine; None in a dry run.

        Raises:
            Failure: it could not be run; that it ended badly is no failure.
        """
        doing = f"running {command!r} in {machine}"
        limit = timeout + READING if timeout else None
        result = self._change(argv.machine_exec(app, machine, command, timeout=timeout), doing, timeout=limit)
        return self._made(result, models.Executed, doing)

    def secrets_import(self, app: str, text: str) -> None:
        """Stage secrets, given as the text that flyctl's reader understands."""
        self._change(argv.secrets_import(app), f"staging secrets of {app}", stdin=text)

    def secrets_set(self, app: str, name: str, value: str) -> None:
        """Stage one secret."""
        self._change(argv.secrets_set(app, name), f"staging the secret {name} of {app}", stdin=value)

    def secrets_unset(self, app: str, names: Sequence[str]) -> None:
        """Stage the removal of secrets."""
        self._change(argv.secrets_unset(app, names), f"staging the removal of {', '.join(names)}")

    def secrets_deploy(self, app: str, *, timeout: float) -> None:
        """Give the machines the staged secrets."""
        self._change(argv.secrets_deploy(app), f"deploying the secrets of {app}", timeout=timeout)

    def certs_add(self, app: str, host: str) -> None:
        """Ask for a certificate."""
        self._change(argv.certs_add(app, host), f"adding the certificate of {host}")

    def certs_remove(self, app: str, host: str) -> None:
        """Remove a certificate."""
        self._change(argv.certs_remove(app, host), f"removing the certificate of {host}")

    def volumes_create(
        self, app: str, name: str, *, region: str, size: int, snapshot: str = ""
    ) -> models.Volume | None:
        """Make a volume; None in a dry run."""
        doing = f"creating the volume {name} in {region}"
        command = argv.volumes_create(app, name, region=region, size=size, snapshot=snapshot)
        return self._made(self._change(command, doing), models.Volume, doing)

    def volumes_fork(self, app: str, volume: str, *, region: str = "") -> models.Volume | None:
        """Make a volume with another one's content; None in a dry run."""
        doing = f"forking the volume {volume}"
        result = self._change(argv.volumes_fork(app, volume, region=region), doing, timeout=MAKING)
        return self._made(result, models.Volume, doing)

    def volumes_extend(self, app: str, volume: str, size: int) -> models.Volume | None:
        """Make a volume larger; None in a dry run."""
        doing = f"extending the volume {volume} to {size} GB"
        return self._made(self._change(argv.volumes_extend(app, volume, size), doing), models.Volume, doing)

    def volumes_snapshots_list(self, app: str, volume: str) -> list[models.Snapshot]:
        """Return the snapshots of a volume."""
        command = argv.volumes_snapshots_list(app, volume)
        return self._read(command, list[models.Snapshot], f"listing the snapshots of {volume}")

    def tokens_list(self, app: str) -> str:
        """Return the table of an app's tokens, as flyctl prints it: it has no JSON."""
        doing = f"listing the tokens of {app}"
        return self._ask(argv.tokens_list(app), _text(doing))

    def tokens_create_deploy(self, app: str, name: str, expiry: str) -> models.MadeToken | None:
        """Make a token; None in a dry run."""
        doing = f"creating a deploy token of {app}"
        result = self._change(argv.tokens_create_deploy(app, name, expiry), doing)
        return self._made(result, models.MadeToken, doing)

    def tokens_revoke(self, token: str) -> None:
        """Revoke a token by its id."""
        self._change(argv.tokens_revoke(token), f"revoking the token {token}")

    def _change(
        self,
        command: Sequence[str],
        doing: str,
        *,
        stdin: str | None = None,
        timeout: float | None = CHANGING,
    ) -> Result:
        """Run a command that changes something, once: whether it did is for the caller to look at.

        Raises:
            Failure: it ended with an error, or printed its help.
        """
        result = self.runner.capture(command, stdin=stdin, timeout=timeout, changes=True)
        if result.code:
            raise answers.failure(result, doing)
        answers.expect_no_help(result, doing)
        return result

    def _made(self, result: Result, kind: type[T], doing: str) -> T | None:
        """Return what a change answered; None when a dry run left it out."""
        return None if result.skipped else answers.decode(result, kind, doing, self.version_name)

    def _read(self, command: Sequence[str], kind: type[T], doing: str, *, once: bool = False) -> T:
        """Return the typed answer of a command that only reads."""
        return self._ask(
            command, lambda result: answers.decode(result, kind, doing, self.version_name), once=once
        )

    def _ask(
        self,
        command: Sequence[str],
        read: Callable[[Result], T],
        *,
        timeout: float = READING,
        once: bool = False,
    ) -> T:
        """Run a command that only reads, again when its failure may pass or its answer was cut short.

        Args:
            command: what to run.
            read: makes the answer of what was printed, or raises what is wrong with it.
            timeout: seconds that one try may take.
            once: do not try again.

        Raises:
            Failure: it failed for good.
        """

        def attempt() -> T:
            return read(self.runner.capture(command, timeout=timeout))

        try:
            return attempt()
        except answers.Passing as error:
            if once:
                raise
            self._say(f"{error.what}; trying again")
        return self._again(attempt)

    def _again(self, attempt: Callable[[], T]) -> T:
        import tenacity  # costs 10 ms: only when something failed

        self.clock.sleep(self._pause)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(answers.Passing),
            stop=tenacity.stop_after_attempt(self._tries - 1),
            wait=tenacity.wait_exponential(multiplier=2 * self._pause, max=10),
            sleep=self.clock.sleep,
            reraise=True,
        )
        return retrying(attempt)


def _text(doing: str) -> Callable[[Result], str]:
    """Return what reads an answer that is no JSON: that it is there, and no help, is all that is known."""

    def read(result: Result) -> str:
        if result.code:
            raise answers.failure(result, doing)
        answers.expect_no_help(result, doing)
        return result.stdout

    return read
