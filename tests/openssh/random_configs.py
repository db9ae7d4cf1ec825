"""Random configurations of sshd, always the same for a number, and the connections to ask about."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from hygiene.openssh.connection import Connection
from hygiene.openssh.version import Version

from .configs import MAIN, Tree

# name -> its groups, the primary one first; `ghost` has no account
ACCOUNTS: Mapping[str, tuple[str, ...]] = {
    "root": ("root",),
    "alice": ("alice", "ops", "staff"),
    "bob": ("bob", "ops"),
    "carol": ("carol", "wheel"),
    "a.b-c": ("a.b-c", "users"),
    "ghost": (),
}
_ADDRESSES = ("10.0.0.1", "10.1.2.3", "192.168.1.7", "192.0.2.200", "::1", "2001:db8::5", "fd00:1::1")
_HOSTS = ("", "web.example.com", "WEB.Example.com", "db.internal")  # "": the address
_LOCAL = ("10.0.0.254", "192.168.1.1", "2001:db8::1")
_PORTS = (22, 2222)

_USERS = ("alice", "bob,alice", "a*", "!bob,*", "?????", "carol,!carol", "ghost", "root", '"alice"', "*", "Alice", "x")
_GROUPS = ("ops", "wheel,staff", "!wheel,*", "s*", "root", "nogroup", "*", "users", "!ops,ops")
LISTS = (
    "10.0.0.0/8",
    "10.0.0.1",
    "10.0.*",
    "192.168.1.?",
    "!10.0.0.0/16,10.0.0.0/8",
    "::1,2001:db8::/32",
    "*",
    "!10.0.0.1,*",
    "0.0.0.0/0",
    "fd00:*",
    "192.0.2.0/24,10.1.2.3/32",
    "2001:db8::5",
    "::/0",
    "example.com",
)
_NAMES = ("*.example.com", "web.example.com,db.*", "!*.internal,*", "10.*", "WEB.*", "192.0.2.200", "*")
_LINES: tuple[tuple[tuple[int, int], str], ...] = tuple(
    (since, line)
    for since, lines in {
        (0, 0): """
PermitRootLogin yes|no|prohibit-password|without-password|forced-commands-only|YES
PasswordAuthentication yes|no
PubkeyAuthentication yes|no
KbdInteractiveAuthentication yes|no
ChallengeResponseAuthentication yes|no
HostbasedAuthentication yes|no
HostbasedUsesNameFromPacketOnly yes|no
PermitEmptyPasswords yes|no
X11Forwarding yes|no
X11DisplayOffset 11|0|12
X11UseLocalhost yes|no
AllowTcpForwarding yes|no|local|remote|all
AllowStreamLocalForwarding yes|no|local|remote|ALL
AllowAgentForwarding yes|no
GatewayPorts yes|no|clientspecified
PermitTTY yes|no
PermitUserRC yes|no
PermitTunnel yes|no|ethernet|point-to-point
MaxAuthTries 1|3|+4
MaxSessions 0|5
Banner none|/etc/issue|/etc/issue.net
ForceCommand none|/bin/true|internal-sftp -l INFO|echo "a b"|NONE
ChrootDirectory none|/srv/%u|%h|None
AuthorizedKeysFile .ssh/authorized_keys|none|/etc/ssh/keys/%u .ssh/a|"/a b/%h" c
AuthorizedKeysCommand none|/usr/bin/keys %u|/usr/bin/other
AuthorizedKeysCommandUser nobody|root
AuthorizedPrincipalsFile none|/etc/ssh/principals/%u|.ssh/principals
AuthorizedPrincipalsCommand none|/usr/bin/principals %u
AuthorizedPrincipalsCommandUser nobody
TrustedUserCAKeys none|/etc/ssh/ca.pub|/etc/ssh/ca2.pub
RevokedKeys none|/etc/ssh/revoked
AllowUsers alice bob|alice@10.0.0.0/8 *|root|!ghost a*@*.example.com
DenyUsers ghost|bob@192.0.2.0/24,!192.0.2.200
AllowGroups ops wheel|*
DenyGroups staff|!wheel ops
AcceptEnv LANG LC_*|FOO
RekeyLimit default none|1G 1h|512M|default 30m|4K none
IPQoS af21|cs1 ef|none|0x20 af11|8
StreamLocalBindMask 0117|0177|77
StreamLocalBindUnlink yes|no
AuthenticationMethods publickey|publickey,password|publickey,keyboard-interactive password|keyboard-interactive
KerberosAuthentication no
GSSAPIAuthentication yes|no
RhostsRSAAuthentication yes
RSAAuthentication no
""",
        (7, 4): """
