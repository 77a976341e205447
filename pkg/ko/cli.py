"""`inv core.…`: publishing core's image, and knowing where it runs."""

from invoke import Collection, Context

from pkg.fly import image as images
from pkg.fly.client import Flyctl
from pkg.fly.connect import connect
from pkg.fly.image import Record
from pkg.ko import fleet, publish, registry, simulated, source
from pkg.shell.cli import end, task, workspace
from pkg.shell.errors import Failure
from pkg.shell.workspace import Workspace

# The apps that run core's image, in the order in which they get it.
APPS = ("", "core")


@task(
    name="publish",
    help={
        "allow-dirty": "publish what no commit holds, and record that",
        "repository": "where to push, as HOST/NAME; by default Fly's, for the default app",
    },
)
def publish_image(c: Context, allow_dirty: bool = False, repository: str = "") -> None:
    """Build core with ko, push it, and record it in core/image.toml."""
    ws = workspace(c)
    built = source.read(ws.runner)
    source.refuse_dirty(built, allow=allow_dirty)
    target = repository or publish.repository(ws)
    if ws.sandbox:
        ws.console.say("core.publish: simulated: ko does not run, and nothing is pushed")
    record = (simulated if ws.sandbox else publish).publish(ws, built, target)
    if record is None:
        return
    where = ws.state / images.RECORD.name if ws.sandbox else images.RECORD
    ws.console.out(record.ref)
    ws.console.say(f"core.publish: recorded in {where}" + (", as dirty" if record.dirty else ""))
    if not ws.sandbox:
        ws.console.say(f"next: commit {images.RECORD}, then `inv core.promote`")


@task(help={"check": "exit 1 when an app runs another image", "json": "as JSON"})
def image(c: Context, check: bool = False, json: bool = False) -> None:
    """Show what ko last published, and what each app runs."""
    ws = workspace(c)
    record = images.read_record(ws.root, ws.state)
    flyctl = connect(ws)
    there, trouble = _in_registry(ws, flyctl, record)
    behind = source.commits_since(ws.runner, record.commit, "core") if record else None
    running = fleet.running(ws, flyctl, record, APPS)
    if json:
        ws.console.json(
            {
                "published": record,
                "in_registry": there,
                "registry_trouble": trouble,
                "commits_since": behind,
                "apps": running,
                "simulated": ws.sandbox,
            }
        )
    else:
        _show(ws, record, _registry_words(there, trouble), behind, running)
    gone = there is False
    differs = any(each.published is False for each in running)
    end(1 if gone or any(each.trouble for each in running) or (check and differs) else 0)


def _in_registry(ws: Workspace, flyctl: Flyctl, record: Record | None) -> tuple[bool | None, str]:
    """Return whether the registry has what was published; None, and why, when that is not known."""
    if record is None:
        return None, ""
    try:
        if ws.sandbox:
            flyctl.find_image(record.app, "fly.toml", record.ref)
            return True, ""
        token = ws.environment.get("FLY_ACCESS_TOKEN") or ws.environment.get("FLY_API_TOKEN")
        return registry.has(record.image, token), ""
    except Failure as failure:
        missing = ws.sandbox and "could not find image" in str(failure).lower()
        return (False, "") if missing else (None, failure.what)


def _registry_words(there: bool | None, trouble: str) -> str:
    if there is None:
        return f"the registry was not asked: {trouble}"
    return "the registry has it" if there else "the registry has it no more: publish it again"


def _show(
    ws: Workspace,
    record: Record | None,
    registry_words: str,
    behind: int | None,
    running: list[fleet.Running],
) -> None:
    out = ws.console.out
    if record is None:
        out("nothing was published yet: `inv core.publish`")
    else:
        out(f"published  {record.ref}")
        made = f"{record.published:%Y-%m-%d %H:%M} UTC, by ko {record.ko}"
        out(f"           {made}, from {'a dirty tree at ' if record.dirty else ''}{record.commit[:12]}")
        out(f"           {registry_words}")
        if behind is None:
            out("           its commit is not in this checkout")
        elif behind:
            out(f"           core/ has {behind} newer commit{'s' if behind > 1 else ''}: `inv core.publish`")
    rows = [(each.app, str(each.machines), _state(each), "\n".join(each.images)) for each in running]
    ws.console.table(("app", "machines", "runs", "image"), rows)
    late = [each for each in running if each.published is False]
    if late:
        ws.console.say("next: `inv core.promote` brings what was published to each app")


def _state(running: fleet.Running) -> str:
    if running.trouble:
        return f"not known: {running.trouble}"
    if running.published is None:
        return "nothing was published yet"
    return "what was published" if running.published else "another image"


collection = Collection("core", publish_image, image)
