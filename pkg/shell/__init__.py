"""Running programs safely: errors, redaction, environment, runner, console, and the tasks' edge."""
