"""Publishing core's image with ko, and knowing which image that is and where it runs."""

# The manifests of the apps that run core's image, as `-c` takes them, in the order in which they get it.
APPS = ("", "core")
