"""A fan loyalty rewards ledger for media brands."""

__version__ = "0.1.0"
