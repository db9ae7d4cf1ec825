"""Hosts that differ in the state of their accounts, in passwords over SSH, and in who becomes root by sudo."""

from __future__ import annotations

from lab.spec import File, HostSpec

from .keys import PASSWORD_OF_PEOPLE, SCAN_RULE, Keys, deploy, keys_command, names, root, scan
from .machines import SSHD, Daemon, Gap, Planted, Program, Try
from .plant import KEYBOARD, NOTHING, PASSWORD, STAGE, YES, Person, ed25519, line, no, person

_LOCKED_HASH = "!$6$Vq9xN3kzT1sYbE7u$" + "h4S0lockedhash" * 6 + "Zz"
_SHELL = no("the shell is missing or not executable", "account")
_EXPIRED = no("the account has expired", "account")
_OVERDUE = no(f"{STAGE}: the password has been overdue for too long", "account")
_EXPIRED_BY_PAM = no(f"{STAGE}: the account has expired", "account")


def hosts(keys: Keys) -> list[Planted]:
    return [
        _states(keys),
        _without_pam(keys),
        _empty_passwords(keys),
        _no_passwords(keys),
        _keyboard(keys),
        _root_password(keys),
        _root_refused(keys),
        _root_commands(keys),
        _sudo(keys),
        _sudo_unclear(keys),
    ]


def _keyed(name: str, uid: int, **more: object) -> Person:
    return person(name, uid, line(ed25519(name)), **more)  # type: ignore[arg-type]


def _states(keys: Keys) -> Planted:
    people = (
        root(keys),
        _keyed("noshell", 1020, shell="/usr/local/bin/gone", state="no-shell", door=_SHELL),
        _keyed("badshell", 1021, shell="/usr/local/bin/odd", state="no-shell", door=_SHELL),
        # both end the session; the key still gets past sshd, and may forward ports
        _keyed("nologin", 1022, shell="/usr/sbin/nologin", state="no-shell"),
        _keyed("falsified", 1023, shell="/bin/false", state="no-shell"),
        _keyed("locked", 1024, shadow="!", state="locked"),
        _keyed("barred", 1025, shadow=_LOCKED_HASH, state="locked", password_state="locked", scheme="sha512crypt"),
        _keyed("star", 1026, shadow="*"),
        _keyed("expired", 1027, ages=("19700", "0", "99999", "7", "", "1"), state="expired", door=_EXPIRED_BY_PAM),
        # an overdue password has to be changed in the session, which begins; past the grace it does not
        _keyed("overdue", 1028, ages=("10", "0", "20", "7", "", "")),
        _keyed("lapsed", 1029, ages=("10", "0", "20", "7", "5", ""), state="expired", door=_OVERDUE),
        person("toor", 0, line(keys.ops), home="/srv/toor"),
        person("oldhash", 1031, password=PASSWORD_OF_PEOPLE, hash_method="md5crypt", scheme="md5", ways=[PASSWORD]),
    )
    return Planted(
        HostSpec("b-acct", tenant="bravo", tags=("misc",), files={"/usr/local/bin/odd": File(b"#!/bin/sh\n", 0o644)}),
        people,
    )


def _without_pam(keys: Keys) -> Planted:
    people = (
        root(keys),
        _keyed(
            "locked", 1024, shadow="!", state="locked", door=no("the account is locked and UsePAM is no", "account")
        ),
        _keyed("star", 1026, shadow="*"),
        _keyed("expired", 1027, ages=("19700", "0", "99999", "7", "", "1"), state="expired", door=_EXPIRED),
        # how old a password is, only PAM asks
        _keyed("lapsed", 1029, ages=("10", "0", "20", "7", "5", ""), state="expired"),
        person("clerk", 1032, password=PASSWORD_OF_PEOPLE, ways=[PASSWORD]),
    )
    spec = HostSpec("b-nopam", tenant="bravo", tags=("misc",), sshd_config_d={"10-pam.conf": "UsePAM no\n"})
    return Planted(spec, people, lax=4)


