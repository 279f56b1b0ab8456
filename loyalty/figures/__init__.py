"""What happened on each day, counted once and kept: what overviews and plots are drawn from."""
