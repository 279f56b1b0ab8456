"""What came in: every participation as it was judged, with the whole why."""
