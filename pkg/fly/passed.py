"""What may follow `--` at a task that makes or changes a machine, or shows logs: nothing it decides itself.

What flyctl takes twice, the last one wins: so an option of the task's own would go past what it watches.
"""

from collections.abc import Sequence

import msgspec

from pkg.fly.passthrough import ACCESS_TOKEN, token_refused
from pkg.fly.pflag import Flags, names
from pkg.shell.errors import BadInput


class Rules(msgspec.Struct, frozen=True):
    """What one command of flyctl takes, and what of it is not for whoever types.

    Attributes:
        task: the task.
        command: flyctl's command.
        flags: its options.
        own: those that the task decides itself, each with what to do instead.
        other: those that make something else of it, each with what that is.
        operand: what flyctl takes an operand for.
    """

    task: str
    command: str
    flags: Flags
    own: dict[str, str]
    other: dict[str, str]
    operand: str

    def check(self, words: Sequence[str]) -> frozenset[str]:
        """Return the long names of the options among the words.

        Args:
            words: what followed `--`, word for word.

        Raises:
            BadInput: there is an operand, an unknown option, or one that is not for whoever types.
        """
        found: set[str] = set()
        for piece in self.flags.read(words):
            if not piece.options:
                raise BadInput(
                    f"{piece.words[0]!r} after `--` is no option: flyctl would take it for {self.operand}",
                    meaning="nothing was started",
                    fix=f"`inv --help {self.task}` shows what it takes before `--`",
                )
            for name, shown, _ in piece.options:
                self._allow(name, shown)
                found.add(name)
        return frozenset(found)

    def _allow(self, name: str, shown: str) -> None:
        if name == ACCESS_TOKEN:
            raise token_refused(shown)
        if name in self.own:
            raise BadInput(
                f"{shown} after `--` would go past what {self.task} decides and looks at",
                meaning="nothing was started",
                fix=self.own[name],
            )
        if name == "help" or name in self.other:
            raise BadInput(
                f"{shown} after `--` {self.other.get(name, 'prints the help of flyctl and does nothing')}",
                meaning="nothing was started",
                fix=f"ask flyctl itself: `flyctl {self.command} --help`, or `inv --help {self.task}`",
            )
        if name not in self.flags.switches | self.flags.valued:
            raise BadInput(
                f"{shown} after `--` is no option of `flyctl {self.command}` that is known here",
                meaning="nothing was started; whether the next word is its value is not known either",
                fix=f"see `flyctl {self.command} --help` for its options",
            )


def _before(task: str, **own: str) -> dict[str, str]:
    """Return what to do about options that the task has too, under the same name or another."""
    return {
        name.replace("_", "-"): f"put it before `--`: `inv {task} {instead} …`"
        for name, instead in own.items()
    }


# The options of flyctl 0.4.87; which take the next word for their value decides what that word is.
_SWITCHES = names("debug detach help verbose")
_VALUED = names(
    """access-token app config cpus host-dedication-id memory standby-for vm-cpu-kind vm-cpukind vm-cpus
    vm-gpu-kind vm-gpukind vm-gpus vm-max-memory vm-memory vm-size"""
)
# What `machine run` and `machine update` have in common.
_MADE_SWITCHES = _SWITCHES | names(
    """autostart autostop build-depot build-local-only build-nixpacks build-only build-remote-only
    no-build-cache skip-dns-registration"""
)
_MADE_VALUED = _VALUED | names(
    """build-arg build-context-warn-size build-target cachedrive-size command container dockerfile entrypoint
    env file-literal file-local file-secret image-label kernel-arg machine-config metadata port restart
    rootfs-persist rootfs-size schedule swap-size"""
)
_SHORT = {"a": "app", "c": "config", "h": "help", "t": "access-token"}
_WATCHED = {"detach": "leave it out: the task watches the machine itself, for --wait-timeout seconds"}
_BUILDS = {"build-only": "builds an image and does nothing to a machine"}
_SELECTS = {"select": "asks at a terminal which machine is meant"}

RUN = Rules(
    task="fly.machines.run",
    command="machine run",
    flags=Flags(
        _MADE_SWITCHES | names("rm shell use-zstd wg"),
        _MADE_VALUED | names("id name org region user volume"),
        {**_SHORT, "e": "env", "m": "metadata", "n": "name", "p": "port", "r": "region", "v": "volume"},
    ),
    own=_WATCHED
    | _before("fly.machines.run", app="--app", name="--name", region="--region")
    | {
        "config": "name the manifest before `--`: `inv fly.machines.run FOLDER`",
        "image": "put it before `--`: `inv fly.machines.run MANIFEST --image …`",
        "machine-config": "write it into a manifest, and name that: `inv fly.machines.run FOLDER`",
        "id": "leave it out: Fly gives the id; to change a machine: inv fly.machines.update",
        "org": "leave it out: the app has its organization",
    },
    other=_BUILDS | {"shell": "opens a shell in a machine that ends with it"},
    operand="the command that the machine runs",
)

CLONE = Rules(
    task="fly.machines.clone",
    command="machine clone",
    flags=Flags(
        _SWITCHES | names("clear-auto-destroy clear-cmd select volume-requires-unique-zone"),
        _VALUED | names("attach-volume from-snapshot name override-cmd region"),
        {**_SHORT, "r": "region"},
    ),
    own=_WATCHED
    | _before(
        "fly.machines.clone",
        app="--app",
        config="--config",
        name="--name",
        region="--region",
        attach_volume="--volume",
        from_snapshot="--snapshot",
    ),
    other=_SELECTS,
    operand="another machine to copy",
)

UPDATE = Rules(
    task="fly.machines.update",
    command="machine update",
    flags=Flags(
        _MADE_SWITCHES | names("auto-confirm buildkit select skip-health-checks skip-start yes"),
        _MADE_VALUED | names("buildkit-addr buildkit-image image mount-point wait-timeout"),
        {**_SHORT, "C": "command", "e": "env", "i": "image", "m": "metadata", "p": "port", "y": "yes"},
    ),
    own=_WATCHED
    | _before(
        "fly.machines.update", app="--app", config="--config", image="--image", wait_timeout="--wait-timeout"
    )
    | {"skip-health-checks": "leave it out: the task looks at the checks itself"},
    other=_BUILDS | _SELECTS,
    operand="another machine to change",
)

LOGS = Rules(
    task="fly.logs",
    command="logs",
    flags=Flags(
        names("debug help json no-tail select verbose"),
        names("access-token app config instance machine region"),
        {
            **_SHORT,
            "i": "instance",
            "j": "json",
            "m": "machine",
            "n": "no-tail",
            "r": "region",
            "s": "select",
        },
    ),
    own=_before(
        "fly.logs",
        app="--app",
        config="--config",
        json="--json",
        instance="--instance",
        machine="--instance",
        region="--region",
    ),
    other=_SELECTS,
    operand="nothing that it knows",
)
# With these, a machine is not started: it stays at rest.
RESTING = frozenset({"skip-start", "standby-for"})
