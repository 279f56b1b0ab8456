"""A believable station: Radio Lumière, its fans and their last ninety days, all of it through the real flows."""

from loyalty.seed.story import DAYS, FANS, SEED, Progress, seed

__all__ = ["DAYS", "FANS", "SEED", "Progress", "seed"]
