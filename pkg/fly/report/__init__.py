"""A page that shows how everything is: gathered at once, and written as one file that needs nothing else."""
