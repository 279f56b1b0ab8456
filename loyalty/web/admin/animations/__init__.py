"""What the station hosts: opened with a press or two, watched while it is on, decided about when it looks strange."""
