"""Exit codes and environment variables: the code, the reference and every page say the same of them."""

import re
from collections.abc import Iterator, Sequence
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
# A sentence may name the verdict beside the number: `exit 4, rolled-back`, or `rolled-back (exit 4)`.
_EXIT = re.compile(
    r"(?:(?P<before>[a-z-]+) \()?\b(?:exit|exits|exited) (?:with )?(?:code )?(?P<code>\d+)\b"
    r"(?:, (?P<after>[a-z-]+))?"
)
# `66 to 77`: numbers of sysexits.h, which begin at 64.
_FROM_TO = re.compile(r"\b(?P<first>6[4-9]|7\d) to (?P<last>\d{2,3})\b(?! (?:ms|s|%))")


def check_exit_codes(root: Path, pages: Sequence[Page]) -> list[Problem]:
    """Return the exit codes that the code has and the reference has not, and tables that tell another story.

    Any table with a column `exit`, and each sentence with `exit 4` in it, is held to the code's own names.
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
        found += _in_sentences(page, documented)
    return found


def _in_sentences(page: Page, documented: set[str]) -> Iterator[Problem]:
    names = {row.name: str(row.code) for row in EXIT_CODES}
    for line, text in page.sentences:
        for said in _EXIT.finditer(text):
            code = said["code"]
            named = [name for name in (said["before"], said["after"]) if name in names]
            if code not in documented:
                yield Problem(page.name, line, f"there is no exit code {code}")
            elif named and names[named[0]] != code:
                yield Problem(page.name, line, f"{named[0]} is exit code {names[named[0]]}, not {code}")
        for said in _FROM_TO.finditer(text):
            yield from (
                Problem(page.name, line, f"there is no exit code {code}")
                for code in said.groups()
                if code not in documented
            )


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
