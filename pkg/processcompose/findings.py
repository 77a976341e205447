"""What is wrong with a tenant, and where."""

import msgspec


class Finding(msgspec.Struct, frozen=True, order=True):
    """One broken convention.

    Attributes:
        path: the file, from the repo's root.
        line: the line that breaks it; 0 when it is the whole file.
        rule: the convention's name, as in processcompose/README.md.
        what: what is wrong and what to write instead.
    """

    path: str
    line: int
    rule: str
    what: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.what} [{self.rule}]"
