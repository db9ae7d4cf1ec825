"""One line of a keyword: what its arguments come to, and what they do to the lines before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hygiene.openssh import algorithms, limits, values
from hygiene.openssh.keywords import Keyword, Taking
from hygiene.openssh.parts import Part, Parts, Rule
from hygiene.openssh.sources import INVALID, address_verdict
from hygiene.openssh.values import ValueRefusedError
from hygiene.openssh.version import Vendor, Version
from hygiene.openssh.words import assembled

_METHODS = ("none", "publickey", "gssapi-with-mic", "gssapi-keyex", "password", "keyboard-interactive", "hostbased")
_ALGORITHMS_MAX = 1000  # names and patterns in one list; there are 30 algorithms
SIGNATURES = ("pubkeyacceptedalgorithms", "hostbasedacceptedalgorithms", "hostkeyalgorithms", "casignaturealgorithms")


def read(keyword: Keyword, arguments: Sequence[str], rest: str, version: Version) -> Parts:
    """Read the arguments, and the rest of the line as it stands, as this version does.

    Follows process_server_config_line_depth() in servconf.c; ValueRefusedError for what it does not take.
    """
    rule = _RULES.get(keyword.name)
    if rule is not None:
        return rule(arguments, rest, version)
    if keyword.name in SIGNATURES:
        return _signatures(keyword.name, arguments, version)
    if keyword.name in ("ciphers", "macs", "kexalgorithms"):
        return (Part(keyword.name, (_one_or_none(values.one(arguments)),)),)
    if keyword.read is None:
        raise AssertionError(keyword.name)
    reader = _OLD_READERS.get(keyword.read, keyword.read) if not version.since(7, 7) else keyword.read
    value = reader(arguments)
    if not version.since(7, 7) and value in ("yes", "no") and arguments[0] != value and _is_flag(keyword):
        raise ValueRefusedError(f'the value is "{arguments[0][:40]}", not one of yes, no')
    if keyword.name == "compression" and not version.since(7, 4) and value == "yes":
        value = None  # yes and delayed are two things, unless the builder made them one
    if keyword.name == "loglevel" and value == "QUIET" and version.vendor not in (Vendor.OTHER, Vendor.REDHAT):
        value = "SILENT" if version.vendor is not None else None  # debian/patches/syslog-level-silent.patch
    if keyword.name == "tcpkeepalive" and version.since(10, 6):
        value = "true" if value == "yes" else "false"
    if value == "yes" and keyword.name in _KERBEROS and _may_lack_kerberos(version):
        value = None
    return (Part(keyword.name, (value,), keyword.taking),)


_KERBEROS = ("gssapiauthentication", "kerberosauthentication", "gssapikeyexchange")


def _may_lack_kerberos(version: Version) -> bool:
    """True for builds that may take the keywords and do nothing: Debian has two packages since 10.3."""
    debian = version.vendor is not None and version.vendor.takes_private_groups
    return version.since(10, 3) if debian else version.vendor is not Vendor.REDHAT


_OLD_READERS: dict[values.Reader, values.Reader] = {values.number: values.loose_number}


def _is_flag(keyword: Keyword) -> bool:
    return keyword.default in ("yes", "no") and keyword.name not in (
        "compression",
        "gatewayports",
        "allowtcpforwarding",
        "allowstreamlocalforwarding",
    )


def _one_or_none(value: str) -> str | None:
    """A list of algorithms that builds differ in, when it stands for itself."""
    return None if re.search(r"[*?!]|^[-+^]", value) else value


def _signatures(name: str, arguments: Sequence[str], version: Version) -> Parts:
    value = values.one(arguments)
    if value.count(",") > _ALGORITHMS_MAX:
        return (Part(name, (None,)),)
    if not algorithms.are_valid(value, version, name == "casignaturealgorithms" and version.since(9, 4)):
        raise ValueRefusedError("the list names an algorithm that this version does not know")
    return (Part(name, (value,)),)


def _several(arguments: Sequence[str], version: Version, empty: bool = False) -> list[str]:
    """The arguments of a list. Before 8.7 an empty one ended it, and before 9.7 some lists might have none."""
    if not version.since(8, 7):
        end = list(arguments).index("") if "" in arguments else len(arguments)
        if any(arguments[end + 1 : end + 2]):
            raise ValueRefusedError("there are extra arguments at the end of the line")
        arguments = arguments[:end]
    elif "" in arguments:
        raise ValueRefusedError("there is an empty argument")
    if not arguments and (version.since(9, 7) or not empty):
        raise ValueRefusedError("the value is missing or empty")
    return list(arguments)


def _user_patterns(name: str) -> Rule:
    def read_patterns(arguments: Sequence[str], _: str, version: Version) -> Parts:
        given = _several(arguments, version, empty=True)
        for pattern in given:
            # strrchr since 10.4, strchr before (match_user in match.c)
            _, mark, hosts = pattern.rpartition("@") if version.since(10, 4) else pattern.partition("@")
            if mark and version.since(7, 4) and address_verdict(None, hosts) == INVALID:
                raise ValueRefusedError(f'the pattern "{pattern[:80]}" holds an invalid address or network')
        return (Part(name, tuple(given), Taking.ADD),)

    return read_patterns


def _words(name: str) -> Rule:
    def read_words(arguments: Sequence[str], _: str, version: Version) -> Parts:
        return (Part(name, tuple(_several(arguments, version, empty=True)), Taking.ADD),)

    return read_words


def _accept_env(arguments: Sequence[str], _: str, version: Version) -> Parts:
    given = _several(arguments, version, empty=True)
    if any("=" in name for name in given):
        raise ValueRefusedError("the name of a variable holds an equals sign")
    return (Part("acceptenv", tuple(given), Taking.ADD),)


def _set_env(arguments: Sequence[str], _: str, version: Version) -> Parts:
    given = _several(arguments, version, empty=True)
    if not all("=" in word for word in given):
        raise ValueRefusedError("a variable has no value")
    if version.since(9, 1):
        given = list({word.partition("=")[0]: word for word in reversed(given)}.values())[::-1]
    return (Part("setenv", tuple(given)),) if given else ()


def _key_files(name: str) -> Rule:
    def read_files(arguments: Sequence[str], _: str, version: Version) -> Parts:
        if name == "revokedkeys" and not version.since(10, 3):
            return (Part(name, (values.path(arguments),)),)
        given = _several(arguments, version, empty=True)
        if version.since(10, 3) and len(given) > 1 and any(word.lower() == "none" for word in given):
            raise ValueRefusedError("none does not stand alone")
        if not given:
            return ()
        # ~ is the home of root, which is not known here
        return (Part(name, (None if any(word.startswith("~") for word in given) else " ".join(given),)),)

    return read_files


def _principals_file(arguments: Sequence[str], _: str, __: Version) -> Parts:
    value = values.one(arguments)
    return (Part("authorizedprincipalsfile", (None if value.startswith("~") else value,)),)


def _security_key_provider(arguments: Sequence[str], _: str, __: Version) -> Parts:
    value = values.one(arguments)
    return (Part("securitykeyprovider", (value if value.lower() == "internal" else values.path(arguments),)),)


def _host_key_agent(arguments: Sequence[str], _: str, __: Version) -> Parts:
    value = values.one(arguments)
    return (Part("hostkeyagent", (value if value == "SSH_AUTH_SOCK" else values.path(arguments),)),)


def _methods(arguments: Sequence[str], _: str, version: Version) -> Parts:
    given = _several(arguments, version)
    if "any" in given and (len(given) > 1 or not version.since(7, 3)):
        raise ValueRefusedError('"any" does not stand alone')
    for methods in given:
        for method in methods.split(","):
            if methods != "any" and method.partition(":")[0] not in _METHODS:
                raise ValueRefusedError(f'"{method[:40]}" is no authentication method')
    return (Part("authenticationmethods", (" ".join(given),)),)


def _log_verbose(arguments: Sequence[str], _: str, version: Version) -> Parts:
    given = _several(arguments, version, empty=True)
    if version.since(8, 7) and len(given) > 1 and any(word.lower() == "none" for word in given):
        raise ValueRefusedError("none does not stand alone")
    if not version.since(8, 7):
        return (Part("logverbose", tuple(given), Taking.ADD),)
    return (Part("logverbose", (" ".join(given),)),) if given else ()


def _forwards(name: str) -> Rule:
    def read_forwards(arguments: Sequence[str], _: str, version: Version) -> Parts:
        if not arguments or not arguments[0]:
            raise ValueRefusedError("the value is missing or empty")
        if arguments[0] in ("any", "none") and (len(arguments) > 1 or not version.since(9, 7)):
            return (Part(name, (values.one(arguments),)),)
        found = []
        for index, word in enumerate(arguments):
            if not word and not version.since(9, 7):
                if index + 1 < len(arguments):
                    raise ValueRefusedError("there are extra arguments at the end of the line")
                break
            if word in ("any", "none") and index == 0:
                found.append(word)
                continue
            found.append(_forward(name, word))
        return (Part(name, (" ".join(found),)),)

    return read_forwards


def _forward(name: str, word: str) -> str:
    if name == "permitlisten" and ":" not in word:
        host, port = "*", word
    else:
        match = re.fullmatch(r"(\[[^]]*\]|[^:/]*):(.*)", word, re.DOTALL)
        if match is None:
            raise ValueRefusedError(f'"{word[:40]}" is not a host and a port')
        host, port = match[1], match[2]
    if port != "*":
        if not port.isascii() or not re.fullmatch(r"[ \t]*+[+-]?\d++", port):
            raise ValueRefusedError(f'"{word[:40]}" has no port number')
        if values.parse_number(port) > 65535:
            raise ValueRefusedError(f'"{word[:40]}" has no port number')
    return f"{host}:{port}" if name == "permitlisten" and ":" not in word else word


def _key_options(arguments: Sequence[str], _: str, version: Version) -> Parts:
    words = arguments if version.since(8, 7) else _several(arguments, version, empty=True)
    limits = [word for word in words if word.lower().startswith("max-pk-ok:") and version.since(10, 6)]
    given = {word.lower() for word in words if word not in limits}
    allowed = ("touch-required", "verify-required") if version.since(8, 4) else ("touch-required",)
    if given - {"none", *allowed}:
        raise ValueRefusedError(f"the option is not one of none, {', '.join(allowed)}")
    text = " ".join(word for word in allowed if word in given) or "none"
    for limit in limits[-1:]:
        text += f" max-pk-ok:{values.parse_number(limit.partition(':')[2])}"
    return (Part("pubkeyauthoptions", (text,)),)


def _warn_weak(arguments: Sequence[str], _: str, __: Version) -> Parts:
    value = values.choice(arguments, ("yes", "true", "no", "false", "no-pq-kex"))
    return (Part("warnweakcrypto", ("true" if value in ("yes", "true") else "false",)),)


def _agent_socket(arguments: Sequence[str], _: str, __: Version) -> Parts:
    value = values.one(arguments)
    # which paths 10.6 takes is not known: none, and those of the user
    return (Part("agentsocketpath", (value if value == "none" or value.startswith("user:") else None,)),)


def _permit_environment(arguments: Sequence[str], _: str, version: Version) -> Parts:
    value = values.one(arguments)
    if value not in ("yes", "no") and not version.since(7, 8):
        if not version.since(7, 7) or value.lower() not in ("yes", "no"):
            raise ValueRefusedError(f'the value is "{value[:40]}", not one of yes, no')
        value = value.lower()
    return (Part("permituserenvironment", (value,)),)


def _raw(name: str) -> Rule:
    def read_raw(_: Sequence[str], rest: str, version: Version) -> Parts:
        value = rest.lstrip(" \t\r\n")
        if not value:
            raise ValueRefusedError("the value is missing")
        if name.endswith("scommand") and not value.startswith("/") and value.lower() != "none":
            raise ValueRefusedError("the command is not an absolute path")
        if name == "versionaddendum" and "\r" in value:
            raise ValueRefusedError("the value holds a carriage return")
        if name in ("versionaddendum", "forcecommand") and value.lower() == "none":
            value = "none"
        if name == "authorizedprincipalscommand" and version.since(8, 7) and not version.since(9, 4):
            # a slip of these versions: the other command is looked at
            return (Part(name, (value,), Taking.LAST, "authorizedkeyscommand"),)
        return (Part(name, (value,)),)

    return read_raw


def _subsystem(arguments: Sequence[str], _: str, version: Version) -> Parts:
    if not arguments or not arguments[0]:
        raise ValueRefusedError("the value is missing")
    name, *command = arguments
    if not command or not command[0]:
        raise ValueRefusedError("the command is missing")
    if not version.since(8, 7):
        command = _several(command, version)
    if not version.since(9, 5):
        text = " ".join(command)
    else:
        text = f"{assembled(command[:1])} {assembled(command[1:])}"
        text = text if len(command) > 1 or not version.since(9, 7) else text[:-1]
    return (Part(f"subsystem/{name}", (f"{name} {text}",)),)


_HOST_AND_PORT = re.compile(r"(\[[^]]*\]|[^:\[]*+)(?::([^:]*))?", re.DOTALL)


def _listen_address(arguments: Sequence[str], _: str, version: Version) -> Parts:
    if not arguments or not arguments[0]:
        raise ValueRefusedError("the value is missing")
    if len(arguments) > 1 and (arguments[1] != "rdomain" or len(arguments) != 3 or not version.since(7, 7)):
        raise ValueRefusedError("there are extra arguments at the end of the line")
    text = arguments[0]
    match = _HOST_AND_PORT.fullmatch(text)
    host, port = (match[1], match[2]) if match else (text, None)  # two colons without brackets: an address alone
    if port is not None:
        port = values.port((port,)) if port else "0"
        if port == "0":
            raise ValueRefusedError(f'"{text[:80]}" has no port number')
    host = host[1:-1] if host.startswith("[") else host
    # whether a routing domain is there only the host knows
    value = None if len(arguments) > 1 else f"{port or '*'} {host}"
    return (Part("listenaddress", (value,), Taking.ADD),)


_RULES: dict[str, Rule] = {
    "allowusers": _user_patterns("allowusers"),
    "denyusers": _user_patterns("denyusers"),
    "allowgroups": _words("allowgroups"),
    "denygroups": _words("denygroups"),
    "acceptenv": _accept_env,
    "setenv": _set_env,
    "authorizedkeysfile": _key_files("authorizedkeysfile"),
    "revokedkeys": _key_files("revokedkeys"),
    "authorizedprincipalsfile": _principals_file,
    "securitykeyprovider": _security_key_provider,
    "hostkeyagent": _host_key_agent,
    "authenticationmethods": _methods,
    "logverbose": _log_verbose,
    "channeltimeout": limits.channel_timeouts,
    "unusedconnectiontimeout": limits.unused_connection,
    "permitopen": _forwards("permitopen"),
    "permitlisten": _forwards("permitlisten"),
    "pubkeyauthoptions": _key_options,
    "warnweakcrypto": _warn_weak,
    "agentsocketpath": _agent_socket,
    "permituserenvironment": _permit_environment,
    "forcecommand": _raw("forcecommand"),
    "versionaddendum": _raw("versionaddendum"),
    "authorizedkeyscommand": _raw("authorizedkeyscommand"),
    "authorizedprincipalscommand": _raw("authorizedprincipalscommand"),
    "subsystem": _subsystem,
    "maxstartups": limits.max_startups,
    "persourcemaxstartups": limits.per_source_startups,
    "persourcenetblocksize": limits.net_block,
    "persourcepenalties": limits.penalties,
    "persourcepenaltyexemptlist": limits.exempt,
    "ipqos": limits.ip_qos,
    "rekeylimit": limits.rekey_limit,
    "listenaddress": _listen_address,
}
