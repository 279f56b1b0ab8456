"""When an activity earns, and how much."""
