"""Policy: thresholds, severities, accepted gaps and the baseline turn findings into verdicts."""
