"""What may follow `--` at `inv fly.deploy`: read as flyctl reads it, so that nothing goes past the plan."""

from collections.abc import Sequence

from pkg.fly.pflag import Flags, names
from pkg.fly.rules import ACCESS_TOKEN, Refusal, Rules, token_refused
from pkg.shell.commands import options
from pkg.shell.errors import BadInput

BUILD_ONLY = "build-only"


# The options of `flyctl deploy` (0.4.87): which take the next word for their value decides what that word is.
SWITCHES = names(
    """auto-confirm build-only builder-pool buildkit debug depot detach dns-checks flycast force-machines ha
    help http-failover https-failover local-only nixpacks no-cache no-public-ips now push recreate-builder
    remote-only skip-release-command smoke-checks update-only verbose wg yes"""
)
VALUED = names(
    """access-token app build-arg build-context-warn-size build-secret build-target buildkit-addr
    buildkit-image buildpacks-docker-host buildpacks-volume compression compression-level config cpus
    deploy-retries depot-scope dockerfile env exclude-machines exclude-regions export-manifest file-literal
    file-local file-secret from-manifest host-dedication-id ignorefile image image-label
    immediate-max-concurrent label lease-timeout max-concurrent max-unavailable memory only-machines
    only-regions primary-region process-groups regions release-command-timeout signal strategy vm-cpu-kind
    vm-cpukind vm-cpus vm-gpu-kind vm-gpukind vm-gpus vm-max-memory vm-memory vm-size volume-initial-size
    wait-timeout"""
)
SHORT = {
    "a": "app",
    "c": "config",
    "e": "env",
    "h": "help",
    "i": "image",
    "s": "signal",
    "t": "access-token",
    "y": "yes",
}
PAST_THE_PLAN = "would go past the plan"
REFUSED = {
    # What the plan and the verdict are about.
    **{
        name: Refusal(
            PAST_THE_PLAN,
            "the verdict would be about something else than what was deployed",
            f"put it before `--`: `inv fly.deploy --{name} …`",
        )
        for name in ("app", "config", "image")
    },
    **dict.fromkeys(
        ("from-manifest", "export-manifest"),
        Refusal(
            PAST_THE_PLAN,
            "flyctl would not release the manifest that the plan shows",
            "choose the manifest before `--`: `inv fly.deploy --config …`",
        ),
    ),
    **dict.fromkeys(
        ("only-machines", "exclude-machines", "only-regions", "exclude-regions", "regions", "process-groups"),
        Refusal(
            "would leave machines out",
            "the plan and the verdict are about all machines of the app",
            "deploy without it; for single machines: `inv fly.machines.update`",
        ),
    ),
    "help": Refusal(
        "prints flyctl's help and deploys nothing",
        "",
        "ask for it by itself: `flyctl deploy --help`, or `inv --help fly.deploy`",
    ),
}


def _operand(word: str) -> BadInput:
    if word == "--":
        return BadInput(
            "a second `--` would hide from the plan what follows it",
            fix="give the options after one `--`",
        )
    return BadInput(
        f"{word!r} after `--` is no option: flyctl would take it for a working directory",
        meaning="the manifest of that folder would be deployed, not what the plan shows",
        fix="choose the manifest before `--`: `inv fly.deploy -c FOLDER`",
    )


DEPLOY = Rules(
    command="deploy",
    flags=Flags(SWITCHES, VALUED, SHORT),
    refused=REFUSED,
    operand=_operand,
    unknown="whether the next word is its value is not known either",
)


def read(words: Sequence[str]) -> tuple[list[str], bool]:
    """Check what followed `--`.

    Args:
        words: what followed `--`, word for word.

    Returns:
        The words for flyctl without `--build-only`, and whether that was among them.

    Raises:
        BadInput: a word that is no option, or an option that would go past the plan.
    """
    kept: list[str] = []
    build_only = False
    for piece in DEPLOY.read(words):
        for name, shown, value in piece.options:
            if name == BUILD_ONLY and value not in (None, "true"):
                raise BadInput(
                    f"{shown}={value} after `--` may take the smoke test back",
                    fix="give `--build-only` to release nothing, leave it out to deploy",
                )
        if piece.options[-1].name == BUILD_ONLY:
            build_only = True
        else:
            kept += piece.words
    return kept, build_only


def refuse_token(words: Sequence[str]) -> None:
    """Keep a token out of the arguments of any flyctl command.

    Args:
        words: what followed `--`.

    Raises:
        BadInput: there is one among them.
    """
    if any(option == ACCESS_TOKEN for option, _ in options(words)):
        raise token_refused("a token")