def _empty_passwords(keys: Keys) -> Planted:
    empty = {"shadow": "", "password_state": "empty", "ways": [NOTHING]}
    people = (
        root(keys),
        person("guest", 1033, **empty),  # type: ignore[arg-type]
        person("boss", 1034, root_by="sudo", **empty),  # type: ignore[arg-type]
        person("clerk", 1032, password=PASSWORD_OF_PEOPLE, ways=[PASSWORD]),
    )
    spec = HostSpec(
        "b-empty",
        tenant="bravo",
        tags=("misc",),
        sshd_config_d={"10-empty.conf": "PermitEmptyPasswords yes\n"},
        sudoers_d={"boss": "boss ALL=(ALL) NOPASSWD: ALL\n"},
    )
    return Planted(spec, people)


def _no_passwords(keys: Keys) -> Planted:
    """It knows which keys are revoked: one that other hosts still take, and one that nobody takes any more."""
    path, left = "/etc/ssh/revoked_keys", ed25519("left")
    revoked = no(f"the key is revoked in {path}", "revoked")
    people = (
        root(keys),
        deploy(keys, door=revoked),
        person("clerk", 1032, line(left), password=PASSWORD_OF_PEOPLE, door=revoked),
    )
    config = {"10-keys.conf": f"PasswordAuthentication no\nRevokedKeys {path}\n"}
    spec = HostSpec("b-nopw", tenant="bravo", tags=("web", "prod"), sshd_config_d=config)
    return Planted(spec, people, revoked={path: (keys.deploy, left)})


def _keyboard(keys: Keys) -> Planted:
    people = (
        root(keys),
        person("clerk", 1032, password=PASSWORD_OF_PEOPLE, hash_method="sha512crypt", ways=[KEYBOARD]),
    )
    config = {"10-keys.conf": "PasswordAuthentication no\nKbdInteractiveAuthentication yes\n"}
    return Planted(HostSpec("b-kbd", tenant="bravo", tags=("web",), sshd_config_d=config), people)


def _root_password(keys: Keys) -> Planted:
    people = (root(keys, password=PASSWORD_OF_PEOPLE, ways=[PASSWORD]),)
    config = {"10-root.conf": "PermitRootLogin yes\n"}
    spec = HostSpec("c-rootpw", tenant="charlie", tags=("db",), sshd_config_d=config)
    return Planted(spec, people, lax=4, lax_severity="medium")


def _root_refused(keys: Keys) -> Planted:
    """A second daemon, on another port, lets root in after all."""
    people = (person("root", 0, line(keys.ops), door=no("PermitRootLogin is no", "settings")), scan(keys))
    config = {"10-root.conf": "PermitRootLogin no\n"}
    spec = HostSpec("c-noroot", tenant="charlie", tags=("db",), sshd_config_d=config, sudoers_d=SCAN_RULE)
    options = ("-p", "2222", "-o", "PermitRootLogin=prohibit-password", "-o", "PidFile=none")
    second = Daemon("port 2222", options, 2222, {"root": YES})
    tries = (
        Try("root", False, keys.ops),
        Try("root", True, keys.ops, port=2222),
        Try("scan", True, keys.audit, port=2222),
    )
    return Planted(spec, people, user="scan", daemons=(SSHD, second), tries=tries)


def _root_commands(keys: Keys) -> Planted:
    refused = no("PermitRootLogin is forced-commands-only, and the line has no command=", "settings")
    people = (
        person("root", 0, line(keys.ops, verdict=refused), line(keys.jobs, command="/usr/bin/id")),
        scan(keys),
    )
    config = {"10-root.conf": "PermitRootLogin forced-commands-only\n"}
    main = "/etc/ssh/jobs.conf"
    spec = HostSpec(
        "c-forced",
        tenant="charlie",
        tags=("db",),
        sshd_config_d=config,
        sudoers_d=SCAN_RULE,
        files={main: File(_SECOND.encode())},
    )
    shut = no("AllowUsers does not hold the account", "settings")
    second = Daemon(main, ("-f", main), 2022, {"root": shut}, main)
    tries = (
        Try("root", True, keys.jobs),
        Try("root", False, keys.jobs, port=2022),
        Try("scan", True, keys.audit, port=2022),
    )
    return Planted(spec, people, user="scan", daemons=(SSHD, second), tries=tries)


