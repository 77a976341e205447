"""The tenant demos in processcompose/: what they are, their conventions, and how one runs here."""
