"""Pinned tools: what this repo runs, fetched once, verified, and put side by side."""
