"""The rules in the admin: listed, written, tried on the past, put in force, taken back."""
