"""The repo's own files, and the simulation."""

from pkg.fly.manifest import find_all, read
from pkg.fly.mirror import all_findings
from pkg.onboard.check import Finding
from pkg.shell.workspace import Workspace

PASSED = "tour-passed"


def manifests(ws: Workspace) -> Finding:
    """Every manifest is valid, and the mirrored ones agree."""
    found = [read(path) for path in find_all(ws.root)]
    wrong = next((finding for finding in all_findings(found, ws.root) if finding.grave), None)
    if wrong:
        return Finding(ok=False, detail=wrong.found, fix=wrong.fix, command=False)
    return Finding(ok=True, detail=f"{len(found)} manifests are valid")


def tour(ws: Workspace) -> Finding:
    """A day on the simulated Fly was seen once."""
    if ws.sandbox:
        return Finding(ok=True, detail="this is the simulation; the tour is `inv sandbox.tour`")
    passed = (ws.root / ".fly" / PASSED).exists()
    return Finding(passed, "passed" if passed else "not passed yet")