_SECOND = """\
Port 2022
PidFile none
UsePAM yes
AllowUsers scan
PasswordAuthentication no
KbdInteractiveAuthentication no
"""


_RULES = """\
User_Alias NIGHT = owl, !lark
Cmnd_Alias SERVICES = /usr/bin/systemctl, /usr/bin/journalctl
byname ALL=(ALL:ALL) NOPASSWD: ALL
%wheelers ALL=(ALL) NOPASSWD: ALL
NIGHT ALL=(root) NOPASSWD: ALL
#1045 ALL=(ALL) NOPASSWD: ALL
shell ALL=(root) NOPASSWD: /bin/bash
asks ALL=(ALL:ALL) ALL
limited ALL=(root) NOPASSWD: SERVICES
elsewhere otherhost=(ALL) NOPASSWD: ALL
asother ALL=(www-data) NOPASSWD: ALL
Defaults:trusted !authenticate
trusted ALL=(ALL) ALL
undone ALL=(ALL) NOPASSWD: ALL
undone ALL=(ALL) PASSWD: ALL
"""


def _sudo(keys: Keys) -> Planted:
    root_by = {
        "byname": "sudo", "ingroup": "sudo", "owl": "sudo", "lark": "none", "bynumber": "sudo", "included": "sudo",
        "shell": "sudo", "asks": "none", "limited": "none", "elsewhere": "none", "asother": "none",
        "trusted": "sudo", "undone": "none",
    }  # fmt: skip
    people = tuple(
        _keyed(name, 1045 if name == "bynumber" else 1050 + number, root_by=by,
               groups=("wheelers",) if name == "ingroup" else ())
        for number, (name, by) in enumerate(root_by.items())
    )  # fmt: skip
    spec = HostSpec(
        "c-sudo",
        tenant="charlie",
        tags=("misc",),
        groups={"wheelers": 1600},
        sudoers_d={"50-rules": _RULES, "60-more": "@include /etc/sudoers.extra\n"},
        files={"/etc/sudoers.extra": File(b"included ALL=(ALL) NOPASSWD: ALL\n", 0o440)},
    )
    return Planted(spec, (root(keys), *people))


def _sudo_unclear(keys: Keys) -> Planted:
    """A line that is no sudoers grammar: who it was meant for is told, what it gives is not."""
    people = (
        root(keys),
        _keyed("maybe", 1070, root_by="unknown"),
        _keyed("sure", 1071, root_by="sudo"),
        _keyed("never", 1072),
    )
    rules = "sure ALL=(ALL) NOPASSWD: ALL\nmaybe ALL=(ALL NOPASSWD: ALL\n"
    # others could write the program, so sshd does not run it: no key of it lets in, and nothing is unknown
    path, fault = "/usr/local/libexec/open", "/usr/local/libexec/open is writable by others"
    spec = HostSpec(
        "c-unclear",
        tenant="charlie",
        tags=("misc",),
        sudoers_d={"50-rules": rules},
        sshd_config_d=keys_command(path),
        files={path: File(names(keys.visitor), 0o757)},
    )
    return Planted(
        spec,
        people,
        programs=(Program(path, fault, "no"),),
        tries=(Try("root", False, keys.visitor),),
        areas={"sudo": "partial"},
        status="partial",
        reason="not seen whole: sudo",
        gaps=(Gap("sudo"), Gap("sudo", "maybe")),
    )
