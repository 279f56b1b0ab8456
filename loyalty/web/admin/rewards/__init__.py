"""The catalogue, for those who fill it: rewards, their pictures and their stock."""
