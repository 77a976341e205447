"""What the contract session says when it could compare nothing."""

from __future__ import annotations

import pytest

NOTHING = "no real flyctl on PATH: NOTHING WAS COMPARED"


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it loudly, once, at the end."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(NOTHING in str(report.longrepr) for report in skipped):
        terminalreporter.write_sep("!", f"contract: {NOTHING}", red=True, bold=True)
        terminalreporter.write_line(
            "Put the pinned one there (inv tools.install-flyctl) and run `nox -s contract` again."
        )
