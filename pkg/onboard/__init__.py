"""A new hire's checklist: each step proven, with the one fix for what fails."""
