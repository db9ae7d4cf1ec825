"""With what one gets into an account, and how many factors that is. For now the plain cases; all else is unknown."""
