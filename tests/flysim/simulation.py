"""A simulated Fly for tests: one app, a clock that tests move, and the requests that they make most."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pkg.flysim.platform import Platform, Response

TOKEN = "fo1_test"
START = "2026-11-24T07:34:50Z"
HTTP_SERVICE = {"internal_port": 8080, "checks": [{"type": "http", "path": "/status"}]}

Json = dict[str, Any]


class Simulation:
    """A platform with the app `demo`, and short names for what tests ask of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.platform = Platform(folder)
        self.control(apps=["demo"], clock={"mode": "virtual", "now": START})

    def control(self, **settings: object) -> Json:
        return self.platform.control(settings)

    def advance(self, seconds: float) -> None:
        self.control(clock={"advance": seconds})

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: dict[str, str] | None = None,
        token: str | None = TOKEN,
        nonce: str | None = None,
    ) -> Response:
        return self.platform.request(method, path, query=query, body=body, token=token, nonce=nonce)

    def get(self, path: str, **query: str) -> Any:
        """The body of a successful answer."""
        return self._body(self.request("GET", path, query=query))

    def post(self, path: str, body: object = None, **query: str) -> Any:
        """The body of a successful answer."""
        return self._body(self.request("POST", path, body, query=query))

    def put(self, path: str, body: object = None) -> Any:
        """The body of a successful answer."""
        return self._body(self.request("PUT", path, body))

    def delete(self, path: str, **query: str) -> Any:
        """The body of a successful answer."""
        return self._body(self.request("DELETE", path, query=query))

    def ask(self, operation: str, **variables: object) -> Json:
        """The whole answer to a GraphQL operation."""
        answer: Json = self.post("/graphql", {"operation": operation, "variables": variables})
        return answer

    def machine(self, tag: str = "v1", *, app: str = "demo", region: str = "syd", **more: object) -> str:
        """Make a machine with a checked service; its id."""
        skip_launch = bool(more.pop("skip_launch", False))
        config = {"image": f"registry.fly.io/{app}:{tag}", "services": [HTTP_SERVICE], **more}
        body = {"config": config, "region": region, "skip_launch": skip_launch}
        return str(self.post(f"/v1/apps/{app}/machines", body)["id"])

    def see(self, machine: str) -> Json:
        """A machine as it is now."""
        seen: Json = self.get(f"/v1/apps/demo/machines/{machine}")
        return seen

    def state(self, machine: str) -> str:
        return str(self.see(machine)["state"])

    def check(self, machine: str) -> str:
        """What the machine's check says."""
        return str(self.see(machine)["checks"][0]["status"])

    def events(self, machine: str) -> list[tuple[str, str]]:
        """Type and status of a machine's events, oldest first."""
        return [(event["type"], event["status"]) for event in reversed(self.see(machine)["events"])]

    @staticmethod
    def _body(response: Response) -> Any:
        assert response.status < 300, response
        return response.body


@contextmanager
def simulation(folder: Path) -> Iterator[Simulation]:
    """A simulation that is closed again."""
    made = Simulation(folder)
    try:
        yield made
    finally:
        made.platform.close()
