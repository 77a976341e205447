"""What may follow `--` at a task that makes or changes a machine, or shows logs: nothing it decides itself.

What flyctl takes twice, the last one wins: so an option of the task's own would go past what it watches.
"""

from pkg.fly.pflag import Flags, names
from pkg.fly.rules import NOT_STARTED, Refusal, Rules
from pkg.shell.errors import BadInput


def _rules(
    *, task: str, command: str, flags: Flags, own: dict[str, str], other: dict[str, str], operand: str
) -> Rules:
    """Return the rules of a command.

    Args:
        task: the task.
        command: flyctl's command.
        flags: its options.
        own: those that the task decides itself, each with what to do instead.
        other: those that make something else of it, each with what that is.
        operand: what flyctl takes an operand for.
    """
    decides = f"would go past what {task} decides and looks at"
    ask = f"ask flyctl itself: `flyctl {command} --help`, or `inv --help {task}`"
    others = {"help": "prints the help of flyctl and does nothing", **other}
    return Rules(
        command=command,
        flags=flags,
        refused={name: Refusal(what, NOT_STARTED, ask) for name, what in others.items()}
        | {name: Refusal(decides, NOT_STARTED, fix) for name, fix in own.items()},
        operand=lambda word: BadInput(
            f"{word!r} after `--` is no option: flyctl would take it for {operand}",
            meaning=NOT_STARTED,
            fix=f"`inv --help {task}` shows what it takes before `--`",
        ),
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

RUN = _rules(
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

CLONE = _rules(
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

UPDATE = _rules(
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

LOGS = _rules(
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
