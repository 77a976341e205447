"""What needs an account: 1Password, and flyctl's token."""

from pkg.fly import tokens
from pkg.fly.connect import TOKENS, connect
from pkg.fly.manifest import find_all, read
from pkg.onboard.check import Finding
from pkg.shell.errors import Failure, Interrupted
from pkg.shell.workspace import Workspace
from pkg.tools.inventory import look


def signed_in(ws: Workspace) -> Finding:
    """1Password answers, where a reference needs it."""
    if not any(value.startswith("op://") for value in ws.environment.variables.values()):
        return Finding(ok=True, detail="not needed: no value is a 1Password reference")
    op = look(ws, "op")
    if not op.sound:
        return Finding(ok=False, detail=f"op {op.version}: {op.state}", fix=op.next, command=False)
    result = ws.runner.capture(["op", "whoami"], timeout=30, terminal=True)
    return Finding(result.code == 0, "signed in" if result.code == 0 else "not signed in")


def token_accepted(ws: Workspace) -> Finding:
    """Fly takes the token."""
    return Finding(ok=True, detail=connect(ws).whoami().email)


def token_scoped(ws: Workspace) -> Finding:
    """The token can do what this repo needs, and no more."""
    text = next((value for name in TOKENS if (value := ws.environment.get(name))), "")
    found = tokens.kind(text)
    wrong = tokens.problems(found, tokens.Policy(ci=True), now=ws.clock.now())
    return Finding(not wrong, "; ".join(wrong) or found.words)


def reads_apps(ws: Workspace) -> Finding:
    """The token reads every app that a manifest of the repo names; one for deploys of one app does not."""
    flyctl = connect(ws)
    done, failed = [], []
    for app in dict.fromkeys(read(path).app for path in find_all(ws.root)):
        try:
            flyctl.status(app)
            done.append(app)
        except Interrupted:
            raise
        except Failure as failure:
            failed.append(f"{app} is not read: {failure.what}")
    return Finding(not failed, "; ".join(failed) or f"reads {', '.join(done)}")
