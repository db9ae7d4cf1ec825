"""The tables of configurations."""
