"""The keywords of sshd_config: how each is read and printed, and what holds without it, by version and vendor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hygiene.openssh import values
from hygiene.openssh.version import Version

Reader = Callable[[Sequence[str]], str]
_Release = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword. Exactly one of the ways to read it holds."""

    name: str
    default: str | tuple[str, ...] | None = None  # None: not printed, or known to no rule here
    read: Reader | None = None  # one value
    gathers: bool = False  # every argument of every line is a value of its own
    first_line: bool = False  # all arguments of the first line, joined by blanks
    raw: bool = False  # the rest of the line as it stands
    last_wins: bool = False  # a later line replaces an earlier one, against the rule
    since: _Release = (0, 0)
    printed: bool = True  # False: `sshd -T` says nothing about it when it is unset


def _flag(name: str, default: str, since: _Release = (0, 0)) -> Keyword:
    return Keyword(name, default, lambda words: values.choice(words, ("yes", "no")), since=since)


def _choice(name: str, default: str, choices: Sequence[str], same: dict[str, str] | None = None) -> Keyword:
    def read(words: Sequence[str]) -> str:
        value = values.choice(words, choices)
        return (same or {}).get(value, value)

    return Keyword(name, default, read)


def _number(name: str, default: str, since: _Release = (0, 0)) -> Keyword:
    return Keyword(name, default, values.number, since=since)


def _time(name: str, default: str) -> Keyword:
    return Keyword(name, default, values.seconds)


def _name(name: str, default: str | None = "none", since: _Release = (0, 0)) -> Keyword:
    return Keyword(name, default, _none_in_lower_case, since=since)


def _none_in_lower_case(words: Sequence[str]) -> str:
    value = values.one(words)
    return "none" if value.lower() == "none" else value


def _unused_connection_timeout(words: Sequence[str]) -> str:
    value = values.one(words)
    text = "0" if value.lower() == "none" else values.seconds(words)
    return "none" if text == "0" else text


_LEVELS = ("quiet", "fatal", "error", "info", "verbose", "debug", "debug1", "debug2", "debug3")
_FACILITIES = ("daemon", "user", "auth", "authpriv", *(f"local{i}" for i in range(8)))
_TUNNELS = ("no", "point-to-point", "ethernet", "yes")
_FORWARDING = ("yes", "all", "no", "remote", "local")


def _upper(choices: Sequence[str]) -> Reader:
    def read(words: Sequence[str]) -> str:
        value = values.choice(words, choices)
        return "DEBUG" if value == "debug1" else value.upper()  # log_level_name() finds the first name of a level

    return read


