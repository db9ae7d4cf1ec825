"""Hosts that are entered in other ways than as root, and hosts that are not entered."""

from __future__ import annotations

from dataclasses import replace

from lab.plan import COLLECTOR_PATH, auditor_account, make_host_key
from lab.spec import AUDITOR_ADDRESS, Directory, File, HostSpec

from .keys import Keys, root
from .machines import Gap, Planted
from .plant import STAGE, Key, Person, Way, ed25519, line, person, unknown

_NO_LOOK = "/root/.ssh/authorized_keys could not be read (permission denied)"
_UNSEEN = unknown(f"{STAGE}: whether the account has expired is not known")


def hosts(keys: Keys, collector: bytes) -> list[Planted]:
    return [_unprivileged(keys), _forced(keys, collector), *_unseen(keys)]


def _unprivileged(keys: Keys) -> Planted:
    """Entered as an account without sudo: what only root can read is not seen."""
    private_but_shown = {".ssh": Directory(0o755)}
    people = (
        person("root", 0, line(keys.ops), ways=[Way("publickey", reason=_NO_LOOK)]),
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
