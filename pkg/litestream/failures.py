"""Why a replica is not proven good: one class a reason, each with what it means and what to do."""

import re

from pkg.litestream.place import Answer
from pkg.shell.errors import Failure


class Unproven(Failure):
    """The replica is not proven good; the subclasses say why.

    Args:
        what: what failed, in one line.
        answer: what the command answered that told it.
    """

    means = "nobody knows whether this database could be brought back"
    remedy = "read what it says; `inv fly.logs` shows the daemon's own lines"
    # The same for a tenant that runs here; empty where it is the same.
    remedy_here = "read what it says; the tenant's terminal shows the daemon's own lines"

    def __init__(self, what: str, answer: Answer | None = None) -> None:
        super().__init__(what, command=answer.argv if answer else (), meaning=self.means, fix=self.remedy)
        self.said = "\n".join(answer.stderr.strip().splitlines()[-5:]) if answer else ""

    def details(self) -> list[tuple[str, str]]:
        """Return the labelled lines, with the command's last words."""
        ran, *rest = super().details()
        return [ran, ("said", self.said), *rest]


class LitestreamMissing(Unproven):
    """There is no Litestream, or no sqlite3, where the database is."""

    means = "the check needs litestream and sqlite3 beside the database"
    remedy = "put both into the image (processcompose/README.md, convention `image`)"
    remedy_here = "install both: `inv tools.install litestream`, and sqlite3 with your package manager"


class LitestreamTooOld(Unproven):
    """Litestream is there and lacks what the check needs."""

    means = "older versions cannot wait for a sync, or check what they restore"
    remedy = "pin a newer one in the Dockerfile and deploy it"
    remedy_here = "./dev inv tools.install litestream"


class DaemonDead(Unproven):
    """Nobody answers on the control socket."""

    means = "nothing is replicated since the daemon stopped; `litestream status` says ok all the same"
    remedy = "`inv fly.logs` shows why it ended; litestream.yml needs socket.enabled: true; then restart it"
    remedy_here = (
        "litestream.yml needs socket.enabled: true; stop the tenant and start it anew: `inv tenants.up`"
    )


class NotManaged(Unproven):
    """The daemon does not replicate this database."""

    means = "the daemon runs with another configuration than this litestream.yml"
    remedy = "deploy the image that has this litestream.yml"
    remedy_here = "stop the tenant and start it anew: `inv tenants.up`"


class ReplicaRefused(Unproven):
    """The store does not let the daemon in."""

    means = "the store refuses the key: nothing new reaches the replica"
    remedy = "set LITESTREAM_ACCESS_KEY_ID and LITESTREAM_SECRET_ACCESS_KEY anew with `inv fly.secrets.set`"
    remedy_here = "correct the permissions of the replica's folder; then run the check again"


class ReplicaUnreachable(Unproven):
    """The network, or the store, is away."""

    means = "nothing new reaches the replica until the store is back"
    remedy = "look at REPLICA_URL and at the store's status page; then run the check again"
    remedy_here = "look at REPLICA_URL in litestream.yml; then run the check again"


class ReplicaGone(Unproven):
    """The store answers, and what should be in it is not."""

    means = "the replica cannot be restored from: with the volume, the data would be lost"
    remedy = "check REPLICA_URL and the bucket; `litestream reset` there, and a restart, copy all anew"
    remedy_here = "`litestream reset` beside the database, and a new start of the tenant, copy all anew"


class DiskFull(Unproven):
    """There is no room for the replica, or for the copy."""

    means = "there is no room left where this was written"
    remedy = "make room, or the volume larger (`inv fly.volumes.extend`); then run the check again"
    remedy_here = "make room on this disk; then run the check again"


class DatabaseReplaced(Unproven):
    """The file that the daemon has open is not the one at its path any more."""

    means = "the daemon copies a file that nobody writes to: new rows reach no replica"
    remedy = "restart the machine, so that Litestream opens the new file; then run the check again"
    remedy_here = "start the tenant anew, so that Litestream opens the new file; then run the check again"


class Behind(Unproven):
    """The replica has not caught up."""

    means = "what was written last is not in the replica"
    remedy = "run the check again; if it stays so, `inv fly.logs` shows what the daemon waits for"
    remedy_here = "run the check again; if it stays so, the tenant's terminal shows what the daemon waits for"


class DatabaseDamaged(Unproven):
    """The database itself, not its copy, is no sound database."""

    means = "the database is damaged; its replica may be the only good copy"
    remedy = "stop the app before it writes more, then restore (docs/runbooks)"
    remedy_here = "stop the tenant before it writes more, then restore (docs/runbooks)"


class Damaged(Unproven):
    """The restored copy is no sound database."""

    means = "the replica cannot be restored from: what comes back is damaged"
    # A reset alone does not do: the daemon goes on from what the store has (seen of 0.5.18; tests/real).
    remedy = (
        "keep the volume safe (a snapshot) and move the replica's files away; then `litestream reset` there, "
        "and a restart, copy all anew"
    )
    remedy_here = (
        "keep a copy of the database and move the replica's files away; then `litestream reset`, and a new "
        "start, copy all anew"
    )


class Gap(Damaged):
    """The replica lacks a file in between, so that nothing after it can be restored."""

    means = "the replica cannot be restored from: files are missing in it, and what follows them is of no use"


class SentinelLost(Unproven):
    """The copy is sound and lacks what was just written."""

    means = "the replica belongs to another database than the one in use"
    remedy = "compare the paths in litestream.yml with the app's, restart the machine, run the check again"
    remedy_here = (
        "compare the paths in litestream.yml with the app's, start the tenant anew, run the check again"
    )


# In order: the first that matches tells. Seen of Litestream 0.5.18 by breaking it on purpose (tests/real).
_SIGNS: tuple[tuple[str, type[Unproven] | None], ...] = (
    (r"executable file not found|was not found on PATH", LitestreamMissing),
    (r"no space left|disk is full", DiskFull),
    (r"failed to connect to control socket", DaemonDead),
    (r"database not found|not found in store|unknown database", NotManaged),
    (
        r"SignatureDoesNotMatch|InvalidAccessKeyId|AccessDenied|ExpiredToken|StatusCode: 40[13]",
        ReplicaRefused,
    ),
    (r"refresh cached credentials|no EC2 IMDS role|permission denied", ReplicaRefused),
    (r"no such host|connection re(?:fused|set)|network is unreachable|StatusCode: 5\d\d", ReplicaUnreachable),
    (r"non-?contiguous", Gap),
    (r"integrity check|malformed|file is not a database|checksum|\(522\)|disk I/O error", None),
    (r"NoSuchBucket|no matching backup|not a directory|no such file", ReplicaGone),
    (r"time(?:d )?out|deadline exceeded", Behind),
)


def why(answer: Answer, damage: type[Unproven]) -> type[Unproven]:
    """Return the kind of failure that a command's words are a sign of.

    Args:
        answer: what the command said.
        damage: what a damaged database means at this step: the one in use, or its copy.
    """
    if answer.code == 127:  # a shell's "command not found"
        return LitestreamMissing
    for sign, kind in _SIGNS:
        if re.search(sign, answer.stderr, re.IGNORECASE):
            return kind or damage
    return Unproven
