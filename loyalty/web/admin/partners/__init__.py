"""Partners, for those who make and part with them: places, devices, enrolments."""
