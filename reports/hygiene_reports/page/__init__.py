"""The HTML page in pieces: numbers asked of the fleet, escaped markup, plots, sections."""
