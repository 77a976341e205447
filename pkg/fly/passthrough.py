"""What may follow `--` at `inv fly.deploy`: read as flyctl reads it, so that nothing goes past the plan."""

from collections.abc import Sequence

from pkg.fly.pflag import Flags, names
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
ACCESS_TOKEN = "access-token"  # noqa: S105 - the name of an option
# What the plan and the verdict are about.
OWN = frozenset({"app", "config", "image"})
MANIFESTS = frozenset({"from-manifest", "export-manifest"})
# A deploy that leaves machines out: the verdict is on all of them.
PARTS = frozenset(
    {"only-machines", "exclude-machines", "only-regions", "exclude-regions", "regions", "process-groups"}
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
    for piece in Flags(SWITCHES, VALUED, SHORT).read(words):
        if piece.words == ["--"]:
            raise BadInput(
                "a second `--` would hide from the plan what follows it",
                fix="give the options after one `--`",
            )
        if not piece.options:
            raise BadInput(
                f"{piece.words[0]!r} after `--` is no option: flyctl would take it for a working directory",
                meaning="the manifest of that folder would be deployed, not what the plan shows",
                fix="choose the manifest before `--`: `inv fly.deploy -c FOLDER`",
            )
        for name, shown, value in piece.options:
            _allow(name, shown, value)
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


def token_refused(shown: str) -> BadInput:
    """Return the error for a token among the arguments; the token itself is not in it."""
    return BadInput(
        f"{shown} after `--` would show the token to every process here",
        meaning="arguments are no secret, and are kept in the shell's history",
        fix="leave it out; put its op:// reference into .envrc as FLY_API_TOKEN, or export FLY_API_TOKEN",
    )


def _allow(name: str, shown: str, value: str | None) -> None:
    """Refuse an option that is unknown, or that the task has itself.

    Raises:
        BadInput: with what to give instead.
    """
    if name in OWN:
        raise BadInput(
            f"{shown} after `--` would go past the plan",
            meaning="the verdict would be about something else than what was deployed",
            fix=f"put it before `--`: `inv fly.deploy --{name} …`",
        )
    if name == ACCESS_TOKEN:
        raise token_refused(shown)
    if name in MANIFESTS:
        raise BadInput(
            f"{shown} after `--` would go past the plan",
            meaning="flyctl would not release the manifest that the plan shows",
            fix="choose the manifest before `--`: `inv fly.deploy --config …`",
        )
    if name in PARTS:
        raise BadInput(
            f"{shown} after `--` would leave machines out",
            meaning="the plan and the verdict are about all machines of the app",
            fix="deploy without it; for single machines: `inv fly.machines.update`",
        )
    if name == "help":
        raise BadInput(
            f"{shown} after `--` prints flyctl's help and deploys nothing",
            fix="ask for it by itself: `flyctl deploy --help`, or `inv --help fly.deploy`",
        )
    if name == BUILD_ONLY and value not in (None, "true"):
        raise BadInput(
            f"{shown}={value} after `--` may take the smoke test back",
            fix="give `--build-only` to release nothing, leave it out to deploy",
        )
    if name not in SWITCHES | VALUED:
        raise BadInput(
            f"{shown} after `--` is no option of `flyctl deploy` that is known here",
            meaning="whether the next word is its value is not known either",
            fix="see `flyctl deploy --help` for its options",
        )
