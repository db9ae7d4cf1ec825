"""Exports of identity providers, recognised by content: people's accounts with their second factors.

No room for credentials: secrets that an export holds (Keycloak keeps hashes and seeds) are dropped while it is read.
"""
