"""`inv fly.manifests`: whether the repo's manifests are right, and mirror each other."""

from invoke import Collection, Context

from pkg.fly.cli.options import JSON
from pkg.shell.cli import end, task, workspace


@task(default=True, help={"flyctl": "let flyctl validate them as well; needs a token", "json": JSON})
def check(c: Context, flyctl: bool = False, json: bool = False) -> None:
    """Check every manifest: region, checks, rolling, mirrored, dead keys."""
    from pkg.fly.connect import connect
    from pkg.fly.manifest import find, find_all, read, shown
    from pkg.fly.mirror import all_findings

    ws = workspace(c)
    find(ws.root)  # without the default app's manifest nothing here is as it should be
    manifests = [read(path) for path in find_all(ws.root)]
    found = all_findings(manifests, ws.root)
    if json:
        ws.console.json(found)
    for finding in [] if json else found:
        ws.console.out(str(finding))
    if flyctl:
        client = connect(ws)
        for manifest in manifests:
            client.config_validate(manifest.app, shown(manifest.path, ws.root))
    if not found:
        names = ", ".join(shown(manifest.path, ws.root) for manifest in manifests)
        ws.console.say(f"{len(manifests)} manifests are as they should be: {names}")
    end(1 if found else 0)


@task
def sync(c: Context) -> None:
    """Copy the keys that core must mirror from the root's manifest."""
    from pkg.fly.manifest import find, read, shown
    from pkg.fly.mirror import CORE, differences, synced

    ws = workspace(c)
    root_manifest, core = read(find(ws.root)), read(find(ws.root, CORE))
    found = differences(root_manifest, core, ws.root)
    for finding in found:
        ws.console.out(finding.found)
    path = shown(core.path, ws.root)
    if not found:
        ws.console.say(f"{path} mirrors the root's manifest already")
    elif ws.dry:
        ws.console.say(f"{path} would be changed")
    else:
        core.path.write_text(synced(root_manifest, core))
        ws.console.say(f"{path} was changed; look at it with `git diff {path}`")


def collection() -> Collection:
    """Return the collection `manifests`, whose default checks."""
    found = Collection("manifests")
    found.add_task(check)
    found.add_task(sync)
    return found
