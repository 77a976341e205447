"""The simulated Fly: one platform, and two doors onto it (the fake `flyctl`, and HTTP on loopback)."""
