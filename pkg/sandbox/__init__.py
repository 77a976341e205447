"""The simulated Fly as tasks use it: entering it, seeding it, breaking it, and a tour of a day."""
