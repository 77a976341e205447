"""What the shell offers when Tab is pressed: tasks, options, and what they take. README.md says how."""
