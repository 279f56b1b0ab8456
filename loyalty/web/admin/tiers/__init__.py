"""The ladder of tiers, built and looked after."""