# in the order of dump_config() in servconf.c of 9.2
KEYWORDS: tuple[Keyword, ...] = (
    Keyword("port", ("22",), values.port, gathers=True),
    _choice("addressfamily", "any", ("inet", "inet6", "any")),
    Keyword("listenaddress", None, gathers=True),
    _flag("usepam", "no"),
    Keyword("pamservicename", "sshd", values.one, since=(9, 8)),
    _time("logingracetime", "120"),
    _number("x11displayoffset", "10"),
    _number("maxauthtries", "6"),
    _number("maxsessions", "10"),
    _time("clientaliveinterval", "0"),
    _number("clientalivecountmax", "3"),
    _number("requiredrsasize", "1024", since=(9, 1)),
    Keyword("streamlocalbindmask", "0177", values.octal, last_wins=True),
    Keyword("unusedconnectiontimeout", "none", _unused_connection_timeout, since=(9, 2)),
    _choice(
        "permitrootlogin",
        "without-password",
        ("without-password", "prohibit-password", "forced-commands-only", "yes", "no"),
        {"prohibit-password": "without-password"},
    ),
    _choice("ignorerhosts", "yes", ("yes", "no", "shosts-only")),
    _flag("ignoreuserknownhosts", "no"),
    _flag("hostbasedauthentication", "no"),
    _flag("hostbasedusesnamefrompacketonly", "no"),
    _flag("pubkeyauthentication", "yes"),
    _flag("kerberosauthentication", "no"),
    _flag("kerberosorlocalpasswd", "yes"),
    _flag("kerberosticketcleanup", "yes"),
    _flag("gssapiauthentication", "no"),
    _flag("gssapicleanupcredentials", "yes"),
    _flag("gssapikeyexchange", "no"),
    _flag("gssapistrictacceptorcheck", "yes"),
    _flag("gssapistorecredentialsonrekey", "no"),
    _name("gssapikexalgorithms", None),
    _flag("passwordauthentication", "yes"),
    _flag("kbdinteractiveauthentication", "yes"),
    _flag("printmotd", "yes"),
    _flag("printlastlog", "yes"),
    _flag("x11forwarding", "no"),
    _flag("x11uselocalhost", "yes"),
    _flag("permittty", "yes"),
    _flag("permituserrc", "yes"),
    _flag("strictmodes", "yes"),
    _flag("tcpkeepalive", "yes"),
    _flag("permitemptypasswords", "no"),
    _choice("compression", "yes", ("yes", "delayed", "no"), {"delayed": "yes"}),
    _choice("gatewayports", "no", ("yes", "no", "clientspecified")),
    _flag("usedns", "no"),
    _choice("allowtcpforwarding", "yes", _FORWARDING, {"all": "yes"}),
    _flag("allowagentforwarding", "yes"),
    _flag("disableforwarding", "no"),
    _choice("allowstreamlocalforwarding", "yes", _FORWARDING, {"all": "yes"}),
    _flag("streamlocalbindunlink", "no"),
    Keyword("fingerprinthash", "SHA256", _upper(("md5", "sha256")), last_wins=True),
    _flag("exposeauthinfo", "no"),
    _flag("refuseconnection", "no", since=(9, 9)),
    _name("pidfile", None),
    _name("modulifile", "/etc/ssh/moduli", since=(8, 6)),
    _name("xauthlocation", None),
    _name("ciphers", None),
    _name("macs", None),
    _name("banner"),
    Keyword("forcecommand", "none", raw=True),
    _name("chrootdirectory"),
    _name("trustedusercakeys"),
    _name("revokedkeys"),
    _name("securitykeyprovider", "internal", since=(8, 2)),
    _name("authorizedprincipalsfile"),
    Keyword("versionaddendum", "none", raw=True),
    Keyword("authorizedkeyscommand", "none", raw=True),
    _name("authorizedkeyscommanduser"),
    Keyword("authorizedprincipalscommand", "none", raw=True),
    _name("authorizedprincipalscommanduser"),
    _name("hostkeyagent"),
    _name("kexalgorithms", None),
    _name("casignaturealgorithms", None),
    _name("hostbasedacceptedalgorithms", None),
    _name("hostkeyalgorithms", None),
    _name("pubkeyacceptedalgorithms", None),
    Keyword("loglevel", "INFO", _upper(_LEVELS)),
    Keyword("syslogfacility", "AUTH", _upper(_FACILITIES)),
    Keyword("authorizedkeysfile", ".ssh/authorized_keys .ssh/authorized_keys2", first_line=True),
    Keyword(
        "hostkey",
        ("/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ecdsa_key", "/etc/ssh/ssh_host_ed25519_key"),
        values.one,
        gathers=True,
    ),
    Keyword("hostcertificate", None, values.one, gathers=True, printed=False),
    Keyword("allowusers", None, gathers=True, printed=False),
    Keyword("denyusers", None, gathers=True, printed=False),
    Keyword("allowgroups", None, gathers=True, printed=False),
    Keyword("denygroups", None, gathers=True, printed=False),
    Keyword("acceptenv", None, gathers=True, printed=False),
    Keyword("setenv", None, gathers=True, printed=False),
    Keyword("authenticationmethods", "any", first_line=True),
    Keyword("logverbose", None, first_line=True, printed=False),
    Keyword("channeltimeout", None, first_line=True, since=(9, 2), printed=False),
    Keyword("subsystem", None, gathers=True, printed=False),
    Keyword("maxstartups", "10:30:100", values.max_startups, last_wins=True),
    Keyword("persourcemaxstartups", "none", _none_in_lower_case, since=(8, 5), last_wins=True),
    Keyword("persourcenetblocksize", "32:128", values.one, since=(8, 5), last_wins=True),
    Keyword("persourcepenalties", None, first_line=True, since=(9, 8)),
    _name("persourcepenaltyexemptlist", since=(9, 8)),
    Keyword("permittunnel", "no", lambda words: values.choice(words, _TUNNELS)),
    Keyword("ipqos", None, first_line=True, last_wins=True),
    Keyword("rekeylimit", "0 0", values.rekey_limit),
    Keyword("permitopen", "any", first_line=True),
    Keyword("permitlisten", "any", first_line=True),
    Keyword("permituserenvironment", "no", values.one),
    Keyword("pubkeyauthoptions", "none", first_line=True, since=(8, 2)),
    _name("sshdsessionpath", None, since=(9, 8)),
    _name("sshdauthpath", None, since=(10, 0)),
)
BY_NAME = {keyword.name: keyword for keyword in KEYWORDS}

