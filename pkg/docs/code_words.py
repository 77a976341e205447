"""Exit codes and environment variables: the code, the reference and every page say the same of them."""

import re
from collections.abc import Sequence
from pathlib import Path

from pkg.docs import sources
from pkg.docs.pages import Page, Problem
from pkg.docs.variables import KNOWN, OTHER_WORDS
from pkg.shell.errors import EXIT_CODES

EXIT_PAGE = "docs/reference/exit-codes.md"
VARIABLE_PAGE = "docs/reference/environment.md"

_VARIABLE = re.compile(
    r"\$?(?P<name>(?:FLY|FLYCTL|FLYSIM|INFRA|OP|KO|DIRENV|GITHUB|NO)(?:_[A-Z0-9]+)+)(?:=.*)?"
)


def check_exit_codes(root: Path, pages: Sequence[Page]) -> list[Problem]:
    """Return the exit codes that the code has and the reference has not, and tables that tell another story.

    Any table with a column `exit` is held to the code's own names.
    """
    documented = {row.cells.get("exit", "") for page in pages if page.name == EXIT_PAGE for row in page.rows}
    used = [found for found in sources.exit_codes(root) if found.value not in documented]
    found = [
        Problem(where.path, where.line, f"exit code {where.value} is not in {EXIT_PAGE}") for where in used
    ]
    known = {str(row.code): row for row in EXIT_CODES}
    found += [
        Problem(EXIT_PAGE, 1, f"exit code {code} is missing") for code in sorted(set(known) - documented)
    ]
    for page in pages:
        for row in page.rows:
            code = row.cells.get("exit", "")
            name = row.cells.get("a deploy ends", "")
            if code and page.name != EXIT_PAGE and code not in documented:
                found.append(Problem(page.name, row.line, f"there is no exit code {code}"))
            elif name and code in known and known[code].name not in {name, "ok"}:
                found.append(
                    Problem(page.name, row.line, f"exit code {code} is {known[code].name}, not {name}")
                )
    return found


def check_variables(root: Path, pages: Sequence[Page]) -> list[Problem]:
    """Return the variables that code or pages name and the reference has not, and those nothing uses."""
    documented = {
        row.cells.get("variable", ""): row.line
        for page in pages
        if page.name == VARIABLE_PAGE
        for row in page.rows
    }
    used = [where for where in sources.variables(root) if where.value not in OTHER_WORDS]
    found = [
        Problem(where.path, where.line, f"the variable {where.value} is not in {VARIABLE_PAGE}")
        for where in used
        if where.value not in documented
    ]
    names = {where.value for where in used}
    found += [
        Problem(VARIABLE_PAGE, documented.get(each.name, 1), f"no code names {each.name}")
        for each in KNOWN
        if each.name not in names
    ]
    anywhere = " ".join(row.cells.get("variable", "") for page in pages for row in page.rows).split()
    for page in pages:
        for code in page.code:
            mentioned = _VARIABLE.fullmatch(code.text)
            if mentioned and mentioned["name"] not in anywhere and not code.struck:
                found.append(Problem(page.name, code.line, f"{mentioned['name']} is not in {VARIABLE_PAGE}"))
    return found
