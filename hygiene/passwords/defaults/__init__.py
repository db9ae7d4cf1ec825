"""Users and passwords with which vendors deliver their products: a list of our own, and lists that are handed in."""
