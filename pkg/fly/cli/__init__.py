"""The tasks of `fly`, and `history`: thin, and quick to import, since every `inv` imports them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from invoke import Collection

from pkg.fly.cli.deploy import deploy
from pkg.fly.cli.doctor import doctor
from pkg.fly.cli.history import history
from pkg.fly.cli.logs import logs
from pkg.fly.cli.metrics import metrics
from pkg.fly.cli.plan import plan
from pkg.fly.cli.report import report
from pkg.fly.cli.status import status
from pkg.fly.cli.whoami import whoami

if TYPE_CHECKING:
    from pkg.fly.deploy import Replication

__all__ = ["collection", "history"]

GROUPS = ("machines", "releases", "secrets", "certs", "volumes", "tokens", "manifests")


def collection(
    replication: "Replication | None" = None, named: Callable[[str], bool] = lambda _: True
) -> Collection:
    """Return the collection `fly`.

    Args:
        replication: proves the replica of an app with volumes after a deploy; None for no proof.
        named: says of a group, as `fly.machines`, whether it is needed; by default all are.
    """
    from importlib import import_module

    found = Collection("fly")
    for each in (status, deploy, plan, logs, metrics, report, doctor, whoami):
        found.add_task(each)
    for group in filter(lambda group: named(f"fly.{group}"), GROUPS):
        found.add_collection(import_module(f"pkg.fly.cli.{group}").collection())
    found.configure({"fly": {"replication": replication}})
    return found
