"""Every task of this repo: `inv --list`."""

from invoke import Collection

from pkg.docs import cli as docs
from pkg.fly import cli as fly
from pkg.ko import cli as ko
from pkg.litestream import cli as litestream
from pkg.onboard import cli as onboard
from pkg.processcompose import cli as processcompose
from pkg.sandbox import cli as sandbox
from pkg.tools import cli as tools

fly_tasks = fly.collection(replication=litestream.replication)
fly_tasks.add_task(litestream.litestream)

ns = Collection(
    fly_tasks,
    ko.collection(),
    processcompose.collection(),
    sandbox.collection(),
    tools.collection(),
    docs.collection(),
    fly.history,
    onboard.onboard,
)
