"""A deploy under way: its options, its release, and the leases that it holds."""

from __future__ import annotations

from pkg.flysim.flyctl.deploy.configuration import Configurator, Release
from pkg.flysim.flyctl.errors import ApiFailed, Failed, Interrupted
from pkg.flysim.flyctl.machine import process_group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pkg.flysim.flyctl.call import Call

    Json = dict[str, Any]

REFRESHES = 3


class Finished(Exception):  # noqa: N818 -- no error: nothing is left that could go wrong
    """An interruption after the last machine was updated: flyctl exits 0, the release stays `running`.

    recorded: README, "Interrupted late".
    """


class Leases:
    """The leases of the machines of a deploy; they are refreshed while it waits."""

    def __init__(self, call: Call, ttl: float) -> None:
        self._call = call
        self._ttl = str(int(ttl))
        self._held: dict[str, str] = {}
        self._every = ttl / REFRESHES
        self._refreshed = call.clock.now()

    def nonce(self, machine: str) -> str | None:
        """The nonce under which a machine may be changed."""
        return self._held.get(machine)

    def acquire(self, machines: list[Json]) -> None:
        """Take the lease of each machine.

        Raises:
            Failed: somebody holds one; those taken are given back.
        """
        for machine in machines:
            try:
                answer = self._call.api.post(self._path(machine["id"]), ttl=self._ttl)
            except ApiFailed as error:
                self.release()
                raise Failed(
                    f"failed to acquire leases: failed to get lease on VM {machine['id']}: {error}"
                ) from error
            self._held[machine["id"]] = answer["data"]["nonce"]

    def refresh(self) -> None:
        """Keep the leases for longer, when a third of their time is over.

        Raises:
            Failed: one is lost.
        """
        now = self._call.clock.now()
        if now - self._refreshed < self._every:
            return
        self._refreshed = now
        for machine, nonce in self._held.items():
            try:
                self._call.api.post(self._path(machine), nonce=nonce, ttl=self._ttl)
            except ApiFailed as error:
                raise Failed(f"failed to refresh lease on VM {machine}: {error}") from error

    def forget(self, machine: str) -> None:
        """A machine that is gone needs none."""
        self._held.pop(machine, None)

    def release(self) -> None:
        """Give all leases back; one that cannot be given back runs out by itself."""
        while self._held:
            machine, nonce = self._held.popitem()
            try:
                self._call.api.delete(self._path(machine), nonce=nonce)
            except ApiFailed as error:
                self._call.say(f"WARN failed to release lease for machine {machine}: {error}")

    def _path(self, machine: str) -> str:
        return f"/v1/apps/{self._call.app}/machines/{machine}/lease"


class Deploy:
    """One deploy: what its steps share."""

    def __init__(self, call: Call, configurator: Configurator, release: Release) -> None:
        self.call = call
        self.app = call.app
        self.configurator = configurator
        self.options = configurator.options
        self.release = release
        self.leases = Leases(call, self.options.lease)
        # How many machines still wait for their update: with none, an interruption comes late.
        self.to_update = 0

    @property
    def strategy(self) -> str:
        """The strategy of the flags, else of the manifest."""
        return self.options.strategy or str(self.configurator.manifest.deploy.get("strategy", "rolling"))

    def step(self, name: str) -> None:
        """Name a step that is reached: control may let the process die there."""
        self.call.api.platform.step(f"deploy.{name}")

    def machine(self, ident: str) -> Json:
        """A machine as it is now.

        Raises:
            Failed: the API fails.
        """
        try:
            found: Json = self.call.api.get(f"/v1/apps/{self.app}/machines/{ident}")
        except ApiFailed as error:
            raise Failed(
                f"error getting machine {ident} from api: failed to get VM {ident}: {error}"
            ) from error
        return found

    def launch(self, config: Json, region: str, *, start: bool = True) -> Json:
        """Make a machine.

        Raises:
            Failed: the API refuses.
        """
        body: Json = {"config": config, "region": region, "skip_secrets": False}
        body.update({} if start else {"skip_launch": True})
        try:
            made: Json = self.call.api.post(f"/v1/apps/{self.app}/machines", body)
        except ApiFailed as error:
            raise Failed(f"error creating a new machine: failed to launch VM: {error}") from error
        return made

    def update(self, machine: Json, config: Json, *, start: bool) -> Json:
        """Give a machine a new configuration.

        Raises:
            Failed: the API refuses.
        """
        body: Json = {"config": config, "region": machine["region"], "skip_secrets": False}
        body.update({} if start else {"skip_launch": True})
        ident = machine["id"]
        try:
            changed: Json = self.call.api.post(
                f"/v1/apps/{self.app}/machines/{ident}", body, nonce=self.leases.nonce(ident)
            )
        except ApiFailed as error:
            raise Failed(f"failed to update machine {ident}: failed to update VM {ident}: {error}") from error
        return changed

    def destroy(self, machine: Json) -> None:
        """Destroy a machine that may run.

        Raises:
            Failed: the API refuses.
        """
        ident = machine["id"]
        self.call.out(
            f"machine {ident} was found and is currently in {machine['state']} state, attempting to "
            "destroy..."
        )
        try:
            self.call.api.delete(
                f"/v1/apps/{self.app}/machines/{ident}", nonce=self.leases.nonce(ident), kill="true"
            )
        except ApiFailed as error:
            raise Failed(f"could not destroy machine {ident}: {error}") from error
        self.leases.forget(ident)

    def name(self, machine: Json) -> str:
        """A machine as the lines of a deploy name it."""
        return f"{machine['id']} [{process_group(machine)}]"

    def set_status(self, status: str) -> None:
        """Say how the release fares.

        Raises:
            Failed: the API refuses.
        """
        try:
            self.call.api.request(
                "PATCH", f"/api/v1/releases/{self.release.id}", body={"status": status, "metadata": None}
            )
        except ApiFailed as error:
            raise Failed(f"failed to set release status to '{status}': {error}") from error

    def follow(self, steps: list[Any]) -> None:
        """Take the steps of a release, and record how it ends.

        Args:
            steps: functions without arguments, in their order.

        Raises:
            Failed: one failed; the release is `failed`, the leases are given back.
            Interrupted: before the last machine was updated; the release is `interrupted`, the leases run
            out.
        """
        self.set_status("running")
        self.step("running")
        try:
            for step in steps:
                step()
        except (Interrupted, KeyboardInterrupt):
            if not self.to_update:
                raise Finished from None
            self._set_final("interrupted")
            raise
        except Failed:
            self.leases.release()
            self._set_final("failed")
            raise
        self.step("before-complete")
        self.leases.release()
        self.set_status("complete")

    def _set_final(self, status: str) -> None:
        try:
            self.set_status(status)
        except Failed as error:
            self.call.say(f"WARN the release keeps its status: {error}")


def begin(call: Call, configurator: Configurator, image: str, build: int, strategy: str) -> Release:
    """Make the record of a release.

    Raises:
        Failed: the API refuses.
    """
    body = {
        "app_name": call.app,
        "build_id": build,
        "definition": configurator.manifest.definition,
        "image": image,
        "strategy": strategy.upper(),
    }
    try:
        release = call.api.post("/api/v1/releases", body)["release"]
    except ApiFailed as error:
        raise Failed(f"failed to create release: {error}") from error
    return Release(release["id"], release["version"], image)
