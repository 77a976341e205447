"""The tour's day, step by step: what is typed, and what must come of it."""

from dataclasses import dataclass

GOOD = "registry.fly.io/infra:tour-good"
BAD = "registry.fly.io/infra:tour-bad"
CORE = ("-a", "infra-core")
HOST = "www.example.com"


@dataclass(frozen=True)
class Step:
    """One command of the tour.

    Attributes:
        title: what the step shows, in a few words.
        argv: what follows `inv`.
        code: the exit code that it must end with.
        shows: texts that its output must hold; they are looked for in stdout and stderr.
        secret: it reads a secret from stdin, which its output must not hold.
    """

    title: str
    argv: tuple[str, ...]
    code: int = 0
    shows: tuple[str, ...] = ()
    secret: bool = False

    @property
    def shown(self) -> str:
        """The command as a person types it."""
        return " ".join((*(["openssl", "rand", "-hex", "16", "|"] if self.secret else ()), "inv", *self.argv))


LOOK = (
    Step("Who is this, and on which Fly?", ("sandbox", "fly.whoami"), shows=("simulated",)),
    Step("Is the default app healthy?", ("sandbox", "fly.status"), shows=("infra", "healthy")),
    Step("Is everything in this repo healthy?", ("sandbox", "fly.status", "--all"), shows=("infra-core",)),
    Step("What runs where?", ("sandbox", "fly.machines"), shows=("started",)),
    Step("What does it say?", ("sandbox", "fly.logs", "--", "--no-tail"), shows=("listening",)),
    Step("How are the volumes?", ("sandbox", "fly.volumes.check", "-c", "core"), shows=("core_data",)),
    Step("How are the certificates?", ("sandbox", "fly.certs"), shows=("infra.example.com", "ok")),
    Step("Are the manifests in order?", ("sandbox", "fly.manifests.check"), shows=("as they should be",)),
    Step("What may this token do?", ("sandbox", "fly.tokens.check"), shows=("it may read this app",)),
)

SHIP = (
    Step("Is the published image there?", ("sandbox", "fly.deploy", "--", "--build-only")),
    Step("Publish a good image", ("sandbox.image", GOOD, "--behaviour", "healthy"), shows=(GOOD,)),
    Step("What would a deploy do?", ("sandbox", "fly.plan"), shows=(GOOD,)),
    Step("Deploy it", ("sandbox", "fly.deploy", "--yes"), shows=("healthy (exit 0)",)),
)

OPERATE = (
    Step(
        "Set a secret from stdin: it is never an argument",
        ("sandbox", "fly.secrets.set", "SESSION_KEY"),
        shows=("infra has SESSION_KEY", "2/2 checks"),
        secret=True,
    ),
    Step("Do the machines have it?", ("sandbox", "fly.secrets"), shows=("SESSION_KEY", "Deployed")),
    Step(
        "Ask for a certificate: which DNS records does it need?",
        ("sandbox", "fly.certs.add", HOST),
        shows=(f"DNS: A {HOST}", f"DNS: AAAA {HOST}"),
    ),
    Step(
        "Make a machine of a manifest",
        ("sandbox", "fly.machines.run", "core/fly.toml", "--name", "one"),
        shows=("started, 2/2 checks",),
    ),
    Step(
        "Copy it",
        ("sandbox", "fly.machines.clone", "one", *CORE, "--name", "two"),
        shows=("a new, empty one", "started, 2/2 checks"),
    ),
    Step("Stop the copy", ("sandbox", "fly.machines.stop", "two", *CORE), shows=("done    stopped",)),
    Step("Start it", ("sandbox", "fly.machines.start", "two", *CORE), shows=("started, 2/2 checks",)),
    Step(
        "Destroy both, after seeing what goes with them",
        ("sandbox", "fly.machines.destroy", "one,two", *CORE, "--yes"),
        shows=("stays, attached to nothing", "done    destroyed"),
    ),
    Step(
        "Is the tenant's replica good? Write a row, restore a copy, read it back",
        ("sandbox", "fly.litestream", "-c", "processcompose/notes"),
        shows=("a row came back",),
    ),
)

GO_BACK = (
    Step(
        "Publish an image that never gets healthy",
        ("sandbox.image", BAD, "--behaviour", "unhealthy"),
        shows=(BAD,),
    ),
    Step(
        "Deploy that: it is undone by itself, and the undoing is verified",
        ("sandbox", "fly.deploy", "--yes", "--wait-timeout", "2"),
        code=4,
        shows=("rolled-back",),
    ),
    Step("The good image runs again", ("sandbox", "fly.status"), shows=("tour-good", "healthy")),
    Step("What can be gone back to?", ("sandbox", "fly.releases"), shows=("v1", "failed")),
    Step(
        "Go back to the first release by hand",
        ("sandbox", "fly.releases.revert", "v1", "--yes"),
        shows=("healthy",),
    ),
)

LOOK_BACK = (
    Step(
        "What did the machines measure meanwhile?",
        ("sandbox", "fly.metrics"),
        shows=("CPU busy, %", "95 of 100 answers within, ms", "HTTP answers: 200", f"(complete): {GOOD}"),
    ),
    Step("Everything on one page", ("sandbox", "fly.report"), shows=("report.html",)),
    Step(
        "What is left to do? The DNS records of the new certificate",
        ("sandbox", "fly.doctor"),
        code=1,
        shows=(f"inv sandbox fly.certs.show {HOST}",),
    ),
    Step("What happened here today?", ("sandbox", "history"), shows=("rolled-back", "healthy")),
)

STEPS: tuple[Step, ...] = (*LOOK, *SHIP, *OPERATE, *GO_BACK, *LOOK_BACK)
