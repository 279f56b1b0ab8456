"""What senders sent us, kept once, as it came."""
