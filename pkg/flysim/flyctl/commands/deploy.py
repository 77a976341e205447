"""`deploy`."""

from pkg.flysim.flyctl.deploy.run import deploy

__all__ = ["deploy"]
