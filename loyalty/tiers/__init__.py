"""Tiers: the ladder of ranks, who stands on which step, until when, and how that came to be."""
