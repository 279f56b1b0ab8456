"""The animations the station hosts: one file for each kind, and the stage that opens them and keeps fans' parts."""
