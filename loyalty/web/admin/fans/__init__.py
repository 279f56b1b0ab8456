"""Fans: found, understood, helped."""
