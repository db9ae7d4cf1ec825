"""The keywords of sshd_config: how each is read, which value counts, and where it may stand, by version."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from hygiene.openssh import values
from hygiene.openssh.values import Reader
from hygiene.openssh.version import Version

Release = tuple[int, int]
_EVER: Release = (0, 0)
_FOREVER: Release = (999, 0)


class Taking(enum.Enum):
    """What a line does to the lines of the same keyword before it, within one pass over the files."""

    FIRST = "first"  # the first line counts
    LAST = "last"
    ADD = "add"  # every argument of every line is a value of its own


@dataclass(frozen=True, slots=True)
class Keyword:
    """One setting that `sshd -T` prints. `read` is None where lines.py has a rule for this keyword alone."""

    name: str
    default: str | tuple[str, ...] | None = None  # as upstream prints it; None: nothing, or defaults.py knows more
    read: Reader | None = None  # of all arguments; for ADD, of each
    taking: Taking = Taking.FIRST
    since: Release = _EVER
    match: Release = _FOREVER  # the first release that lets it stand in a Match block
    copied: Release = _EVER  # the first release in which it counts there
    printed: bool = True  # False: `sshd -T` says nothing about it when it is unset

    def in_match(self, version: Version) -> bool:
        """True when a line of it may stand in a Match block that does not match; else sshd does not start."""
        if self.name == "pamservicename" and (version.major, version.minor) == (10, 4):
            return False  # servconf.h of 10.4 alone
        return version.since(*self.match)

    def counts_in_match(self, version: Version) -> bool:
        """True when its value in a Match block replaces the one outside (copy_set_server_options in servconf.c)."""
        if self.name == "pamservicename" and version.since(10, 4):
            return False
        return self.in_match(version) and version.since(*self.copied)


def _flag(name: str, default: str, since: Release = _EVER, match: Release = _FOREVER) -> Keyword:
    return Keyword(name, default, lambda words: values.choice(words, ("yes", "no")), since=since, match=match)


def _choice(
    name: str, default: str, choices: Sequence[str], same: dict[str, str] | None = None, match: Release = _FOREVER
) -> Keyword:
    def read(words: Sequence[str]) -> str:
        value = values.choice(words, choices)
        return (same or {}).get(value, value)

    return Keyword(name, default, read, match=match)


def _number(name: str, default: str, since: Release = _EVER, match: Release = _FOREVER) -> Keyword:
    return Keyword(name, default, values.number, since=since, match=match)


def _time(name: str, default: str, match: Release = _FOREVER) -> Keyword:
    return Keyword(name, default, values.seconds, match=match)


def _path(name: str, default: str | None = "none", since: Release = _EVER, match: Release = _FOREVER) -> Keyword:
    return Keyword(name, default, values.path, since=since, match=match)


def _word(name: str, default: str | None = "none", since: Release = _EVER, match: Release = _FOREVER) -> Keyword:
    return Keyword(name, default, values.one, since=since, match=match)


def _list(name: str, since: Release = _EVER, match: Release = _FOREVER, copied: Release = _EVER) -> Keyword:
    """A list that is not printed when it is empty, and that lines.py reads."""
    return Keyword(name, None, None, Taking.ADD, since, match, copied, printed=False)


def _algorithms(name: str, since: Release = _EVER, match: Release = _FOREVER) -> Keyword:
    return Keyword(name, None, None, since=since, match=match)


_LEVELS = ("quiet", "fatal", "error", "info", "verbose", "debug", "debug1", "debug2", "debug3")
_FACILITIES = ("daemon", "user", "auth", "authpriv", *(f"local{i}" for i in range(8)))
_FORWARDING = ("yes", "all", "no", "remote", "local")


def _upper(choices: Sequence[str]) -> Reader:
    def read(words: Sequence[str]) -> str:
        value = values.choice(words, choices)
        return "DEBUG" if value == "debug1" else value.upper()  # log_level_name() finds the first name of a level

    return read


_ANY = _EVER  # in a Match block in every release that is known here

# in the order of dump_config() in servconf.c of 9.2
KEYWORDS: tuple[Keyword, ...] = (
    Keyword("port", ("22",), values.port, Taking.ADD),
    _choice("addressfamily", "any", ("inet", "inet6", "any")),
    Keyword("listenaddress", None, None, Taking.ADD),
    _flag("usepam", "no"),
    _word("pamservicename", "sshd", since=(9, 8), match=(9, 8)),
    _time("logingracetime", "120"),
    _number("x11displayoffset", "10", match=_ANY),
    _number("maxauthtries", "6", match=_ANY),
    _number("maxsessions", "10", match=_ANY),
    _time("clientaliveinterval", "0", match=(7, 4)),
    _number("clientalivecountmax", "3", match=(7, 4)),
    _number("requiredrsasize", "1024", since=(9, 1), match=(9, 1)),
    Keyword("streamlocalbindmask", "0177", values.octal, Taking.LAST, match=_ANY, copied=(7, 3)),
    Keyword("unusedconnectiontimeout", "none", None, since=(9, 2), match=(9, 2)),
    _choice(
        "permitrootlogin",
        "without-password",
        ("without-password", "prohibit-password", "forced-commands-only", "yes", "no"),
        {"prohibit-password": "without-password"},
        match=_ANY,
    ),
    _choice("ignorerhosts", "yes", ("yes", "no", "shosts-only"), match=(8, 3)),
    _flag("ignoreuserknownhosts", "no"),
    _flag("hostbasedauthentication", "no", match=_ANY),
    _flag("hostbasedusesnamefrompacketonly", "no", match=_ANY),
    _flag("pubkeyauthentication", "yes", match=_ANY),
    _flag("kerberosauthentication", "no", match=_ANY),
    _flag("kerberosorlocalpasswd", "yes"),
    _flag("kerberosticketcleanup", "yes"),
    _flag("gssapiauthentication", "no", match=_ANY),
    _flag("gssapicleanupcredentials", "yes"),
    _flag("gssapidelegatecredentials", "yes", since=(10, 3)),
    _flag("gssapikeyexchange", "no"),
    _flag("gssapistrictacceptorcheck", "yes"),
    _flag("gssapistorecredentialsonrekey", "no"),
    _word("gssapikexalgorithms", None),
    _flag("passwordauthentication", "yes", match=_ANY),
    _flag("kbdinteractiveauthentication", "yes", match=_ANY),
    _flag("printmotd", "yes"),
    _flag("printlastlog", "yes"),
    _flag("x11forwarding", "no", match=_ANY),
    _flag("x11uselocalhost", "yes", match=_ANY),
    _flag("permittty", "yes", match=_ANY),
    _flag("permituserrc", "yes", match=_ANY),
    _flag("strictmodes", "yes"),
    _flag("tcpkeepalive", "yes"),
    _flag("permitemptypasswords", "no", match=_ANY),
    _choice("compression", "yes", ("yes", "delayed", "no"), {"delayed": "yes"}),
    _choice("gatewayports", "no", ("yes", "no", "clientspecified"), match=_ANY),
    _flag("usedns", "no"),
    _choice("allowtcpforwarding", "yes", _FORWARDING, {"all": "yes"}, match=_ANY),
    _flag("allowagentforwarding", "yes", match=_ANY),
    _flag("disableforwarding", "no", since=(7, 4), match=(7, 4)),
    _choice("allowstreamlocalforwarding", "yes", _FORWARDING, {"all": "yes"}, match=_ANY),
    Keyword(
        "streamlocalbindunlink",
        "no",
        lambda words: values.choice(words, ("yes", "no")),
        match=_ANY,
        copied=(7, 3),
    ),
    Keyword("fingerprinthash", "SHA256", _upper(("md5", "sha256")), Taking.LAST),
    _flag("exposeauthinfo", "no", since=(7, 6), match=(7, 6)),
    _flag("refuseconnection", "no", since=(9, 9), match=(9, 9)),
    _flag("debianbanner", "yes", since=(9, 6)),
    Keyword("warnweakcrypto", "true", None, since=(10, 6)),
    _path("pidfile", None),
    _path("modulifile", "/etc/ssh/moduli", since=(8, 6)),
    _path("xauthlocation", None),
    _algorithms("ciphers"),
    _algorithms("macs"),
    _path("banner", match=_ANY),
    Keyword("forcecommand", "none", None, match=_ANY),
    Keyword("chrootdirectory", "none", values.none_or, match=_ANY),
    _path("trustedusercakeys", match=_ANY),
    Keyword("revokedkeys", "none", None, match=_ANY),
    Keyword("securitykeyprovider", "internal", None, since=(8, 2)),
    Keyword("authorizedprincipalsfile", "none", None, match=_ANY),
    Keyword("versionaddendum", "none", None),
    Keyword("authorizedkeyscommand", "none", None, match=_ANY),
    _word("authorizedkeyscommanduser", match=_ANY),
    Keyword("authorizedprincipalscommand", "none", None, match=_ANY),
    _word("authorizedprincipalscommanduser", match=_ANY),
    Keyword("hostkeyagent", "none", None),
    _algorithms("kexalgorithms"),
    _algorithms("casignaturealgorithms", since=(7, 9), match=(7, 9)),
    _algorithms("hostbasedacceptedalgorithms", match=_ANY),
    _algorithms("hostkeyalgorithms"),
    _algorithms("pubkeyacceptedalgorithms", match=_ANY),
    _word("rdomain", since=(7, 7), match=(7, 7)),
    Keyword("loglevel", "INFO", _upper(_LEVELS), match=(7, 6)),
    Keyword("syslogfacility", "AUTH", _upper(_FACILITIES)),
    Keyword("authorizedkeysfile", ".ssh/authorized_keys .ssh/authorized_keys2", None, match=_ANY),
    Keyword("hostkey", None, values.path, Taking.ADD),
    Keyword("hostcertificate", None, values.path, Taking.ADD, printed=False),
    _list("allowusers", match=_ANY),
    _list("denyusers", match=_ANY),
    _list("allowgroups", match=_ANY),
    _list("denygroups", match=_ANY),
    _list("acceptenv", match=_ANY),
    Keyword("setenv", None, None, since=(7, 8), match=(7, 8), copied=(8, 5), printed=False),
    Keyword("authenticationmethods", "any", None, match=_ANY),
    Keyword("logverbose", None, None, since=(8, 5), match=(8, 5), printed=False),
    Keyword("channeltimeout", None, None, since=(9, 2), match=(9, 2), printed=False),
    _list("subsystem", match=(9, 5)),
    Keyword("maxstartups", None, None),
    Keyword("persourcemaxstartups", "none", None, since=(8, 5)),
    Keyword("persourcenetblocksize", "32:128", None, since=(8, 5)),
    Keyword("persourcepenalties", None, None, since=(9, 8)),
    _word("persourcepenaltyexemptlist", since=(9, 8)),
    Keyword(
        "permittunnel",
        "no",
        lambda words: values.exact_choice(words, ("no", "point-to-point", "ethernet", "yes")),
        match=_ANY,
    ),
    Keyword("ipqos", None, None, match=_ANY),
    Keyword("rekeylimit", None, None, match=_ANY),
    Keyword("permitopen", "any", None, match=_ANY),
    Keyword("permitlisten", "any", None, since=(7, 8), match=(7, 8)),
    Keyword("permituserenvironment", "no", values.one),
    Keyword("pubkeyauthoptions", "none", None, since=(8, 2), match=(8, 2)),
    _path("sshdsessionpath", None, since=(9, 8)),
    _path("sshdauthpath", None, since=(10, 0)),
    Keyword("agentsocketpath", "user:.ssh/agent", None, since=(10, 6), match=(10, 6)),
)
BY_NAME = {keyword.name: keyword for keyword in KEYWORDS}

# two settings until 8.6, which are printed as two lines; here one, as since 8.7
CHALLENGE_RESPONSE = _flag("challengeresponseauthentication", "yes")

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
_GLOBAL_ALIASES = ("hostdsakey", "dsaauthentication", "keepalive")
_NEW_NAMES = ("hostbasedacceptedalgorithms", "pubkeyacceptedalgorithms")  # 8.5

# taken and without effect, in one version or another (sDeprecated, sIgnore and sUnsupported in servconf.c)
_WITHOUT_EFFECT = frozenset(
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
_WITHOUT_EFFECT_IN_MATCH = frozenset(("authorizedkeysfile2", "rhostsrsaauthentication", "rsaauthentication"))
_GONE_10_4 = frozenset(("pamauthenticationviakbdint",))

# keywords of patched builds that say nothing of who may log in; whether a Match block may hold them is not known
_PATCHED = frozenset(
    (
        "debianbanner",
        "gssapidelegatecredentials",
        "gssapienablek5users",
        "kerberosuniqueccache",
        "kerberosusekuserok",
        "printadduser",
        "showpatchlevel",
    )
)


def find(word: str, version: Version) -> tuple[Keyword | None, bool] | None:
    """The setting that a keyword of the file stands for, and whether a Match block may hold it.

    None for the setting: sshd takes the line, and it changes nothing here. None: sshd does not know the keyword.
    """
    name = word.lower()
    if name in _WITHOUT_EFFECT:
        if name in _GONE_10_4 and version.since(10, 4):
            return None
        return None, name in _WITHOUT_EFFECT_IN_MATCH
    if name == "skeyauthentication" and version.since(7, 8) and not version.since(8, 7):
        return None, False
    if name in ("challengeresponseauthentication", "skeyauthentication") and not version.since(8, 7):
        return CHALLENGE_RESPONSE, False
    if name == "rdomain" and version.since(8, 3):
        return None, True  # for OpenBSD alone; elsewhere sshd does not start with it
    if name in _NEW_NAMES and not version.since(8, 5):
        return None
    keyword = BY_NAME.get(ALIASES.get(name, name))
    if keyword is None or not version.since(*keyword.since):
        return (None, name != "debianbanner") if name in _PATCHED else None
    return keyword, keyword.in_match(version) and name not in _GLOBAL_ALIASES
