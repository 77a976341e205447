"""Fly.io from this repo: flyctl, one argv and one typed answer a verb, and the recipes made of them."""
