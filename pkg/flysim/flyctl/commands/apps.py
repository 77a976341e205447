"""`apps`: list, create, destroy and restart."""

from __future__ import annotations

from pkg.flysim.flyctl import records
from pkg.flysim.flyctl.commands.machine_control import restart_one
from pkg.flysim.flyctl.commands.machines import all_machines
from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.render import ago, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call

NO_ANSWER = "yes flag must be specified when not running interactively"
COLUMNS = ("NAME", "OWNER", "STATUS", "NETWORK", "LATEST DEPLOY")


def list_apps(call: Call) -> None:
    """List the apps that the token sees; recorded: daily.json#9, daily.json#10, deploys.json#35."""
    apps = call.api.graphql("query apps")["apps"]["nodes"]
    wanted = call.text("org")
    if wanted:
        apps = [app for app in apps if app["organization"]["slug"] == wanted]
    if call.switch("json"):
        call.json([records.app(app) for app in apps])
    elif call.switch("quiet"):
        call.stdout.write(table((), [(app["name"],) for app in apps]) if apps else "")
    else:
        now = call.clock.now()
        rows = [
            (
                app["name"],
                app["organization"]["slug"],
                app["status"],
                app["network"],
                ago(now - records.seconds(app["currentRelease"]["createdAt"]))
                if app["currentRelease"]
                else "",
            )
            for app in sorted(apps, key=lambda app: str(app["name"]))
        ]
        call.stdout.write(table(COLUMNS, rows))


def create(call: Call) -> None:
    """Create an app; recorded: deploys.json#33, deploys.json#34, release.json#10."""
    name = call.operands[0] if call.operands else call.text("name")
    if not name:
        raise Failed("prompt: non interactive")
    slug = call.text("org") or "personal"
    organizations = call.api.graphql("query organizations", admin=False)["organizations"]["nodes"]
    if slug not in {each["slug"] for each in organizations}:
        raise Failed(f"organization '{slug}' was not found")
    try:
        call.api.post(
            "/v1/apps",
            {"name": name, "org_slug": slug, "network": call.text("network"), "app_role_id": ""},
            wait="true",
        )
    except ApiFailed as error:
        raise Failed(str(error)) from error
    call.api.get(f"/v1/apps/{name}")
    call.out(f"New app created: {name}")


def destroy(call: Call) -> None:
    """Destroy apps and all that is theirs; derived: flyctl's source, internal/command/apps/destroy.go."""
    if not call.operands:
        raise Failed("app name must be specified when not running interactively")
    for name in call.operands:
        if not call.asked:
            call.say("Destroying an app is not reversible.")
            raise Failed(NO_ANSWER)
        try:
            call.api.delete(f"/v1/apps/{name}")
        except ApiFailed as error:
            raise Failed(str(error)) from error
        call.out(f"Destroyed app {name}")


def restart(call: Call) -> None:
    """Restart an app's machines one after the other.

    derived: flyctl's source, internal/command/apps/restart.go.
    """
    if call.operands:
        call.app = call.operands[0]
    for machine in all_machines(call):
        if machine["state"] == "started":
            restart_one(call, machine["id"], force=call.switch("force-stop"))
