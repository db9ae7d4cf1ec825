"""The releases whose sshd the tests ask, by the version of that sshd.

Every tree costs about 100 MB and two minutes once; the default run takes the oldest stable that people install today,
`DEFAULT`, and the rest is for the long suites. What the archives no longer hold cannot be had this way: OpenSSH before
7.2 (Ubuntu 14.04 and older, Red Hat's 6.6 and 7.4) and Debian 9 and 10.
"""

from __future__ import annotations

from collections.abc import Mapping

from .tree import PACKAGES, Recipe, this_release

DEFAULT = "9.2"

_DEBIAN = """\
Types: deb
URIs: http://deb.debian.org/debian
Suites: {suites}
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
_DEBIAN_SECURITY = """
Types: deb
URIs: http://deb.debian.org/debian-security
Suites: {suite}-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
Check-Valid-Until: no
"""
_UBUNTU = """\
Types: deb
URIs: http://archive.ubuntu.com/ubuntu
Suites: {suite} {suite}-updates
Components: main universe
Signed-By: {{keyring}}
Check-Valid-Until: no
"""
# usr-is-merged is younger than these releases
_OLDER_PACKAGES = tuple(package for package in PACKAGES if package != "usr-is-merged")


def _debian(suite: str, *, security: bool = True, packages: tuple[str, ...] = PACKAGES) -> Recipe:
    own = this_release()
    if own.release == suite:
        return own
    sources = _DEBIAN.format(suites=suite) + (_DEBIAN_SECURITY.format(suite=suite) if security else "")
    return Recipe(suite, packages, sources)


def _ubuntu(suite: str, *, merged: bool = True) -> Recipe:
    return Recipe(suite, _OLDER_PACKAGES, _UBUNTU.format(suite=suite), ubuntu=True, merged=merged)


RELEASES: Mapping[str, Recipe] = {
    "7.2": _ubuntu("xenial", merged=False),
    "7.6": _ubuntu("bionic", merged=False),
    "8.2": _ubuntu("focal"),
    "8.4": _debian("bullseye", packages=_OLDER_PACKAGES),
    "8.9": _ubuntu("jammy"),
    "9.2": _debian("bookworm"),
    "9.6": _ubuntu("noble"),
    "9.9": _ubuntu("plucky"),
    "10.0": _debian("trixie"),
    "10.2": _ubuntu("resolute"),
    "10.6": _debian("sid", security=False),  # the newest there is; it moves on
}