ALIASES = {
    "hostdsakey": "hostkey",
    "hostbasedacceptedkeytypes": "hostbasedacceptedalgorithms",
    "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
    "dsaauthentication": "pubkeyauthentication",
    "challengeresponseauthentication": "kbdinteractiveauthentication",
    "skeyauthentication": "kbdinteractiveauthentication",
    "keepalive": "tcpkeepalive",
    "gssusesessionccache": "gssapicleanupcredentials",
    "rsaminsize": "requiredrsasize",  # Red Hat's name before 9.1
}

# taken and without effect, in one version or another (sDeprecated, sIgnore and sUnsupported in servconf.c)
WITHOUT_EFFECT = frozenset(
    (
        "afstokenpassing",
        "authorizedkeysfile2",
        "checkmail",
        "kerberosgetafstoken",
        "kerberostgtpassing",
        "keyregenerationinterval",
        "pamauthenticationviakbdint",
        "protocol",
        "reversemappingcheck",
        "rhostsauthentication",
        "rhostsrsaauthentication",
        "rsaauthentication",
        "serverkeybits",
        "uselogin",
        "useprivilegeseparation",
        "verifyreversemapping",
    )
)

# keywords of patched builds that say nothing of who may log in
PATCHED = frozenset(
    (
        "debianbanner",
        "gssapidelegatecredentials",
        "gssapienablek5users",
        "kerberosuniqueccache",
        "kerberosusekuserok",
        "printadduser",
        "rdomain",
        "showpatchlevel",
    )
)


_BY_VENDOR = ("pidfile", "xauthlocation", "ipqos", "gssapikeyexchange", "gssapistorecredentialsonrekey")


def defaults(keyword: Keyword, version: Version) -> tuple[str, ...] | None:
    """What `sshd -T` prints for a keyword that no file sets; empty: nothing; None: not known."""
    if not keyword.printed:
        return ()
    if version.vendor is None and keyword.name in _BY_VENDOR:
        return None
    debian = version.vendor is not None and version.vendor.takes_private_groups
    match keyword.name:
        case "permitrootlogin" if version.since(10, 1):
            return ("prohibit-password",)
        case "pidfile":
            return ("/run/sshd.pid",) if debian and version.since(8, 0) else ("/var/run/sshd.pid",)
        case "xauthlocation":
            return ("/usr/bin/xauth",) if debian else None
        case "ipqos" if debian:  # debian/patches/revert-ipqos-defaults.patch
            return ("lowdelay throughput",) if not version.since(10, 1) else None
        case "ipqos":
            return ("ef cs0",) if version.since(10, 1) else ("af21 cs1",)
        case "gssapikeyexchange" | "gssapistorecredentialsonrekey" if not debian:
            return ()
        case _ if keyword.default is None:
            return None
    return (keyword.default,) if isinstance(keyword.default, str) else keyword.default
