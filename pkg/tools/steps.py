"""The steps of an installation, told to whoever watches: tests stop or break the work at each of them."""

from collections.abc import Callable
from typing import Literal

Step = Literal[
    "locked",  # nobody else installs this version now
    "answered",  # the head of the server's answer is here
    "writing",  # a piece of the archive is about to be written
    "verified",  # the archive is complete and its digest is right
    "unpacking",  # a piece of a member is about to be written
    "made",  # all files are in the staging folder, and the program's digest is right
    "recorded",  # the record of the files is beside them, all of it on the disk
    "set aside",  # what stood there damaged is moved away
    "placed",  # the staging folder has its final name
    "linking",  # the new link is made, beside the old one
    "linked",  # and has replaced it
]

Steps = Callable[[Step], None]


def unwatched(_: Step) -> None:
    """Watch nothing."""
