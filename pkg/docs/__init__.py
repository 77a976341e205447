"""Documentation that cannot drift: pages, checks of what they say, and generated parts."""
