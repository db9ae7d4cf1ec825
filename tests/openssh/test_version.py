"""Versions: the same sshd is recognised by its banner, its own words and its package."""

from __future__ import annotations

import pytest

from hygiene.openssh.version import Vendor, Version, from_banner, from_output, from_package

BANNERS = {
    "debian": ("OpenSSH_9.2p1 Debian-2+deb12u10", Version(9, 2, 1, Vendor.DEBIAN)),
    "with-the-protocol": ("SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5\r\n", Version(9, 6, 1, Vendor.UBUNTU)),
    "raspbian": ("OpenSSH_8.4p1 Raspbian-5+deb11u1", Version(8, 4, 1, Vendor.DEBIAN)),
    "no-vendor-named": ("OpenSSH_8.7", Version(8, 7)),
    "freebsd": ("OpenSSH_9.9 FreeBSD-20250801", Version(9, 9, 0, Vendor.OTHER)),
    "two-digits": ("OpenSSH_10.0p2 Debian-7", Version(10, 0, 2, Vendor.DEBIAN)),
    "three-parts": ("OpenSSH_3.9.1p1", Version(3, 9, 1)),
    "windows-keeps-other-rules": ("OpenSSH_for_Windows_9.5", None),
    "dropbear": ("dropbear_2022.83", None),
    "something-in-front": ("NotOpenSSH_9.2", None),
    "too-many-numbers": ("OpenSSH_9.2.3.4", None),
    "empty": ("", None),
    "hostile": ("OpenSSH_" + "9" * 10_000, None),
}


@pytest.mark.parametrize(("text", "version"), BANNERS.values(), ids=BANNERS)
def test_from_banner(text: str, version: Version | None) -> None:
    assert from_banner(text) == version


OUTPUTS = {
    "sshd-V-debian-12": ("OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.20\n", Version(9, 2, 1, Vendor.DEBIAN)),
    "sshd-V-debian-12-short": ("OpenSSH_9.2, OpenSSL 3.0.9 30 May 2023\n", Version(9, 2)),
    "usage-of-8.4": (
        "unknown option -- V\nOpenSSH_8.4p1 Debian-5+deb11u3, OpenSSL 1.1.1w  11 Sep 2023\nusage: sshd [-46DdeiqTt]\n",
        Version(8, 4, 1, Vendor.DEBIAN),
    ),
    "no-sshd": ("sh: sshd: not found\n", None),
}


@pytest.mark.parametrize(("text", "version"), OUTPUTS.values(), ids=OUTPUTS)
def test_from_output(text: str, version: Version | None) -> None:
    assert from_output(text) == version


PACKAGES = {
    "debian": ("1:9.2p1-2+deb12u10", Version(9, 2, 1, Vendor.DEBIAN)),
    "debian-without-a-security-update": ("1:10.0p1-7", Version(10, 0, 1, Vendor.DEBIAN)),
    "ubuntu": ("1:9.6p1-3ubuntu13.5", Version(9, 6, 1, Vendor.UBUNTU)),
    "red-hat": ("8.7p1-38.el9_4.1", Version(8, 7, 1, Vendor.REDHAT)),
    "fedora": ("9.9p1-5.fc41", Version(9, 9, 1, Vendor.REDHAT)),
    "alpine": ("9.7_p1-r4", Version(9, 7, 1, Vendor.OTHER)),
    "suse": ("9.6p1-150600.6.12.1", Version(9, 6, 1, Vendor.OTHER)),
    "given-by-hand": ("9.2p1", Version(9, 2, 1)),
    "not-a-version": ("installed", None),
}


@pytest.mark.parametrize(("text", "version"), PACKAGES.values(), ids=PACKAGES)
def test_from_package(text: str, version: Version | None) -> None:
    assert from_package(text) == version


def test_versions_are_ordered_by_age() -> None:
    versions = [Version(10, 0, 2), Version(9, 2, 1, Vendor.DEBIAN), Version(9, 10), Version(7, 4), Version(9, 2)]
    assert [str(version) for version in sorted(versions)] == ["7.4", "9.2", "9.2p1", "9.10", "10.0p2"]
    assert Version(9, 2, 1).since(9, 2)
    assert not Version(9, 2, 1).since(9, 3)
    assert Version(10, 0).since(9, 9)


def test_only_debian_and_ubuntu_take_private_groups() -> None:
    assert [vendor for vendor in Vendor if vendor.takes_private_groups] == [Vendor.DEBIAN, Vendor.UBUNTU]
