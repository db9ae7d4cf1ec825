"""The formats of providers, one file each; `FORMATS` is their order, the surest first."""

from __future__ import annotations

from hygiene.identities.format import Format
from hygiene.identities.providers import atlassian, aws, entra, github, gitlab, google, keycloak, okta

FORMATS: tuple[Format, ...] = (
    aws.FORMAT,
    entra.FORMAT,
    okta.USERS,
    okta.ENROLLMENT,
    okta.USAGE,
    google.USERS,
    google.REPORT,
    keycloak.FORMAT,
    gitlab.FORMAT,
    github.FORMAT,
    atlassian.FORMAT,
)
