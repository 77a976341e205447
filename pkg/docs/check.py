"""All checks of the documentation that need no running of commands, over a root folder."""

from collections.abc import Sequence
from pathlib import Path

from pkg.docs import flyctl_words, generate, links, name_words, nox_words, task_words
from pkg.docs.code_words import check_exit_codes, check_variables
from pkg.docs.commands import check_blocks
from pkg.docs.pages import Problem, read_pages
from pkg.docs.tasklist import TaskInfo


def problems(root: Path, tasks: Sequence[TaskInfo]) -> list[Problem]:
    """Return what the pages say and that is not so, in the order of the pages.

    Args:
        root: the repo's root, or a copy of it.
        tasks: the tasks that exist.
    """
    pages = read_pages(root)
    surface = flyctl_words.load_surface(root)
    sessions = nox_words.nox_sessions(root)
    flags = surface.flags() | {flag for task in tasks for option in task.options for flag in option.flags}
    return sorted(
        [
            *links.check_links(root, pages),
            *links.check_reachable(pages),
            *flyctl_words.check_flyctl(pages, surface),
            *task_words.check_tasks(pages, tasks, sessions),
            *task_words.check_flags(pages, flags),
            *task_words.check_reference(pages, tasks),
            *check_exit_codes(root, pages),
            *check_variables(root, pages),
            *name_words.check_paths(root, pages),
            *name_words.check_names(root, pages),
            *name_words.check_keys(pages),
            *name_words.check_versions(root, pages),
            *check_blocks(root, pages, tasks, sessions, surface),
            *generate.check_generated(root),
        ]
    )
