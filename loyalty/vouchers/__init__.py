"""What the fan shows and the partner reads."""
