"""Hosts whose sshd is configured in odd ways."""

from __future__ import annotations

from dataclasses import replace

from lab.plan import make_host_key
from lab.spec import OTHER_ADDRESS, Directory, File, HostSpec, Link

from .keys import PASSWORD_OF_PEOPLE, Keys, deploy, keys_command, names, root
from .machines import Authority, Gap, Planted, Program, Scope, Try
from .plant import KEYBOARD, KEYS, KEYS2, PASSWORD, ed25519, line, no, person, unknown


def hosts(keys: Keys) -> list[Planted]:
    return [
        _match(keys),
        _allow_users(keys),
        _keys_command(keys),
        _directory(keys),
        _includes(keys),
        *_twins(keys),
        *_changed(keys),
    ]


_MATCH = """\
TrustedUserCAKeys /etc/ssh/named_ca.pub
AuthorizedPrincipalsFile /etc/ssh/principals/%u
Match User clerk
    PasswordAuthentication no
Match Group vault
    AuthorizedKeysFile /etc/ssh/keys/%u
Match Address 10.77.0.2
    PermitRootLogin no
"""


def _match(keys: Keys) -> Planted:
    """What holds depends on who comes, of which group, and from where."""
    at, unread = "/etc/ssh/sshd_config.d/10-match.conf", ed25519("unread-home")
    # what sshd does not read for this account has no row
    home = {KEYS: File(f"{unread.public}\n".encode(), 0o600)}
    people = (
        root(keys, source=f"*,!{OTHER_ADDRESS}"),
        deploy(keys),
        person("clerk", 1032, password=PASSWORD_OF_PEOPLE),
        person("keeper", 1033, more={"/etc/ssh/keys/keeper": (line(ed25519("keeper")),)}, files=home,
               groups=("vault",)),
    )  # fmt: skip
    spec = HostSpec(
        "d-match",
        tenant="delta",
        tags=("web",),
        groups={"vault": 1600},
        sshd_config_d={"10-match.conf": _MATCH},
        files={"/etc/ssh/principals/root": File(b"root-web\n")},
    )
    scopes = (
        Scope(("clerk",), {"passwordauthentication": f"{at}:4"}),
        Scope(("keeper",), {"authorizedkeysfile": f"{at}:6"}),
        Scope((), {"permitrootlogin": f"{at}:8"}, "10.77.0.2", OTHER_ADDRESS),
    )
    tries = (
        Try("root", False, keys.ops, source=OTHER_ADDRESS),
        Try("deploy", True, keys.deploy, source=OTHER_ADDRESS),
        Try("keeper", False, unread),
        *_by_principals(keys),
        Try("root", False, keys.visitor, keys.named, ("root-web",), source=OTHER_ADDRESS),
    )
    return Planted(spec, people, authorities=_asking_for_names(keys), scopes=scopes, tries=tries)


def _allow_users(keys: Keys) -> Planted:
    """Who is let in stands in a list: everywhere, or for those who come from one address."""
    people = (
        root(keys),
        deploy(keys, source=OTHER_ADDRESS),
        person("clerk", 1032, password=PASSWORD_OF_PEOPLE, ways=[replace(PASSWORD, source=OTHER_ADDRESS)]),
        person("visitor", 1033, line(ed25519("outsider")),
               door=no("AllowUsers does not hold the account", "settings")),
    )  # fmt: skip
    config = (
        f"AllowUsers root clerk@{OTHER_ADDRESS} deploy@{OTHER_ADDRESS}\n"
        "TrustedUserCAKeys /etc/ssh/named_ca.pub\nAuthorizedPrincipalsFile /etc/ssh/principals/%u\n"
    )
    spec = HostSpec(
        "d-allow",
        tenant="delta",
        tags=("web",),
        sshd_config_d={"10-allow.conf": config},
        files={"/etc/ssh/principals/root": File(b"# who may become root here\nroot-web\n")},
    )
    tries = (
        Try("deploy", False, keys.deploy),
        Try("clerk", False, password=PASSWORD_OF_PEOPLE),
        *_by_principals(keys),
    )
    return Planted(spec, people, authorities=_asking_for_names(keys), tries=tries)


def _asking_for_names(keys: Keys) -> tuple[Authority, ...]:
    reason = "sshd reads no principals of the account: /etc/ssh/principals/{} is not there"
    return (Authority(keys.named, "/etc/ssh/named_ca.pub", no(reason, "authority"), {"root": ("root-web",)}),)


def _by_principals(keys: Keys) -> tuple[Try, ...]:
    return (
        Try("root", True, keys.visitor, keys.named, ("root-web",)),
        Try("root", False, keys.visitor, keys.named, ("root",)),
        Try("root", False, keys.visitor, keys.signer, ("root-web",)),
        Try("deploy", False, keys.visitor, keys.named, ("deploy",), source=OTHER_ADDRESS),
    )


def _keys_command(keys: Keys) -> Planted:
    path = "/usr/local/libexec/keys-of"
    spec = HostSpec(
        "d-akc",
        tenant="delta",
        tags=("db",),
        sshd_config_d=keys_command(path),
        files={path: File(names(keys.visitor), 0o755)},
    )
    return Planted(
        spec,
        (root(keys),),
        areas={"authorized_keys": "partial"},
        status="partial",
        reason="not seen whole: authorized_keys",
        gaps=(Gap("authorized_keys"),),
        programs=(Program(path),),
        tries=(
            Try("root", True, keys.visitor),
            Try("games", True, keys.visitor),
            Try("nobody", False, keys.visitor),
        ),
    )


