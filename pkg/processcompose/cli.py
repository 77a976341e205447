"""`inv tenants …`: the tenant demos. Quick to import: every `inv` does."""

from invoke import Collection, Context

from pkg.shell.cli import end, task, workspace


@task(name="list", help={"json": "as JSON"})
def listing(c: Context, *, json: bool = False) -> None:
    """List the tenants: app, processes, ports, databases."""
    from pkg.processcompose.tenant import names, read

    ws = workspace(c)
    rows: list[dict[str, str | list[str] | list[int]]] = []
    for name in names(ws.root):
        tenant, _ = read(ws.root, name)
        manifest = tenant.manifest
        rows.append(
            {
                "tenant": name,
                "app": manifest.app if manifest else "",
                "region": manifest.primary_region if manifest else "",
                "processes": sorted(tenant.processes),
                "ports": sorted(manifest.ports()) if manifest else [],
                "databases": sorted(manifest.databases().values()) if manifest else [],
            }
        )
    if json:
        ws.console.json(rows)
        return
    columns = ("tenant", "app", "region", "processes", "ports", "databases")
    ws.console.table(columns, [[_cell(row[column]) for column in columns] for row in rows])


def _cell(value: str | list[str] | list[int]) -> str:
    return value if isinstance(value, str) else ", ".join(map(str, value))


@task(help={"name": "one tenant; all of them without it", "json": "as JSON"})
def check(c: Context, *, name: str = "", json: bool = False) -> None:
    """Check the tenants' conventions: file and line of what breaks one."""
    from pkg.processcompose import conventions
    from pkg.processcompose.tenant import names, require

    ws = workspace(c)
    if name:
        require(ws.root, name)
    found = conventions.check(ws.root, name)
    if json:
        ws.console.json(found)
    else:
        for finding in found:
            ws.console.out(str(finding))
    count = 1 if name else len(names(ws.root))
    ws.console.say(f"tenants.check: {count} checked, {len(found)} broken conventions")
    end(1 if found else 0)


@task(positional=["name"], help={"name": "the tenant's folder in processcompose/"})
def up(c: Context, name: str) -> None:
    """Run a tenant here with process-compose, its data in .fly/tenants."""
    from pkg.processcompose import local
    from pkg.shell.errors import not_on_path

    ws = workspace(c)
    folder = ws.root / ".fly" / "tenants" / name
    argv, cwd, env = local.up(ws.root, name, folder)
    if not ws.dry:
        if ws.runner.which(argv[0]) is None:
            raise not_on_path(argv[0], argv)
        local.describe(folder, env)
    ws.console.say(f"{name}: its data is in {folder}, its replica beside it; Ctrl-C stops it")
    result = ws.runner.stream(argv, changes=True, cwd=cwd, env=env)
    end(result.code)


def collection() -> Collection:
    """Return the group `tenants`; by itself it lists."""
    group = Collection("tenants")
    for one in (check, up):
        group.add_task(one)
    group.add_task(listing, default=True)
    return group
