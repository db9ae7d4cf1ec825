"""hygiene: an audit of SSH and credential hygiene."""
