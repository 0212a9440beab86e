"""LiveAgent's API v3: the only place that knows its paths, letters and habits."""
