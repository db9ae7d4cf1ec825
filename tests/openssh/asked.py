"""What the tests ask a host of the lab before they trust its answers, and the releases that they ask."""

from __future__ import annotations

import pytest
from lab.fleet import Lab
from lab.releases import DEFAULT, RELEASES

from hygiene.openssh.version import Version, from_package

# one by default; the others need their trees, which `make prove` builds
EVERY_RELEASE = [pytest.param(name, marks=() if name == DEFAULT else pytest.mark.prove) for name in RELEASES]


def settings_for_tests(release: str) -> str:
    """What lets a test try many logins, whose outcome depends on nothing but keys."""
    penalties = tuple(map(int, release.split("."))) >= (9, 8)
    return "UsePAM no\n" + ("PerSourcePenalties no\n" if penalties else "")


def installed(lab: Lab, host: str) -> Version:
    """The OpenSSH of a host, by its package: what sshd says of itself leaves the vendor out."""
    command = ["/usr/bin/dpkg-query", "-W", "-f", "${Version}", "openssh-server"]
    version = from_package(lab.exec_root(host, command).stdout.decode())
    assert version is not None
    return version
