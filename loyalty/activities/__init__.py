"""What fans did: each participation recorded once, with what became of it."""
