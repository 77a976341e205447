"""The simulated flyctl: grammar, commands and rendering, a client of the platform in the same process."""
