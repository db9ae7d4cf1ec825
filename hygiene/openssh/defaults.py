"""What `sshd -T` prints for a keyword that no file sets, by version and by who built the sshd."""

from __future__ import annotations

from hygiene.openssh import algorithms
from hygiene.openssh.keywords import Keyword
from hygiene.openssh.version import Vendor, Version

_BY_VENDOR = (
    "pidfile",
    "xauthlocation",
    "ipqos",
    "gssapikeyexchange",
    "gssapistorecredentialsonrekey",
    "debianbanner",
    "sshdsessionpath",
    "sshdauthpath",
)
# debian/patches/gssapi.patch and debian-banner.patch
_DEBIAN_ALONE = ("gssapikeyexchange", "gssapistorecredentialsonrekey", "gssapikexalgorithms", "debianbanner")
# builds without Kerberos do not print them, and of the others only these have a value that is not "off"
_KERBEROS = (
    "kerberosorlocalpasswd",
    "kerberosticketcleanup",
    "gssapicleanupcredentials",
    "gssapidelegatecredentials",
    "gssapikeyexchange",
    "gssapistrictacceptorcheck",
    "gssapistorecredentialsonrekey",
)
_HOST_KEYS = tuple(f"/etc/ssh/ssh_host_{kind}_key" for kind in ("rsa", "ecdsa", "ed25519"))
_SIGNATURES = ("pubkeyacceptedalgorithms", "hostbasedacceptedalgorithms", "hostkeyalgorithms")
_CONFIGURED = ("gssapikexalgorithms", "ciphers", "macs", "kexalgorithms")  # they hang on the build's OpenSSL


def defaults(keyword: Keyword, version: Version) -> tuple[str, ...] | None:
    """The lines that are printed for the keyword; empty: none; None: not known (fill_default_server_options)."""
    debian = version.vendor is not None and version.vendor.takes_private_groups
    if keyword.name in _DEBIAN_ALONE and version.vendor is not None and not debian:
        return ()
    if keyword.name in _BY_VENDOR and version.vendor is None:
        return None
    if keyword.name in _KERBEROS and debian and version.since(10, 3):
        return None  # Debian has two packages of sshd since then, with and without
    match keyword.name:
        case "channeltimeout":
            return ("none",) if version.since(9, 3) else ()
        case _ if not keyword.printed or (keyword.name == "rdomain" and version.since(8, 3)):
            return ()
        case "permitrootlogin" if version.since(10, 1):
            return ("prohibit-password",)
        case "compression" if not version.since(7, 4):
            return None  # delayed, unless the builder took the part before the login out (CVE-2016-10012)
        case "tcpkeepalive" if version.since(10, 6):
            return ("true",)
        case "pubkeyauthoptions" if version.since(10, 6):
            return ("none max-pk-ok:6",)
        case "sshdsessionpath" | "sshdauthpath":
            return (f"/usr/lib/openssh/sshd-{keyword.name[4:-4]}",) if debian else None
        case "gssapistrictacceptorcheck":
            return _strict_acceptor(version, debian)
        case "pidfile":
            return _pid_file(version, debian)
        case "xauthlocation":
            return ("/usr/bin/xauth",) if debian else None
        case "ipqos":
            return _ip_qos(version, debian)
        case "hostkey":
            return _host_keys(version)
        case "maxstartups":
            return ("10:30:100",)
        case "rekeylimit":
            return ("0 0",)
        case "persourcepenalties":
            return _penalties(version)
        case "casignaturealgorithms":
            return None if _has_policy(version) else (",".join(algorithms.of_authorities(version)),)
        case name if name in _SIGNATURES:
            names = None if _has_policy(version) else algorithms.defaults(version)
            return (",".join(names),) if names else None
        case name if name in _CONFIGURED or keyword.default is None:
            return None
    return (keyword.default,) if isinstance(keyword.default, str) else keyword.default


def _pid_file(version: Version, debian: bool) -> tuple[str, ...] | None:
    if version.vendor is Vendor.OTHER:
        return None  # --with-pid-dir of whoever built it
    if debian and version.since(7, 3) and not version.since(7, 6):
        return None
    return ("/run/sshd.pid",) if debian and version.since(7, 6) else ("/var/run/sshd.pid",)


def _has_policy(version: Version) -> bool:
    """Red Hat 8 hands its crypto policy to sshd on the command line; Red Hat 9 in a file of the configuration."""
    return version.vendor is Vendor.REDHAT and version.since(8, 0) and not version.since(8, 7)


def _strict_acceptor(version: Version, debian: bool) -> tuple[str, ...] | None:
    if not debian and not version.since(10, 1):
        return () if version.vendor is not None else None
    return ("yes",)


def _ip_qos(version: Version, debian: bool) -> tuple[str, ...] | None:
    if version.since(10, 1):
        return ("ef cs0",)
    if debian:  # debian/patches/revert-ipqos-defaults.patch, which Debian 13 has no more
        return ("lowdelay throughput",) if not version.since(10, 0) else ("ef cs1",)
    return ("af21 cs1",) if version.since(7, 8) else ("lowdelay throughput",)


def _host_keys(version: Version) -> tuple[str, ...]:
    if version.since(10, 4):
        return (*_HOST_KEYS, "/etc/ssh/ssh_host_mldsa44_ed25519_key")
    return _HOST_KEYS if version.since(7, 7) else (_HOST_KEYS[0], "/etc/ssh/ssh_host_dsa_key", *_HOST_KEYS[1:])


PENALTIES_SINCE_9_8 = {
    "crash": "90",
    "authfail": "5",
    "noauth": "1",
    "grace-exceeded": "20",
    "max": "600",
    "min": "15",
    "max-sources4": "65536",
    "max-sources6": "65536",
    "overflow": "permissive",
    "overflow6": "permissive",
}


def penalties(version: Version) -> dict[str, str]:
    """The values of PerSourcePenalties in the order in which they are printed."""
    found = dict(PENALTIES_SINCE_9_8)
    if not version.since(9, 9):
        return found
    found["grace-exceeded"] = "10"
    order = ["crash", "authfail", "noauth", "grace-exceeded", "refuseconnection", *list(found)[4:]]
    found["refuseconnection"] = "10"
    if version.since(10, 3):
        found["invaliduser"] = "5"
        order.insert(3, "invaliduser")
    return {name: found[name] for name in order}


def _penalties(version: Version) -> tuple[str, ...]:
    return (print_penalties(penalties(version), version),)


def print_penalties(found: dict[str, str], version: Version) -> str:
    """One line of them: since 10.3 times are printed as floating point numbers."""
    times = version.since(10, 3)
    return " ".join(
        f"{name}:{float(value):.6f}" if times and not name.startswith(("max-", "overflow")) else f"{name}:{value}"
        for name, value in found.items()
    )
