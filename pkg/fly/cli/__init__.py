"""The tasks of `fly`: a module each, imported when a command line names it."""

from collections.abc import Callable

from invoke import Collection

TASKS = ("status", "deploy", "plan", "logs", "metrics", "report", "doctor", "whoami")
GROUPS = ("machines", "releases", "secrets", "certs", "volumes", "tokens", "manifests")


def collection(named: Callable[[str], bool] = lambda _: True) -> Collection:
    """Return the collection `fly`.

    Args:
        named: says of a task or group, as `fly.machines`, whether it is needed; by default all are.
    """
    from importlib import import_module

    found = Collection("fly")
    for name in filter(lambda name: named(f"fly.{name}"), TASKS):
        found.add_task(getattr(import_module(f"pkg.fly.cli.{name}"), name))
    for group in filter(lambda group: named(f"fly.{group}"), GROUPS):
        found.add_collection(import_module(f"pkg.fly.cli.{group}").collection())
    return found
