"""Every task of this repo: `inv --list`."""

import gc
import sys
from collections.abc import Callable

from invoke import Collection

from pkg.fly.cli.history import history
from pkg.litestream import cli as litestream
from pkg.onboard.cli import onboard
from pkg.shell.cli import checked, named


def collection(wanted: Callable[[str], bool] = lambda _: True) -> Collection:
    """Return the tasks of the groups that are wanted; by default all."""
    found = Collection(history, onboard)
    # Both fly.deploy and core.promote prove the replicas of what they have deployed.
    found.configure({"fly": {"replication": litestream.replication}})
    if wanted("fly"):
        from pkg.fly import cli as fly

        tasks = fly.collection(wanted)
        if wanted("fly.litestream"):
            tasks.add_task(litestream.litestream)
        found.add_collection(tasks)
    if wanted("core"):
        from pkg.ko import cli as ko

        found.add_collection(ko.collection())
    if wanted("tenants"):
        from pkg.processcompose import cli as tenants

        found.add_collection(tenants.collection())
    if wanted("sandbox"):
        from pkg.sandbox import cli as sandbox

        found.add_collection(sandbox.collection())
    if wanted("tools"):
        from pkg.tools import cli as tools

        found.add_collection(tools.collection())
    if wanted("docs"):
        from pkg.docs import cli as docs

        found.add_collection(docs.collection())
    return found


ns = checked(collection(named(sys.argv)), collection)

# What is loaded by now stays until the end: walking through it for garbage would be a tenth of a task's time.
gc.freeze()
gc.set_threshold(50_000)
