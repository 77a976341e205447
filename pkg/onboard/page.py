"""The checklist as docs/onboarding.md shows it."""

from collections.abc import Sequence

from pkg.onboard.check import Check


def markdown(checks: Sequence[Check]) -> str:
    """Return the checklist as a table.

    Args:
        checks: the checklist, in its order.
    """
    lines = ["| step | why | the fix, when it is red |", "| --- | --- | --- |"]
    for check in checks:
        fix = f"`{check.fix}`" if check.command else check.fix.replace("|", "\\|")
        lines.append(
            f"| {check.name} | {check.why} | {fix}{' (by itself with `--fix`)' if check.safe else ''} |"
        )
    return "\n".join(lines)
