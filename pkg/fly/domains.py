"""`docs/infra/domains.md`: a table of the hosts, kept true between two markers; prose is untouched."""

from collections.abc import Sequence
from pathlib import Path

from pkg.fly.certificates import Certificate, day
from pkg.shell.errors import BadInput, Failure

FILE = Path("docs/infra/domains.md")
BEGIN = "<!-- domains: begin, written by `inv fly.certs.docs` -->"
END = "<!-- domains: end -->"
COLUMNS = ("App", "Host", "Status", "Issuer", "Expires", "DNS records")
NONE = "No app has a host name of its own."


def render(certificates: Sequence[Certificate]) -> str:
    """Return the table, apps and hosts in order.

    Args:
        certificates: of all apps.
    """
    if not certificates:
        return NONE
    rows = [
        (one.app, one.host, one.status, one.issuer or "-", day(one.expires), _records(one))
        for one in sorted(certificates, key=lambda one: (one.app, one.host))
    ]
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def updated(text: str, table: str) -> str:
    """Return the page with another table.

    Args:
        text: the page.
        table: what shall stand between the markers.

    Raises:
        BadInput: the page has no markers, or too many; nothing else in it is touched.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise BadInput(
            f"{FILE} must have the two markers once, in order",
            meaning="without them it is not known which part of the page may be written",
            fix=f"add these lines where the table shall be: {BEGIN} and {END}",
        )
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def page(root: Path, state: Path | None = None) -> Path:
    """Return the page that is written; the sandbox has its own, so that nothing simulated gets into docs/.

    Args:
        root: the repo's root.
        state: the sandbox's state folder; None outside of it.
    """
    return state / FILE.name if state else root / FILE


def read(root: Path, state: Path | None = None) -> str:
    """Return the page's text; the sandbox's begins as the repo's.

    Raises:
        BadInput: it is missing.
    """
    for path in (page(root, state), root / FILE):
        try:
            return path.read_text()
        except FileNotFoundError:
            continue
    raise BadInput(f"{FILE} is missing", fix=f"git checkout {FILE}")


def write(root: Path, text: str, state: Path | None = None) -> None:
    """Write the page, whole or not at all.

    Raises:
        Failure: it cannot be written.
    """
    path = page(root, state)
    part = path.with_suffix(".part")
    try:
        part.write_text(text)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Failure(f"{path} cannot be written: {error.strerror}", fix="make room on the disk") from error


def difference(text: str, table: str) -> list[str]:
    """Return the rows in which the page and a table differ, `-` for the page's and `+` for the table's."""
    page = set(_rows(text.partition(BEGIN)[2].partition(END)[0]))
    fresh = set(_rows(table))
    return [f"- {row}" for row in sorted(page - fresh)] + [f"+ {row}" for row in sorted(fresh - page)]


def _rows(text: str) -> list[str]:
    """Return the rows of a table without its head: that it has one is no difference."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [line for line in lines if not line.startswith(("| ---", f"| {COLUMNS[0]} |"))]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _records(certificate: Certificate) -> str:
    shown = [
        f"{record.kind} {record.value}" if record.name == certificate.host else str(record)
        for record in certificate.records
    ]
    return "<br>".join(f"`{words}`" for words in shown) or "-"
