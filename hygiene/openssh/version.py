"""Which OpenSSH a host runs, and whose build it is."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass


class Vendor(enum.StrEnum):
    """Who built the sshd: builds differ in patches that decide logins."""

    DEBIAN = "debian"
    UBUNTU = "ubuntu"
    REDHAT = "redhat"
    OTHER = "other"  # without patches that matter here

    @property
    def takes_private_groups(self) -> bool:
        """True when StrictModes lets a group write that has nobody but the owner in it.

        Debian's and Ubuntu's patch user-group-modes.patch, in every release since 2000.
        """
        return self in (Vendor.DEBIAN, Vendor.UBUNTU)


@dataclass(frozen=True, slots=True)
class Version:
    """OpenSSH `major.minor`, its portable patch level, and the builder; ordered by age."""

    major: int
    minor: int
    patch: int = 0
    vendor: Vendor | None = None  # None: it is not named, and may be any

    def __lt__(self, other: Version) -> bool:
        return (self.major, self.minor, self.patch) < (other.major, other.minor, other.patch)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}p{self.patch}" if self.patch else f"{self.major}.{self.minor}"

    def since(self, major: int, minor: int) -> bool:
        """True for `major.minor` and everything newer."""
        return (self.major, self.minor) >= (major, minor)


_NUMBER = r"(\d{1,3})\.(\d{1,3})(?:\.\d{1,3})?(?:_?p(\d{1,3}))?"
_NAMED = re.compile(rf"(?<![\w-])OpenSSH_{_NUMBER}(?![.\d])([^\r\n]*)")
_PACKAGE = re.compile(rf"(?:(\d{{1,3}}):)?{_NUMBER}(?![.\d])(.*)")
_LONGEST = 4096  # bytes of hostile text that are looked at; real ones have less than 200


def from_banner(text: str) -> Version | None:
    """Read an SSH identification, with or without `SSH-2.0-`; None when it is not OpenSSH.

    `OpenSSH_for_Windows_9.5` gives None: it keeps keys and permissions by other rules.
    """
    match = _NAMED.fullmatch(text[:_LONGEST].strip().removeprefix("SSH-2.0-"))
    return _version(match[1], match[2], match[3], _vendor(match[4])) if match else None


def from_output(text: str) -> Version | None:
    """Read what `sshd -V` prints, or the usage text of those that do not know -V (before 9.2).

    Debian 12 prints `OpenSSH_9.2, OpenSSL ...`: the builder is then not known, and the package or banner tells it.
    """
    match = _NAMED.search(text[:_LONGEST])
    return _version(match[1], match[2], match[3], _vendor(match[4])) if match else None


def from_package(text: str) -> Version | None:
    """Read the version of the openssh-server package of dpkg, rpm or apk; None when it is not understood.

    `1:9.2p1-2+deb12u10` is Debian's (Debian's openssh has the epoch 1), `8.7p1-38.el9_4.1` Red Hat's.
    """
    match = _PACKAGE.fullmatch(text[:_LONGEST].strip())
    if match is None:
        return None
    vendor = _vendor(match[5])
    if vendor in (None, Vendor.OTHER) and match[1] == "1":
        vendor = Vendor.DEBIAN
    return _version(match[2], match[3], match[4], vendor)


def _version(major: str, minor: str, patch: str | None, vendor: Vendor | None) -> Version:
    return Version(int(major), int(minor), int(patch or 0), vendor)


def _vendor(rest: str) -> Vendor | None:
    low = rest.partition(",")[0].strip().lower()
    if "ubuntu" in low:
        return Vendor.UBUNTU
    if "debian" in low or "raspbian" in low or "+deb" in low:
        return Vendor.DEBIAN
    if re.search(r"\.(?:el|fc|amzn)\d", low):
        return Vendor.REDHAT
    return Vendor.OTHER if low else None
