"""Jobs, with real workers that are killed for real."""
