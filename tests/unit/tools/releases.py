"""A release of flyctl on loopback: its archives, its list of checksums, and what the API tells of it."""

import datetime as dt
import json
from hashlib import sha256
from typing import Any

from pkg.tools.platforms import PLATFORMS, Platform
from tests.fakes import START
from tests.unit.tools.archives import program, tar_gz, zipped
from tests.unit.tools.loopback import Server

DOWNLOADS = "/superfly/flyctl/releases/download"


def asset_name(version: str, platform: Platform) -> str:
    system = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}[platform.system]
    return f"flyctl_{version}_{system}_{platform.arch}.{'zip' if platform.system == 'windows' else 'tar.gz'}"


def binary(version: str, platform: Platform, script: bytes = b"") -> bytes:
    return (script or program(version)) + platform.key.encode()


def archive(version: str, platform: Platform, script: bytes = b"") -> bytes:
    whole = binary(version, platform, script)
    if platform.system == "windows":
        return zipped(("flyctl.exe", whole), ("wintun.dll", b"driver"))
    return tar_gz(("flyctl", whole))


class Site:
    """GitHub, as far as one version of flyctl goes. Change `api` or `listed`, then `publish` again."""

    def __init__(self, server: Server, version: str, script: bytes = b"") -> None:
        self.server, self.version = server, version
        bodies = {asset_name(version, platform): archive(version, platform, script) for platform in PLATFORMS}
        digests = {name: sha256(body).hexdigest() for name, body in bodies.items()}
        for name, body in bodies.items():
            server.put(f"{DOWNLOADS}/v{version}/{name}", body)
        self.checksums = f"flyctl_{version}_checksums.txt"
        self.listed = dict(digests)
        assets = [{"name": n, "size": len(b), "digest": f"sha256:{digests[n]}"} for n, b in bodies.items()]
        self.api: dict[str, Any] = {
            "published_at": (START - dt.timedelta(days=3)).isoformat(),
            "draft": False,
            "prerelease": False,
            "assets": [*assets, {"name": self.checksums, "size": 1, "digest": None}],
        }
        self.publish()

    def publish(self) -> None:
        text = "".join(f"{digest}  {name}\n" for name, digest in self.listed.items())
        self.server.put(f"{DOWNLOADS}/v{self.version}/{self.checksums}", text.encode())
        route = f"/repos/superfly/flyctl/releases/tags/v{self.version}"
        self.server.put(route, json.dumps(self.api).encode())

    def asset(self, platform: Platform) -> dict[str, Any]:
        """Return what the API tells of a platform's archive."""
        name = asset_name(self.version, platform)
        found: dict[str, Any] = next(asset for asset in self.api["assets"] if asset["name"] == name)
        return found

    @property
    def variables(self) -> dict[str, str]:
        return {"INFRA_TOOLS_MIRROR": self.server.url, "INFRA_TOOLS_API": self.server.url}
