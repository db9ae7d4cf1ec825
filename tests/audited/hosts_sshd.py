"""Hosts whose sshd is configured in ways that this version cannot decide, and hosts that are entered in other ways."""

from __future__ import annotations

from dataclasses import replace

from lab.plan import COLLECTOR_PATH, auditor_account, make_host_key
from lab.spec import AUDITOR_ADDRESS, Directory, File, HostSpec

from .keys import PASSWORD_OF_PEOPLE, Keys, deploy, root
from .plant import KEYBOARD, KEYS2, PASSWORD, Gap, Key, Person, Planted, Way, ed25519, line, no, person, unknown

_MATCH = unknown("sshd_config has Match blocks")
_LISTED = unknown("AllowUsers is set")
_UNSEEN = unknown("whether the account has expired is not known")


def hosts(keys: Keys, collector: bytes) -> list[Planted]:
    return [
        _match(keys),
        _allow_users(keys),
        _keys_command(keys),
        _directory(keys),
        _includes(keys),
        *_twins(keys),
        _unprivileged(keys),
        _forced(keys, collector),
        *_unseen(keys),
    ]


def _match(keys: Keys) -> Planted:
    people = (
        root(keys, door=_MATCH),
        deploy(keys, door=_MATCH),
        person("clerk", 1032, password=PASSWORD_OF_PEOPLE, ways=[Way("password", reason=_MATCH.reason)]),
    )
    config = {"10-match.conf": "Match User clerk\n    PasswordAuthentication no\n"}
    return Planted(
        HostSpec("d-match", tenant="delta", tags=("web",), sshd_config_d=config),
        people,
        gaps=(Gap("sshd"), Gap("authorized_keys", "root"), Gap("authorized_keys", "deploy"), Gap("pam", "clerk")),
    )


def _allow_users(keys: Keys) -> Planted:
    people = (
        root(keys, door=_LISTED),
        deploy(keys, door=_LISTED),
        person("clerk", 1032, password=PASSWORD_OF_PEOPLE, ways=[Way("password", reason=_LISTED.reason)]),
    )
    config = {"10-allow.conf": "AllowUsers root clerk\n"}
    return Planted(
        HostSpec("d-allow", tenant="delta", tags=("web",), sshd_config_d=config),
        people,
        gaps=(Gap("authorized_keys", "root"), Gap("authorized_keys", "deploy"), Gap("pam", "clerk")),
    )


def _keys_command(keys: Keys) -> Planted:
    config = {"10-akc.conf": "AuthorizedKeysCommand /usr/bin/true\nAuthorizedKeysCommandUser nobody\n"}
    return Planted(
        HostSpec("d-akc", tenant="delta", tags=("db",), sshd_config_d=config),
        (root(keys),),
        areas={"authorized_keys": "partial"},
        status="partial",
        reason="not seen whole: authorized_keys",
        gaps=(Gap("authorized_keys"),),
    )


def _directory(keys: Keys) -> Planted:
    nsswitch = "passwd: files sss\ngroup: files sss\nshadow: files sss\nsudoers: files\n"
    return Planted(
        HostSpec("d-sss", tenant="delta", tags=("db",), nsswitch=nsswitch),
        (root(keys), person("clerk", 1032, password=PASSWORD_OF_PEOPLE, ways=[PASSWORD])),
        areas={"accounts": "partial", "shadow": "partial"},
        status="partial",
        reason="not seen whole: accounts, shadow",
        gaps=(Gap("accounts"), Gap("shadow")),
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
    short = no("the RSA key has 1024 bits, and RequiredRSASize is 2048")
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
    return Planted(spec, people)


def _twins(keys: Keys) -> list[Planted]:
    shared = make_host_key("ed25519")
    return [
        Planted(HostSpec(name, tenant="echo", tags=("web",)), (root(keys),), host_key=shared)
        for name in ("e-twin1", "e-twin2")
    ]


def _unprivileged(keys: Keys) -> Planted:
    """Entered as an account without sudo: what only root can read is not seen."""
    private_but_shown = {".ssh": Directory(0o755)}
    people = (
        person("root", 0, line(keys.ops)),
        person("watch", 981, line(keys.audit), door=_UNSEEN, root_by="unknown", ways=[_unseen_password()]),
        person("public", 1080, line(ed25519("public")), home_mode=0o755, files=private_but_shown,
               key_file=File(b"", 0o644), door=_UNSEEN, root_by="unknown", ways=[_unseen_password()]),
    )  # fmt: skip
    return Planted(
        HostSpec("e-user", tenant="echo", tags=("misc",)),
        (replace(people[0], files={}), *people[1:]),
        user="watch",
        areas={"shadow": "unseen", "sudo": "unseen", "authorized_keys": "partial", "private_keys": "partial"},
        status="partial",
        reason="not seen whole: shadow, sudo, authorized_keys, private_keys",
        gaps=(
            Gap("shadow"), Gap("sudo"), Gap("private_keys"), Gap("pam"),
            Gap("authorized_keys", "root"), Gap("authorized_keys", "watch"), Gap("authorized_keys", "public"),
        ),
        base_way=_unseen_password(),
        root_by="unknown",
        password="unknown",
        sshd_t=False,
    )  # fmt: skip


def _unseen_password() -> Way:
    return Way("password", reason=_UNSEEN.reason)


def _forced(keys: Keys, collector: bytes) -> Planted:
    return Planted(
        installed(HostSpec("e-forced", tenant="echo", tags=("misc",)), keys.audit, collector),
        (auditor(keys.audit), person("root", 0, line(keys.backup, from_=AUDITOR_ADDRESS))),
        user="hygiene",
    )


def auditor(key: Key) -> Person:
    """The account of an auditor whose key starts the installed collector and nothing else."""
    command = f"/usr/bin/sudo -n {COLLECTOR_PATH}"
    entry = line(key, "restrict", from_=AUDITOR_ADDRESS, command=command)
    return person("hygiene", 990, entry, home="/var/lib/hygiene", shell="/bin/sh")


def installed(spec: HostSpec, key: Key, collector: bytes) -> HostSpec:
    """The host with the collector installed, and the sudo rule that lets the auditor's account run it."""
    part = auditor_account(key.public, collector, source=AUDITOR_ADDRESS)
    return HostSpec(
        spec.name,
        tenant=spec.tenant,
        tags=spec.tags,
        sshd_config_d=spec.sshd_config_d,
        sudoers_d={**spec.sudoers_d, **part.sudoers_d},
        files={**spec.files, **part.files},
    )


def _unseen(keys: Keys) -> list[Planted]:
    """Hosts that are not read: our key is not taken, another host key answers, nobody is there."""
    own = (root(keys),)
    return [
        Planted(
            HostSpec("e-shut", tenant="echo", tags=("web",)),
            (person("root", 0, line(keys.ops)),),
            status="refused",
            stage="login",
            reason="login as root denied; offered {audit} ({key})",
            gaps=(Gap("collect"),),
        ),
        Planted(
            HostSpec("e-changed", tenant="echo", tags=("web",)),
            own,
            status="refused",
            stage="login",
            reason="host key has changed: offered ssh-ed25519 {offered}, {known_hosts} has another; "
            "find out why on the console before changing that line",
            gaps=(Gap("collect"),),
            known_key=make_host_key("ed25519").public,
        ),
        Planted(
            HostSpec("e-gone", tags=("web",)),
            (),
            status="unreachable",
            stage="connect",
            reason="cannot connect to {address} port 22: No route to host",
            gaps=(Gap("collect"),),
            up=False,
        ),
    ]