ClientAliveInterval 0|30|1m|1h30m
ClientAliveCountMax 0|5
DisableForwarding yes|no
PermitOpen any|none|host:22 *:80|[::1]:8080
AuthenticationMethods any
""",
        (7, 6): """
ExposeAuthInfo yes|no
LogLevel VERBOSE|debug|DEBUG1|quiet
""",
        (7, 8): """
PermitListen any|none|8080 localhost:22|*:*
SetEnv A=1|B="x y" C=2|A=1 A=2
""",
        (7, 9): """
CASignatureAlgorithms ssh-ed25519|-ssh-rsa|rsa-*
""",
        (8, 2): """
PubkeyAuthOptions none|touch-required
""",
        (8, 3): """
IgnoreRhosts yes|no|shosts-only
""",
        (8, 4): """
PubkeyAuthOptions verify-required|touch-required verify-required
""",
        (8, 5): """
PubkeyAcceptedAlgorithms ssh-ed25519|+ssh-rsa|-ecdsa-*|^rsa-sha2-512|*-cert-*
HostbasedAcceptedAlgorithms ssh-ed25519|rsa-*
LogVerbose kex.c:*|packet.c:* kex.c:1|none
""",
        (9, 1): """
RequiredRSASize 2048|3072
""",
        (9, 2): """
ChannelTimeout none|session=5m|direct-tcpip=1h x11-connection=30s
UnusedConnectionTimeout none|5m|0
""",
        (9, 9): """
RefuseConnection yes|no
""",
    }.items()
    for line in lines.strip().split("\n")
)
_OUTSIDE: tuple[tuple[tuple[int, int], str], ...] = tuple(
    (since, line)
    for since, lines in {
        (0, 0): """
UsePAM yes|no
UseDNS no|yes
Port 22|2222|22022
ListenAddress 10.0.0.254|[::1]:2200|192.168.1.1:23|::1
AddressFamily any
StrictModes yes|no
LoginGraceTime 30|2m|0
Compression yes|no|delayed
PrintMotd yes|no
TCPKeepAlive yes|no
MaxStartups 5|10:50:60
PermitUserEnvironment yes|no|LANG,LC_*
FingerprintHash md5|sha256
SyslogFacility AUTHPRIV|local3
Subsystem sftp internal-sftp|sftp2 "/usr/lib/sftp server" -l "IN FO"
IgnoreUserKnownHosts yes|no
DSAAuthentication yes
Protocol 2
UsePrivilegeSeparation sandbox
VersionAddendum none|added text # more
HostKeyAlgorithms +ssh-rsa
""",
        (8, 5): """
PerSourceMaxStartups 5|none
PerSourceNetBlockSize 24:64
""",
        (9, 8): """
PerSourcePenalties no|yes|crash:1m|authfail:10 max:5m|overflow:deny-all
PerSourcePenaltyExemptList 10.0.0.0/8
""",
    }.items()
    for line in lines.strip().split("\n")
)
_BROKEN = (
    "PermitRootLogin maybe",
    "NoSuchKeyword yes",
    "MaxAuthTries many",
    "PasswordAuthentication yes no",
    'Banner "/etc/issue',
    "AllowUsers alice@10.0.0.1/8",
    "AcceptEnv A=b",
    "Match",
    "Match User",
    "Match all User bob",
    "Match Address 10.0.0.1/8",
    "Match LocalPort 70000",
    "Match Exec true",
    "AuthenticationMethods any publickey",
    "AuthenticationMethods telepathy",
    "PubkeyAcceptedAlgorithms ssh-unknown",
    "Match User=bob",
    "Match User=bob Group=ops",
    "Match invalid-user",
    "Match Version OpenSSH_9.*",
    'Match User a "" b',
    "Include",
    "ForceCommand",
    'bad"quote',
    "\f",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One configuration, whose files lie in `{}`, and who connects."""

    tree: Tree
    connections: tuple[Connection, ...]


def case(number: int, version: Version, connections: int) -> Case:
    """Make one configuration for this version."""
    chance = random.Random(f"{number} {version.major}.{version.minor}")
    includes = version.since(8, 2)
    names = ["d/10.conf", "d/20.conf", "d/30.conf", "e/x", "e/y"] if includes else []
    tree = {MAIN: _file(chance, version, names, 0)}
    for depth, name in enumerate(names, 1):
        if chance.random() < 0.6:
            tree[name] = _file(chance, version, names[depth:], depth)
    return Case(
        {path: "\n".join(lines).encode() + b"\n" for path, lines in tree.items()}, _connections(chance, connections)
    )


