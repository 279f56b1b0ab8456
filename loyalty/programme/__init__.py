"""The station's programme: its name, its time zone, its shows."""