def _directory(keys: Keys) -> Planted:
    """Accounts are elsewhere too, and others could put another program in the place of the one that names keys."""
    nsswitch = "passwd: files sss\ngroup: files sss\nshadow: files sss\nsudoers: files\n"
    path, program = "/srv/tools/keys-of", "/usr/local/libexec/keys-of"
    spec = HostSpec(
        "d-sss",
        tenant="delta",
        tags=("db",),
        nsswitch=nsswitch,
        sshd_config_d=keys_command(path),
        files={
            program: File(names(keys.visitor), 0o755),
            "/srv/tools": Directory(0o777),
            # sshd looks at what the link leads to, and not at where the link lies
            path: Link(program),
        },
    )
    return Planted(
        spec,
        (root(keys), person("clerk", 1032, password=PASSWORD_OF_PEOPLE, ways=[PASSWORD])),
        areas={"accounts": "partial", "shadow": "partial", "authorized_keys": "partial"},
        status="partial",
        reason="not seen whole: accounts, shadow, authorized_keys",
        # whether the directory puts clerk into the group of sudo
        gaps=(Gap("accounts"), Gap("shadow"), Gap("authorized_keys"), Gap("sudo", account="clerk")),
        programs=(Program(path, "it can be changed by others (/srv/tools is writable by others)"),),
        tries=(Try("root", True, keys.visitor),),
    )


_MAIN = """\
# what comes first holds
PermitRootLogin prohibit-password
Include /etc/ssh/more/*.conf
Include /etc/ssh/sshd_config.d/*.conf
PermitRootLogin yes
PasswordAuthentication yes
AuthorizedKeysFile .ssh/authorized_keys .ssh/more_keys
UsePAM yes
Subsystem sftp internal-sftp
"""


def _includes(keys: Keys) -> Planted:
    short = no("the RSA key has 1024 bits, and RequiredRSASize is 2048", "settings")
    people = (
        person("root", 0, line(keys.audit)),
        person(
            "alice", 1002, line(keys.small, verdict=short), line(keys.medium),
            more={".ssh/more_keys": (line(ed25519("another-file")),)},
            # this sshd reads no authorized_keys2, so nobody gets in with it and it has no row
            files={KEYS2: File(f"{ed25519('unread').public}\n".encode(), 0o600)},
        ),
        # that passwords are off is said in vain: this file leaves keyboard-interactive on
        person("clerk", 1032, password=PASSWORD_OF_PEOPLE, ways=[KEYBOARD]),
    )  # fmt: skip
    spec = HostSpec(
        "d-include",
        tenant="delta",
        tags=("misc",),
        sshd_config=_MAIN,
        sshd_config_d={"10-first.conf": "PasswordAuthentication no\n", "90-last.conf": "RequiredRSASize 4096\n"},
        files={
            "/etc/ssh/more/10-size.conf": File(b"RequiredRSASize 2048\nPort 2222\n"),
            "/etc/ssh/more/ignored.txt": File(b"UsePAM no\n"),
        },
        port=2222,
    )
    return Planted(spec, people, lax=2)


def _twins(keys: Keys) -> list[Planted]:
    """Two machines from one image, which trust an authority that may sign for every account."""
    shared = make_host_key("ed25519")
    config = {"10-ca.conf": "TrustedUserCAKeys /etc/ssh/user_ca.pub\n"}
    tries = (
        Try("root", True, keys.visitor, keys.signer, ("root",)),
        Try("root", False, keys.visitor, keys.signer, ("games",)),
        Try("root", False, keys.visitor, keys.signer),
        Try("root", False, keys.signer),
        Try("games", True, keys.visitor, keys.signer, ("root", "games")),
    )
    return [
        Planted(
            HostSpec(name, tenant="echo", tags=("web",), sshd_config_d=config),
            (root(keys),),
            host_key=shared,
            authorities=(Authority(keys.signer, "/etc/ssh/user_ca.pub"),),
            tries=tries,
        )
        for name in ("e-twin1", "e-twin2")
    ]


CHANGED, TOLD = "/etc/ssh/sshd_config.d/10-changed.conf", "e-told"
_BEFORE = File(b"# nothing yet\n")
# what is written there while sshd runs
CHANGES = {
    "e-late": "MaxAuthTries 5\n",
    TOLD: "X11Forwarding no\nAllowAgentForwarding no\nAllowTcpForwarding no\n",
}


def _changed(keys: Keys) -> list[Planted]:
    """Their configuration is changed while sshd runs; one of the daemons is told."""
    people = (person("root", 0, line(keys.audit)),)
    late = replace(people[0], door=_PENDING)
    return [
        Planted(
            HostSpec("e-late", tenant="echo", tags=("misc",), files={CHANGED: _BEFORE}),
            (late,),
            areas={"sshd": "partial"},
            status="partial",
            reason="not seen whole: sshd",
            gaps=(Gap("sshd"), Gap("authorized_keys", "root")),
            pending=CHANGED,
        ),
        Planted(HostSpec(TOLD, tenant="echo", tags=("misc",), files={CHANGED: _BEFORE}), people, lax=0),
    ]


_PENDING = unknown(
    f"{CHANGED} was changed after sshd read its configuration; once it reads the files as they are: accepted"
)
