"""What to type next, as it must be typed: on the simulation, a pasted command must not meet the real Fly."""

import re

# Of the other groups no task asks Fly; onboarding is about the real one.
_TASK = re.compile(r"\binv (?=(?:core|fly|history|tenants)\b)")
# A command, not the program in a sentence: at the start of a line, quoted, or after a colon.
_FLYCTL = re.compile(
    r"((?<=`)|(?<=: )|(?<=next:  )|^ *)flyctl (?="
    r"(?:apps|auth|certs|checks|config|deploy|image|ips|logs|machines?|orgs|platform|releases|scale|secrets"
    r"|ssh|status|tokens|volumes)\b)",
    re.MULTILINE,
)


def simulated(text: str) -> str:
    """Return words with the commands in them as they run on the simulation.

    Args:
        text: words for people; `inv fly.status` in them becomes `inv sandbox fly.status`, and a raw flyctl
            the simulated one.
    """
    return _FLYCTL.sub(r"\1inv sandbox tools.exec flyctl -- ", _TASK.sub("inv sandbox ", text))
