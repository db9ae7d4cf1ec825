"""Password hashes handed in: read, classified, compared, and tried with the passwords of a list.

No hash leaves this folder: what comes out is a scheme, a cost, a state, ages, row numbers, and which entry opens which.
"""
