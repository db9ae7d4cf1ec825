"""Which OpenSSH a host runs: by hand, by the daemon that answered, by its program or its package."""

from __future__ import annotations

from dataclasses import replace

from hygiene.facts.ledger import Ledger
from hygiene.facts.seen import Seen, plain
from hygiene.model import AreaName
from hygiene.openssh import version
from hygiene.openssh.version import Vendor, Version

_VENDORS = {"debian": Vendor.DEBIAN, "raspbian": Vendor.DEBIAN, "ubuntu": Vendor.UBUNTU}
_VENDORS |= dict.fromkeys(("rhel", "centos", "rocky", "almalinux", "fedora", "ol", "amzn"), Vendor.REDHAT)
_QUOTES = str.maketrans("", "", "\"'")
_PACKAGES = ("openssh-server", "openssh")


def release(seen: Seen, ledger: Ledger) -> Version | None:
    """Give the version that decides: given by hand, else the daemon's that answered us, else what is installed."""
    evidence = seen.evidence
    found = version.from_package(evidence.sshd_version) if evidence.sshd_version else None
    found = found or (version.from_banner(evidence.server_version) if evidence.server_version else None)
    found = found or version.from_output(plain(seen.text("sshd_version") or b"")) or package(seen)
    found = found or version.from_output(plain(seen.text("sshd_binary") or b""))
    if found is None:
        ledger.partial(
            AreaName.SSHD,
            "the version of sshd is unknown: a key counts as accepted when any version accepts it"
            + ("; give it with --sshd-version" if evidence.offline else ""),
        )
        return None
    if found.vendor is not None:
        return found
    installed = package(seen)
    return replace(found, vendor=installed.vendor if installed is not None else _vendor(seen))


def package(seen: Seen) -> Version | None:
    """Give the version of the installed package of dpkg, apk or rpm; None when none is there, or understood."""
    for line in plain(seen.text("sshd_package") or b"").splitlines():
        label, colon, value = line.partition(":")
        if colon and label in ("Version", "V"):
            return version.from_package(value.strip())
        name, _, value = line.partition(" ")
        if name in _PACKAGES:  # rpm has `(none)` for no epoch
            return version.from_package(value.strip().removeprefix("(none):"))
    return None


def _vendor(seen: Seen) -> Vendor | None:
    """Whose builds the system takes, by ID and ID_LIKE of os-release(5); None when it does not say."""
    fields = dict(line.partition("=")[::2] for line in plain(seen.text("os-release") or b"").splitlines())
    systems = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".translate(_QUOTES).lower().split()
    return next((_VENDORS[system] for system in systems if system in _VENDORS), Vendor.OTHER if systems else None)
