"""What the tests ask a host of the lab before they trust its answers."""

from __future__ import annotations

from lab.fleet import Lab

from hygiene.openssh.version import Version, from_package


def installed(lab: Lab, host: str) -> Version:
    """The OpenSSH of a host, by its package: what sshd says of itself leaves the vendor out."""
    command = ["/usr/bin/dpkg-query", "-W", "-f", "${Version}", "openssh-server"]
    version = from_package(lab.exec_root(host, command).stdout.decode())
    assert version is not None
    return version
