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


KNOWN = (
    Variable(
        "FLY_API_TOKEN",
        "you, `.envrc`, CI",
        "the token that flyctl uses; a `FlyV1 …` value holds a space: quote it",
    ),
    Variable("FLY_ACCESS_TOKEN", "you", "read by flyctl before `FLY_API_TOKEN`; set one of them, not both"),
    Variable("FLY_APP", "you", "read by flyctl where a command names no app; tasks name one always"),
    Variable(
        "FLY_SANDBOX",
        "`inv sandbox`",
        "state folder of the simulated Fly; while it is set, every task runs on the simulation",
    ),
    Variable(
        "FLY_NO_UPDATE_CHECK", "the tasks", "always `1`: flyctl stays at its pin and does not replace itself"
    ),
    Variable(
        "FLY_METRICS_BASE_URL",
        "you, `inv sandbox.serve`",
        "takes the place of `https://api.fly.io` for metrics; `https://`, or a port of this machine; in the "
        "sandbox the simulation's own metrics are asked for, whatever this says",
    ),
    Variable("FLY_TICK", "you", "seconds between two looks at the machines; 2 by default"),
    Variable(
        "FLYCTL_INSTALL",
        "you",
        "where flyctl's own installer puts it, and replaces it: tools are never installed below it",
    ),
    Variable(
        "FLYSIM_STATE",
        "`inv sandbox`",
        "where the simulated flyctl keeps its state; without it that program refuses to run",
    ),
    Variable("FLYSIM_RECORD", "tests", "`1`: the simulated flyctl keeps each argv that it is given"),
    Variable("FLY_PROCESS_GROUP", "Fly, in a machine", "the machine's process group"),
    Variable("PRIMARY_REGION", "Fly, in a machine", "the manifest's region"),
    Variable("RELEASE_COMMAND", "Fly, in a machine", "`1` in the machine that runs the release command"),
    Variable("FLY_STANDBY_FOR", "Fly, in a machine", "the machines that this one stands by for"),
    Variable(
        "INFRA_TOOLS_CACHE", "you", "where tools are kept by version; by default the user's cache folder"
    ),
    Variable(
        "INFRA_TOOLS_MIRROR", "you", "takes the place of `https://github.com` when tools are downloaded"
    ),
    Variable(
        "INFRA_TOOLS_API", "you", "takes the place of GitHub's API when `inv tools.pin` asks for digests"
    ),
    Variable(
        "HTTPS_PROXY",
        "you",
        "the proxy for `https://`: downloads, metrics, a registry's answer; also in small letters",
    ),
    Variable("HTTP_PROXY", "you", "the proxy for `http://`; this machine's own ports are reached without"),
    Variable("ALL_PROXY", "you", "the proxy where neither `HTTPS_PROXY` nor `HTTP_PROXY` is set"),
    Variable("NO_PROXY", "you", "hosts that are reached without the proxy; also in small letters"),
    Variable("SSL_CERT_FILE", "you", "the certificates to trust, for a proxy with one of its own"),
    Variable("CGO_ENABLED", "the tasks", "`0` when Go builds a tool, so that it needs no C compiler"),
    Variable("KO_DOCKER_REPO", "the tasks", "where ko pushes: `registry.fly.io/<app>`"),
    Variable("KO_CONFIG_PATH", "the tasks", "`core/.ko.yaml`, whatever the shell says"),
    Variable(
        "REPLICA_URL",
        "a tenant's manifest",
        "where Litestream replicates to; a folder when the tenant runs here",
    ),
    Variable("PC_NO_SERVER", "the tasks, a tenant's image", "`1`: process-compose opens no port of its own"),
    Variable("GITHUB_OUTPUT", "GitHub's CI", "the file that hands a token to a job's later steps, masked"),
    Variable("CI", "CI", "set: a personal token is refused, and nobody is asked"),
    Variable("HOME", "the system", "where `inv onboard` looks for the shell's own settings"),
    Variable("SHELL", "the system", "which shell `inv onboard` tells how to load direnv"),
    Variable("USER", "the system", "who ran it, in the journal"),
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
