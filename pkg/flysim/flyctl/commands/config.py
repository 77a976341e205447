"""`config`: the manifest, checked and shown."""

from __future__ import annotations

from pkg.flysim.flyctl.errors import Failed
from pkg.flysim.flyctl.render import go_json, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call
    from pkg.flysim.flyctl.manifest import Manifest

NO_MANIFEST = "App config file not found"


def check(call: Call, manifest: Manifest) -> None:
    """Say what is wrong with a manifest.

    Raises:
        Failed: something is; its lines are on stdout.
    """
    call.out(f"Validating {manifest.path}")
    problems = manifest.problems()
    if problems:
        for problem in problems:
            call.out(f"✘ {problem}")
        raise Failed("App configuration is not valid")
    call.out("✓ Configuration is valid")


def validate(call: Call) -> None:
    """Check the manifest; recorded: daily.json#40."""
    manifest = call.manifest
    if manifest is None:
        raise Failed(NO_MANIFEST)
    check(call, manifest)


def show(call: Call) -> None:
    """Show the configuration that was released last, or the local one; recorded: daily.json#41."""
    if call.switch("local"):
        manifest = call.manifest
        if manifest is None:
            raise Failed(NO_MANIFEST)
        call.out(go_json(manifest.definition, indent=2))
        return
    app = call.api.graphql("query app", appName=call.app)["app"]
    call.out(go_json(app["config"]["definition"], indent=2))


def env(call: Call) -> None:
    """Show the names of secrets, and the variables of the configuration that was released last.

    derived: flyctl's source, internal/command/config/env.go.
    """
    secrets = call.api.get(f"/v1/apps/{call.app}/secrets")["secrets"]
    rows = [(secret["name"], secret["digest"], secret["created_at"].removesuffix("Z")) for secret in secrets]
    call.stdout.write(table(("NAME", "DIGEST", "CREATED AT"), rows, title="Secrets"))
    app = call.api.graphql("query app", appName=call.app)["app"]
    variables = app["config"]["definition"].get("env", {})
    call.stdout.write(table(("NAME", "VALUE"), sorted(variables.items()), title="Environment Variables"))
