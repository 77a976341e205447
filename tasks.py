"""Every task of this repo: `inv --list`."""

from invoke import Collection

from pkg.sandbox import cli as sandbox

ns = Collection(sandbox.collection())
