"""The checklist, in the order in which a new hire meets it."""

from pkg.onboard import account, direnv, machine, programs, repo
from pkg.onboard.check import Check

CHECKS: tuple[Check, ...] = (
    Check("python", "tasks run in the repo's own, locked environment", machine.python, "./dev inv onboard"),
    Check(
        "uv",
        "environments are made in a second rather than in half a minute",
        machine.uv,
        "./dev uv --version",
    ),
    Check(
        "manifests",
        "a broken manifest stops every deploy",
        repo.manifests,
        "inv fly.manifests.check",
    ),
    Check("tour", "you have seen a deploy, and a bad one undone", repo.tour, "inv sandbox.tour", safe=True),
    Check(
        "git identity",
        "a commit, and so a release, says whose it is",
        machine.git_identity,
        "git config user.name 'YOUR NAME' && git config user.email YOU@EXAMPLE.COM",
        command=False,
        simulated=True,
    ),
    Check(
        "git hooks",
        "what CI would refuse is found before the commit",
        machine.git_hooks,
        "pre-commit install",
        safe=True,
        simulated=True,
    ),
    Check(
        "direnv",
        "it puts the tools on PATH and the references into the environment",
        direnv.installed,
        "install direnv with your package manager: https://direnv.net/docs/installation.html",
        command=False,
        simulated=True,
    ),
    Check(
        "direnv hook",
        "without it direnv does nothing",
        direnv.hooked,
        "see direnv hook --help",
        needs=("direnv",),
        simulated=True,
    ),
    Check(
        "direnv allowed",
        ".envrc is code: read it, then allow it",
        direnv.allowed,
        "direnv allow",
        needs=("direnv",),
        simulated=True,
    ),
    Check(
        "1password",
        "the references in .envrc stand for values there",
        account.signed_in,
        'eval "$(op signin)"',
        needs=("direnv allowed",),
        command=False,
        simulated=True,
    ),
    Check(
        "values",
        "an empty value, or a literal op://, fails far from its cause",
        direnv.values,
        "look at the reference in .envrc, and at the item in 1Password",
        needs=("1password",),
        command=False,
        simulated=True,
    ),
    *(
        Check(
            name,
            why,
            programs.Tool(name),
            f"inv tools.install {name}",
            safe=True,
            simulated=True,
        )
        for name, why in (
            ("flyctl", "everyone runs the same one, verified"),
            ("ko", "it builds and publishes core's image"),
            ("litestream", "it restores a replica to look at it"),
            ("process-compose", "it runs the tenants here"),
        )
    ),
    Check(
        "builder",
        "an image can be built from this machine",
        programs.builder,
        "start Docker, or build with --remote-only",
        command=False,
        simulated=True,
    ),
    Check(
        "token accepted",
        "flyctl reaches Fly",
        account.token_accepted,
        "put a token's reference into .envrc as FLY_API_TOKEN",
        needs=("flyctl", "values"),
        command=False,
    ),
    Check(
        "token scoped",
        "a person's own token may do everything, everywhere",
        account.token_scoped,
        "inv fly.tokens.create-deploy",
        needs=("token accepted",),
        simulated=True,
    ),
    Check(
        "default app",
        "you may read the app that you will deploy",
        account.reads_app,
        "ask for a token of this app: inv fly.tokens.create-deploy",
        needs=("token accepted",),
        command=False,
    ),
)
