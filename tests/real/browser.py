"""A headless Chromium, driven by its own driver over HTTP (https://www.w3.org/TR/webdriver2/)."""

import base64
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.real.conftest import answers, missing, running, wait_for

# Quiet, without a screen, without anything that it would ask the network for by itself.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> tuple[str, str]:
    """Return the browser and its driver; the test is skipped, or failed in CI, when they are not there."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    driver = shutil.which("chromedriver")
    if not found or not driver:
        missing("chromium with its driver", "apt-get install chromium chromium-driver")
    return str(found), str(driver)


class Browser:
    """One window."""

    def __init__(self, client: httpx.Client, session: str) -> None:
        self._client = client
        self._session = session

    def open(self, page: Path) -> None:
        self._ask("POST", "/url", {"url": page.as_uri()})

    def look(self, *, width: int, height: int = 900, dark: bool = False, phone: bool = False) -> None:
        """Give the window a size, a colour scheme, and a touch screen or none."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
        self.cdp("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.cdp("Emulation.setEmulatedMedia", features=[scheme])

    def run(self, script: str) -> Any:
        """Return what a script returns."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": []})

    def picture(self, path: Path) -> Path:
        """Take a picture of the whole page."""
        taken = self.cdp("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        path.write_bytes(base64.b64decode(taken["data"]))
        return path

    def log(self) -> list[dict[str, Any]]:
        """What the console of the page said since the last time."""
        found: list[dict[str, Any]] = self._ask("POST", "/se/log", {"type": "browser"})
        return found

    def cdp(self, command: str, **parameters: Any) -> Any:
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def _ask(self, method: str, path: str, body: object) -> Any:
        answer = self._client.request(method, f"/session/{self._session}{path}", json=body)
        assert answer.status_code == 200, answer.text[:2000]
        return answer.json()["value"]


@contextmanager
def browser(folder: Path, port: int) -> Iterator[Browser]:
    """Have a browser with a profile of its own."""
    program, driver = chromium()
    profile, log = folder / "profile", folder / "driver.log"
    address = f"http://127.0.0.1:{port}"
    options = {"binary": program, "args": [*FLAGS, f"--user-data-dir={profile}"]}
    wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
    with (
        running([driver, f"--port={port}"], log, env={**os.environ, "HOME": str(folder)}),
        httpx.Client(base_url=address, timeout=60, trust_env=False) as client,
    ):
        wait_for(lambda: answers(f"{address}/status"), "chromedriver", log)
        made = client.post("/session", json={"capabilities": {"alwaysMatch": wanted}})
        assert made.status_code == 200, made.text[:2000]
        session = made.json()["value"]["sessionId"]
        try:
            yield Browser(client, session)
        finally:
            client.delete(f"/session/{session}")
