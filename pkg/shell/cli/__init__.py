"""The edge to Invoke: what was typed, and how a task ends."""

from pkg.shell.cli.arguments import count_operands
from pkg.shell.cli.command_line import checked, named
from pkg.shell.cli.edge import Task, end, root, task, workspace

__all__ = ["Task", "checked", "count_operands", "end", "named", "root", "task", "workspace"]