def _connections(chance: random.Random, count: int) -> tuple[Connection, ...]:
    made = []
    for _ in range(count):
        user = chance.choice(list(ACCOUNTS))
        address = chance.choice(_ADDRESSES)
        made.append(
            Connection(
                user,
                frozenset(ACCOUNTS[user]),
                address,
                chance.choice(_HOSTS) or address,
                chance.choice(_LOCAL),
                chance.choice(_PORTS),
                invalid_user=user == "ghost",
            )
        )
    return tuple(made)


def _file(chance: random.Random, version: Version, includes: list[str], depth: int) -> list[str]:
    """Some lines outside Match, then some blocks."""
    lines: list[str] = []
    broken = chance.random() < 0.03
    for _ in range(chance.randrange(6)):
        lines.append(_line(chance, _LINES if chance.random() < 0.7 else _OUTSIDE, version))
        _maybe_include(chance, lines, includes)
    for _ in range(chance.randrange(4)):
        lines.append(_match(chance, version))
        for _ in range(chance.randrange(4)):
            lines.append(_line(chance, _LINES, version))
            _maybe_include(chance, lines, includes)
    if depth == 0 and chance.random() < 0.02:
        lines.append(_line(chance, _OUTSIDE, version))  # in a Match block, where it may not stand
    if broken:
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(_BROKEN))
    if chance.random() < 0.2:
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(["# comment", "  ", "\t# x", ""]))
    return lines


def _maybe_include(chance: random.Random, lines: list[str], includes: list[str]) -> None:
    if includes and chance.random() < 0.15:
        folders = sorted({name.partition("/")[0] for name in includes})
        # a folder's files may name those of later folders alone, else they would include each other for ever
        choices = [f"{{}}/{folder}/*" for folder in folders[1:] or folders] + [f"{{}}/{name}" for name in includes]
        choices += ["{}/nothing/*.conf", "{}/missing"]
        lines.append("Include " + " ".join(chance.sample(choices, chance.choice([1, 1, 2]))))


def _line(chance: random.Random, pool: tuple[tuple[tuple[int, int], str], ...], version: Version) -> str:
    known = [line for since, line in pool if version.since(*since)]
    name, _, rest = chance.choice(known).partition(" ")
    value = chance.choice(rest.split("|"))
    if chance.random() < 0.1:
        name = name.lower()
    gap = chance.choice([" ", " ", " ", "\t", "  ", "=", " = "]) if name.lower() != "setenv" else " "
    tail = chance.choice(["", "", "", "", " ", " # x", "\t\r"])
    if name.lower() in ("forcecommand", "authorizedkeyscommand", "authorizedprincipalscommand", "versionaddendum"):
        tail = ""
    return f"{'  ' * chance.randrange(2)}{name}{gap}{value}{tail}"


def _match(chance: random.Random, version: Version) -> str:
    if chance.random() < 0.08:
        return chance.choice(["Match all", "match ALL", "Match all # x"])
    criteria = []
    for _ in range(chance.choice([1, 1, 1, 2, 2, 3])):
        kind = chance.choice(
            ["User", "User", "Group", "Group", "Address", "Address", "Host", "LocalAddress", "LocalPort"]
        )
        match kind:
            case "User":
                value = chance.choice(_USERS)
            case "Group":
                value = chance.choice(_GROUPS)
            case "Host":
                value = chance.choice(_NAMES)
            case "LocalPort":
                value = str(chance.choice([*_PORTS, 80]))
            case "LocalAddress":
                value = chance.choice([*_LOCAL, "10.0.0.0/24", "*"])
            case _:
                value = chance.choice(LISTS)
        equals = chance.random() < 0.15 and (not version.since(9, 9) or version.since(10, 0)) and '"' not in value
        criteria.append(f"{chance.choice([kind, kind.lower()])}{'=' if equals else ' '}{value}")
    if version.since(9, 9) and chance.random() < 0.1:
        criteria.append("invalid-user")
    if version.since(10, 0) and chance.random() < 0.05:
        criteria.append(f"Version {chance.choice(['OpenSSH_10.*', '*', 'OpenSSH_9.*', '!OpenSSH_10.*,*'])}")
    return "Match " + " ".join(criteria)
