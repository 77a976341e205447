"""Proving that a database's replica is good: a row goes in, a restored copy must have it."""
