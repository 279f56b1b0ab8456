"""What senders delivered, what became of it, and the senders themselves."""
