"""The environment variables of this project, said once: shown in the reference, held against the code."""

from typing import NamedTuple


class Variable(NamedTuple):
    """An environment variable.

    Attributes:
        name: as it is set.
        who: who sets it, in a word or two.
        meaning: what it does here.
    """

    name: str
    who: str
    meaning: str


VARIABLES = (
    Variable(
        "FLY_API_TOKEN",
        "you, `.envrc`, CI",
        "the token that flyctl uses; a `FlyV1 …` value holds a space: quote it",
    ),
    Variable("FLY_ACCESS_TOKEN", "you", "read by flyctl before `FLY_API_TOKEN`; set one of them, not both"),
    Variable(
        "FLY_SANDBOX",
        "`inv sandbox`",
        "state folder of the simulated Fly; while it is set, every task runs on the simulation",
    ),
    Variable(
        "FLY_NO_UPDATE_CHECK", "the tasks", "always `1`: flyctl stays at its pin and does not replace itself"
    ),
    Variable(
        "FLYSIM_STATE",
        "`inv sandbox`",
        "where the simulated flyctl keeps its state; without it that program refuses to run",
    ),
    Variable("NO_COLOR", "you", "any value: no colour, no live lines"),
    Variable("TERM", "the terminal", "`dumb`: as `NO_COLOR`"),
    Variable(
        "PATH", "you, `.envrc`", "where programs are found; in the sandbox the simulated flyctl comes first"
    ),
    Variable(
        "DIRENV_DIR", "direnv", "left out when direnv is asked again, since it answers with a difference"
    ),
    Variable("DIRENV_DIFF", "direnv", "says that this shell has loaded an `.envrc` already"),
)

# Words in the code that look like variables and are none.
OTHER_WORDS: dict[str, str] = {
    "CERTIFICATE_VERIFY_FAILED": "OpenSSL's word for a certificate that is not trusted",
}
