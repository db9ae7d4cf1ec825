"""What the modules of Linux-PAM return in the account stage: one room of models, each from its module's source.

A model answers for one call (`Question`) with all that may come back. A module without one may return anything.
"""
