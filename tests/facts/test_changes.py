"""Evidence in, rows out: one thing is changed on a host, and the rows that follow from it change, no others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hygiene.model import Area, AreaName, AreaState, Gap, HostFacts, KeyUse, Status

from .images import ANNA_KEY, BOB_KEY, HOST_KEY, NAME, NOW, Change, Image, Said, Scan, changes, facts_of

View = Mapping[str, Any]

STAGE = "/etc/pam.d/common-account:1"  # the rule that judges ages
GRANTS = {
    "root": ("sshd", "root", 1, "yes", None, "yes"),
    "anna": ("sshd", "anna", 2, "yes", None, "yes"),
    "bob": ("sshd", "bob", 1, "yes", None, "no"),
    "eve": ("sshd", "eve", 1, "no", f"{STAGE}: the account has expired", "no"),
}
PATHS = {
    "root": ("sshd", "root", "*", "publickey", "one", None, None),
    "anna": ("sshd", "anna", "*", "publickey", "one", None, None),
    "anna's password": ("sshd", "anna", "*", "password", "one", None, None),
    "bob": ("sshd", "bob", "10.0.0.0/8", "publickey", "one", "/bin/backup", None),
}
ROOTS = {"root": "uid0", "daemon": "none", "anna": "sudo", "bob": "none", "eve": "none"}
PASSWORDS = {"root": "none", "daemon": "none", "anna": "set", "bob": "none", "eve": "set"}
PLAIN: View = {
    "status": ("complete", ""),
    "version": "9.2p1",
    "skew": 0,
    "os": "Debian GNU/Linux 12 (bookworm)",
    "areas": {},
    "gaps": set(),
    "grants": list(GRANTS.values()),
    "paths": list(PATHS.values()),
    "roots": ROOTS,
    "passwords": PASSWORDS,
    "private keys": [("anna", "/home/anna/.ssh/id_ed25519", "no", "0644")],
    "host keys": 1,
    "settings": {"effective"},
}


def view(found: HostFacts) -> View:
    """What the table below speaks of, in its words."""
    return {
        "status": (found.host.status.value, found.host.reason),
        "version": found.host.sshd_version,
        "skew": found.host.clock_skew_s,
        "os": found.host.os,
        "areas": {area.area.value: area.state.value for area in found.areas if area.state != "seen"},
        "gaps": {
            (gap.subject.removeprefix("web1").removeprefix(":"), gap.area, gap.reason) for gap in found.gaps
        },
        "grants": [(g.daemon, g.account, g.line, g.accepted.value, g.reason, g.opens_root.value) for g in found.grants],
        "paths": [
            (p.daemon, p.account, p.source, p.methods, p.verdict.value, p.via, p.reason) for p in found.login_paths
        ],
        "roots": {account.account: account.root_by.value for account in found.accounts},
        "passwords": {account.account: account.password_state.value for account in found.accounts},
        "private keys": [(key.account, key.path, key.encrypted.value, key.mode) for key in found.private_keys],
        "host keys": len(found.host_keys),
        "settings": {setting.state.value for setting in found.settings},
    }  # fmt: skip


def grants(**changed: tuple[Any, ...] | None) -> list[tuple[Any, ...]]:
    """The grants of the plain host, some of them others or gone."""
    return [grant for grant in {**GRANTS, **changed}.values() if grant is not None]


def paths(changed: Mapping[str, tuple[Any, ...] | None]) -> list[tuple[Any, ...]]:
    return [path for path in {**PATHS, **changed}.values() if path is not None]


BY_WORD = "password keyboard-interactive"  # which of them is on is part of what is not known


def doubted(reason: str, *accounts: str, password: str = "") -> View:
    """Whether keys of these accounts let in is not known, nor then what opens root; with `password` no path at all.

    `password`: the methods that the path has in the table.
    """
    return {
        "gaps": {(name, "authorized_keys", f"whether keys let in is unknown: {reason}") for name in accounts},
        "grants": [
            (*grant[:3], "unknown", reason, "no" if grant[5] == "no" else "unknown") if name in accounts else grant
            for name, grant in GRANTS.items()
        ],
        "paths": [
            (*path[:3], password if path[3] == "password" else path[3], "unknown", path[5], reason)
            if path[1] in accounts and (password or path[3] == "publickey")
            else path
            for path in PATHS.values()
        ],
    }


def partial(area: str, state: str = "partial") -> View:
    return {"status": ("partial", f"not seen whole: {area}"), "areas": {area: state}}


def together(*parts: View) -> View:
    """Several differences in one; gaps add up."""
    found: dict[str, Any] = {}
    for part in parts:
        found |= {**part, "gaps": found.get("gaps", set()) | part.get("gaps", set())}
    return found


def gap(*gaps: tuple[str, str, str]) -> View:
    return {"gaps": set(gaps)}


def edited(kind: str, old: str, new: str) -> Change:
    return lambda said: said.edited(kind, old, new)


def file(kind: str, path: str, data: str, status: str = "ok") -> Change:
    return lambda said: said.with_file(kind, path, data, status)


def unread(kind: str, path: str, status: str = "unreadable") -> Change:
    return lambda said: said.status(kind, path, status)


def without(kind: str, path: str | None = None) -> Change:
    return lambda said: said.without(kind, path)


def config(line: str) -> Change:
    return edited("sshd_config", "UsePAM yes\n", f"UsePAM yes\n{line}\n")


def unpacked_by_an_ordinary_user(said: Said) -> Said:
    """All files belong to whoever unpacked them, and no list says otherwise."""
    (meta,) = [frame for frame in said.frames if frame.kind == "meta"]
    owned = re.sub(rb"(?m)^(\S+) \d+ \d+ ", rb"\1 5000 5000 ", meta.data)
    return said.without("owners").with_file("meta", "", owned)


ALL = ("root", "anna", "bob")
DENIED = "could not be read (permission denied)"
UNKNOWN_ROOTS = {**dict.fromkeys(ROOTS, "unknown"), "root": "uid0"}
NSSWITCH = f"/etc/nsswitch.conf {DENIED}: accounts, groups and sudo rules may come from a directory too"
SSS = "accounts also come from sss (nsswitch.conf, passwd), which cannot be listed from the host's files"
ANNA_KEYS = "/home/anna/.ssh/authorized_keys"
SSHD_T = (
    "port 22\npermitrootlogin without-password\nusepam yes\npubkeyauthentication yes\npasswordauthentication yes\n"
    "kbdinteractiveauthentication no\nauthorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2\nstrictmodes yes\n"
    "authenticationmethods any\n"
)
PS = "PID PPID USER ELAPSED COMMAND\n7 1 root 3 /usr/sbin/sshd -D\n"
MINUTE_AGO = int(NOW.timestamp()) - 60
RUNNING = changes(lambda said: replace(said, mode="streamed"), file("ps", "", PS.replace(" 3 ", " 01:00:00 ")))
NO_PASSWORD_PATH = paths({"anna's password": None})


def unknown_settings(reason: str) -> View:
    """Nothing of the daemon's settings is known; whether sshd asks PAM, which refuses eve, is among them."""
    unclear = f"the settings of sshd are not known: {reason}"
    door = doubted(unclear, *GRANTS, password=BY_WORD)
    eve = [("sshd", "eve", "*", methods, "unknown", None, unclear) for methods in ("publickey", BY_WORD)]
    return together(
        partial("sshd"),
        {**door, "paths": [*door["paths"], *eve]},
        gap(("", "sshd", f"settings are unknown: {reason}")),
        {"settings": {"unknown"}},
    )


EVE = ("sshd", "eve", "*", "password", "unknown", None, "")


def pending(path: str) -> View:
    """The file was changed after sshd read it: what holds is unknown, and said is what would hold then."""
    since = f"{path} was changed after sshd read its configuration"
    unclear = f"the settings of sshd are not known: {since}"
    then = f"{since}; once it reads the files as they are: accepted"
    eve = f"{since}; once it reads the files as they are: not accepted: {STAGE}: the account has expired"
    door = doubted(then, *ALL)
    return together(
        {
            **door,
            "grants": [*door["grants"][:-1], ("sshd", "eve", 1, "unknown", eve, "no")],
            "paths": [
                (*path[:3], BY_WORD, "unknown", path[5], unclear) if path[3] == "password" else path
                for path in [*door["paths"], ("sshd", "eve", "*", "publickey", "unknown", None, eve), EVE]
            ],
            "settings": {"pending"},
        },
        gap(
            ("", "sshd", f"{since}: what it runs with was not seen"),
            *((name, "pam", f"{BY_WORD}: {unclear}") for name in ("anna", "eve")),
            ("eve", "authorized_keys", f"whether keys let in is unknown: {eve}"),
        ),
    )


def no_anna(reason: str | None) -> View:
    """Anna's key file was not seen, or holds nothing: her row is not there, and keys may be."""
    path = None if reason is None else ("sshd", "anna", "*", "publickey", "unknown", None, reason)
    rows = {"grants": grants(anna=None), "paths": paths({"anna": path})}
    return (
        rows if reason is None else together(partial("authorized_keys"), rows, gap(("anna", "authorized_keys", reason)))
    )


def perhaps(reason: Callable[[str], str]) -> View:
    """Whoever has no key that lets in from anywhere may have one that was not seen; eve has expired."""
    homes = {"daemon": "/usr/sbin", "bob": "/home/bob"}
    more = {name: ("sshd", name, "*", "publickey", "unknown", None, reason(home)) for name, home in homes.items()}
    root, anna, password, bob = PATHS.values()
    return {"paths": [root, more["daemon"], anna, password, bob, more["bob"]]}


SHADOW = f"{STAGE}: whether the account has expired is not known"
EVE_UNCLEAR: View = {
    "passwords": {**PASSWORDS, "eve": "unknown"},
    "grants": grants(eve=("sshd", "eve", 1, "unknown", SHADOW, "no")),
    "paths": paths({
        "eve": ("sshd", "eve", "*", "publickey", "unknown", None, SHADOW),
        "eve's password": ("sshd", "eve", "*", "password", "unknown", None, SHADOW),
    }),
}  # fmt: skip
NO_ROOT = {
    "grants": grants(root=("sshd", "root", 1, "no", "PermitRootLogin is no", "no")),
    "paths": paths({"root": None}),
}
OPTION = "-o PermitRootLogin=no"
NO_HOME = "the owner and mode of /home/dora were not seen"
UNIT = "/usr/lib/systemd/system/ssh.service"

ROWS: list[tuple[str, Change, Scan, View]] = [
    ("nothing", changes(), Scan(), {}),
    # accounts
    ("passwd-unreadable", unread("passwd", "/etc/passwd"), Scan(), together(
        partial("accounts", "unseen"), gap(("", "accounts", f"/etc/passwd {DENIED}")),
        {"grants": [], "paths": [], "roots": {}, "passwords": {},
         "private keys": [(None, "/home/anna/.ssh/id_ed25519", "no", "0644")]},
    )),
    ("group-unreadable-and-no-rule-asks-for-a-group", unread("group", "/etc/group"), Scan(), together(
        partial("accounts"), gap(("", "accounts", f"/etc/group {DENIED}")),
    )),
    ("nsswitch-unreadable", unread("nsswitch", "/etc/nsswitch.conf"), Scan(), together(
        {"status": ("partial", "not seen whole: accounts, shadow"),
         "areas": {"accounts": "partial", "shadow": "partial"}},
        gap(("", "accounts", NSSWITCH), ("", "shadow", NSSWITCH),
            *((name, "sudo", NSSWITCH) for name in ("daemon", "bob", "eve"))),
        {"roots": {**UNKNOWN_ROOTS, "anna": "sudo"}},
    )),
    ("nsswitch-absent-as-on-musl", unread("nsswitch", "/etc/nsswitch.conf", "absent"), Scan(), {}),
    ("directory", changes(
        file("nsswitch", "/etc/nsswitch.conf", "passwd: files sss\ngroup: files\nshadow: files\n"),
        file("nsspasswd", "", "dora:x:5000:5000::/home/dora:/bin/bash\n"),
        file("akeys", "/home/dora/.ssh/authorized_keys", f"{BOB_KEY.line} dora\n"),
        unread("akeys", "/home/dora/.ssh/authorized_keys2", "absent"),
    ), Scan(), together(
        partial("accounts"),
        gap(("", "accounts", SSS),
            ("dora", "authorized_keys", f"whether keys let in is unknown: {NO_HOME}"),
            ("dora", "pam", f"password: {SHADOW}")),
        {"roots": {**ROOTS, "dora": "none"}, "passwords": {**PASSWORDS, "dora": "unknown"},
         "grants": grants(dora=("sshd", "dora", 1, "unknown", NO_HOME, "no")),
         "paths": paths({
             "dora": ("sshd", "dora", "*", "publickey", "unknown", None, NO_HOME),
             "dora's password": ("sshd", "dora", "*", "password", "unknown", None, SHADOW),
         })},
    )),
    ("shadow-unreadable", unread("shadow", "/etc/shadow"), Scan(), together(
        partial("shadow", "unseen"), doubted(SHADOW, *GRANTS, password="password"),
        gap(("", "shadow", f"/etc/shadow {DENIED}: password states and expiry are unknown"),
            ("daemon", "pam", f"password: {SHADOW}")),
        {"passwords": dict.fromkeys(PASSWORDS, "unknown"), "paths": [
            ("sshd", "root", "*", "publickey", "unknown", None, SHADOW),
            ("sshd", "daemon", "*", "password", "unknown", None, SHADOW),
            ("sshd", "anna", "*", "publickey", "unknown", None, SHADOW),
            ("sshd", "anna", "*", "password", "unknown", None, SHADOW),
            ("sshd", "bob", "10.0.0.0/8", "publickey", "unknown", "/bin/backup", SHADOW),
            ("sshd", "bob", "*", "password", "unknown", None, SHADOW),
            ("sshd", "eve", "*", "publickey", "unknown", None, SHADOW),
            ("sshd", "eve", "*", "password", "unknown", None, SHADOW),
        ]},
    )),
    ("password-field-that-is-not-understood", edited("passwd", "eve:x:", "eve:odd:"), Scan(), together(
        gap(("eve", "shadow", "what the password field says is not understood"),
            ("eve", "authorized_keys", f"whether keys let in is unknown: {SHADOW}")),
        EVE_UNCLEAR,
    )),
    ("shadow-line-that-is-not-understood", edited("shadow", "eve:set", "eve:sot"), Scan(), together(
        partial("shadow"),
        gap(("", "shadow", "/etc/shadow:5: not a shadow line; expected nine fields with ages in days"),
            ("eve", "shadow", "what the password field says is not understood"),
            ("eve", "authorized_keys", f"whether keys let in is unknown: {SHADOW}")),
        EVE_UNCLEAR,
    )),
    ("shell-missing-for-all-but-services", edited("shells", "ok /bin/bash", "missing /bin/bash"), Scan(), {
        "grants": [(*grant[:3], "no", "the shell is missing or not executable", "no") for grant in GRANTS.values()],
        "paths": [],
    }),
    ("shell-not-seen", edited("shells", "ok /bin/bash", "unknown /bin/bash"), Scan(),
     doubted("the shell was not seen", *ALL, password="password")),
    # root
    ("sudoers-unreadable", unread("sudoers", "/etc/sudoers"), Scan(), together(
        partial("sudo", "unseen"), gap(("", "sudo", f"/etc/sudoers {DENIED}: who becomes root with sudo is unknown")),
        {"roots": UNKNOWN_ROOTS, "grants": grants(anna=("sshd", "anna", 2, "yes", None, "unknown"))},
    )),
    ("sudoers-part-unreadable", unread("sudoers", "/etc/sudoers.d/anna"), Scan(), together(
        partial("sudo"),
        gap(("", "sudo", "/etc/sudoers:3: /etc/sudoers.d/anna could not be read"),
            *((name, "sudo", "sudoers: /etc/sudoers:3: /etc/sudoers.d/anna could not be read")
              for name in ("daemon", "anna", "bob", "eve"))),
        {"roots": UNKNOWN_ROOTS, "grants": grants(anna=("sshd", "anna", 2, "yes", None, "unknown"))},
    )),
    ("no-sudo", edited("exists", "present /usr/bin/sudo", "absent /usr/bin/sudo"), Scan(), {
        "areas": {"sudo": "absent"}, "roots": {**ROOTS, "anna": "none"},
        "grants": grants(anna=("sshd", "anna", 2, "yes", None, "no")),
    }),
    ("doas", changes(
        edited("exists", "absent /usr/bin/doas", "present /usr/bin/doas"),
        file("doas", "/etc/doas.conf", "permit bob\n"),
    ), Scan(), together(
        partial("sudo"),
        gap(("", "sudo", "doas.conf is not understood by this version: who becomes root with doas is unknown")),
        {"roots": {**UNKNOWN_ROOTS, "anna": "sudo"}},  # by sudo, whatever doas says
    )),
    ("doas-that-nobody-configured", edited("exists", "absent /usr/bin/doas", "present /usr/bin/doas"), Scan(), {}),
    # daemons
    ("sshd_config-unreadable", unread("sshd_config", "/etc/ssh/sshd_config"), Scan(),
     {**unknown_settings(f"/etc/ssh/sshd_config {DENIED}"), "settings": set()}),
    ("include-unreadable", unread("sshd_config", "/etc/ssh/sshd_config.d/10-passwords.conf"), Scan(),
     unknown_settings("/etc/ssh/sshd_config.d/10-passwords.conf could not be read")),
    ("include-folder-not-listed", edited("dirs", "ok /etc/ssh/sshd_config.d", "unreadable /etc/ssh/sshd_config.d"),
     Scan(), unknown_settings("/etc/ssh/sshd_config:1: /etc/ssh/sshd_config.d could not be listed")),
    ("no-sshd", changes(
        unread("sshd_config", "/etc/ssh/sshd_config", "absent"),
        edited("exists", "present /usr/sbin/sshd", "absent /usr/sbin/sshd"),
    ), Scan(), {"areas": {"sshd": "absent", "authorized_keys": "absent"}, "version": None, "grants": [], "paths": [],
                "settings": set()}),
    ("dropbear", changes(
        unread("sshd_config", "/etc/ssh/sshd_config", "absent"),
        edited("exists", "present /usr/sbin/sshd", "absent /usr/sbin/sshd"),
        edited("exists", "absent /usr/sbin/dropbear", "present /usr/sbin/dropbear"),
    ), Scan(), together(
        {"status": ("partial", "not seen whole: sshd"), "areas": {"sshd": "partial", "authorized_keys": "absent"},
         "version": None, "grants": [], "paths": [], "settings": set()},
        gap(("", "sshd", "the SSH server is dropbear, whose settings this version does not read")),
    )),
    ("match", config("Match User anna\nPasswordAuthentication no"), Scan(), {"paths": NO_PASSWORD_PATH}),
    ("match-by-address", config("Match Address 10.0.0.0/8\nPasswordAuthentication no"), Scan(), {
        "paths": paths({"anna's password": ("sshd", "anna", "*,!10.0.0.0/8", "password", "one", None, None)}),
    }),
    ("match-of-keys-by-address", config("PubkeyAuthentication no\nMatch Address 10.0.0.0/8\nPubkeyAuthentication yes"),
     Scan(), {"grants": grants(eve=("sshd", "eve", 1, "no", "PubkeyAuthentication is no", "no")), "paths": paths({
         "root": ("sshd", "root", "10.0.0.0/8", "publickey", "one", None, None),
         "anna": ("sshd", "anna", "10.0.0.0/8", "publickey", "one", None, None),
     })}),
    ("match-by-an-unseen-group", changes(
        unread("group", "/etc/group"), config("Match Group ops\nPubkeyAuthentication no"),
    ), Scan(), together(
        partial("accounts"), doubted("PubkeyAuthentication is not known", *ALL), {"settings": {"effective", "unknown"}},
        gap(("", "accounts", f"/etc/group {DENIED}"),
            *((name, "sshd", "settings whose value is unknown: pubkeyauthentication")
              for name in ("root", "daemon", "anna", "bob", "eve"))),
    )),
    ("keys-of-a-program-for-an-unseen-group", changes(
        unread("group", "/etc/group"), config("Match Group ops\nAuthorizedKeysCommand /bin/keys"),
    ), Scan(), together(
        partial("accounts"), perhaps(lambda _: "AuthorizedKeysCommand is not known"),
        {"settings": {"effective", "unknown"}},
        gap(("", "accounts", f"/etc/group {DENIED}"),
            *((name, "sshd", "settings whose value is unknown: authorizedkeyscommand")
              for name in ("root", "daemon", "anna", "bob", "eve"))),
    )),
    ("sshd-answers", file("sshd_t", "", SSHD_T, "rc=0"), Scan(), {}),
    ("sshd-answers-otherwise", file("sshd_t", "", SSHD_T.replace("\npassword", "\npasswordauthentication no\n#"),
                                    "rc=0"), Scan(), together(
        {"paths": paths({"anna's password":
             ("sshd", "anna", "*", "password", "unknown", None, "PasswordAuthentication is not known")}),
         "settings": {"effective", "conflict"}},
        gap(("", "sshd", "`sshd -T` prints another passwordauthentication than the files give for *"),
            ("anna", "pam", "password: PasswordAuthentication is not known")),
    )),
    ("sshd-answers-otherwise-for-an-account", changes(
        file("sshd_t", "", SSHD_T, "rc=0"),
        file("sshd_tc", "-C user=anna,host=192.0.2.77,addr=192.0.2.77,laddr=192.0.2.1,lport=22",
             SSHD_T.replace("pubkeyauthentication yes", "pubkeyauthentication no"), "rc=0"),
        config("Match User anna\nX11Forwarding no"),
    ), Scan(), together(
        doubted("PubkeyAuthentication is not known", "anna"), {"settings": {"effective", "conflict"}},
        gap(("", "sshd", "`sshd -T` prints another pubkeyauthentication than the files give for anna from 192.0.2.77")),
    )),
    ("sshd-does-not-answer", file("sshd_t", "", "", "rc=255"), Scan(), {}),
    ("sshd-answers-nothing", file("sshd_t", "", "", "rc=0"), Scan(),
     {**unknown_settings("sshd -T printed no settings"), "settings": set()}),
    ("two-daemons", changes(
        file("sshd_t", "", SSHD_T, "rc=0"),
        file("sshd_t", "-f /etc/two", SSHD_T.replace("without-password", "no"), "rc=0"),
        file("sshd_config", "/etc/two", "PermitRootLogin no\nUsePAM yes\nKbdInteractiveAuthentication no\n"),
    ), Scan(), {
        "grants": [
            *GRANTS.values(),
            ("/etc/two", "root", 1, "no", "PermitRootLogin is no", "no"),
            *(("/etc/two", *GRANTS[name][1:]) for name in ("anna", "bob", "eve")),
        ],
        "paths": [*PATHS.values(), *(("/etc/two", *path[1:]) for name, path in PATHS.items() if name != "root")],
    }),
    ("listener-with-options-that-was-not-asked", file("ps", "", PS.replace("-D", f"-D {OPTION}")), Scan(), NO_ROOT),
    ("listener-with-options-that-did-not-answer", file("sshd_t", OPTION, "", "rc=255"), Scan(), NO_ROOT),
    ("listener-with-an-option-that-is-none", file("ps", "", PS.replace("-D", "-D -o Weather=bad")), Scan(),
     unknown_settings('command line: the keyword "weather" is not known; sshd refuses that')),
    ("somebody-who-calls-himself-sshd", file("ps", "", PS.replace("root", "anna").replace("-D", "-o X=y")), Scan(), {}),
    ("listener-at-another-port", file("ps", "", PS.replace("-D", "-D -p 2222")), Scan(), {}),
    ("options-in-the-file-of-the-unit", changes(
        file("sshd_env", "/etc/default/ssh", f'SSHD_OPTS="{OPTION}"\n'),
        file("unit", UNIT, "[Service]\nEnvironmentFile=-/etc/default/ssh\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\n"),
    ), Scan(offline=True), {**NO_ROOT, "skew": None}),
    ("options-without-a-unit", file("sshd_env", "/etc/default/ssh", f'SSHD_OPTS="{OPTION}"\n'),
     Scan(offline=True), {**NO_ROOT, "skew": None}),
    ("options-that-no-unit-uses", changes(
        file("sshd_env", "/etc/default/ssh", f'SSHD_OPTS="{OPTION}"\n'),
        file("unit", UNIT, "[Service]\nExecStart=/usr/sbin/sshd -D\n"),
    ), Scan(offline=True), {"skew": None}),
    ("changed-since-it-started", changes(
        RUNNING,
        file("conf_times", "", f"{MINUTE_AGO} /etc/ssh/sshd_config\n"),
    ), Scan(), together(
        partial("sshd"), pending("/etc/ssh/sshd_config"),
    )),
    ("read-again-since-the-change", changes(
        RUNNING,
        file("sshd_t", "", SSHD_T + "pidfile /run/sshd.pid\n", "rc=0"),
        file("conf_times", "", f"{MINUTE_AGO} /etc/ssh/sshd_config\n{MINUTE_AGO + 9} /run/sshd.pid\n"),
    ), Scan(), {}),
    ("options-in-a-comment", file("sshd_env", "/etc/default/ssh", "# SSHD_OPTS=-o X=y\nSSHD_OPTS=\n"),
     Scan(offline=True), {"skew": None}),
    # versions
    ("version-by-hand-comes-first", changes(), Scan(sshd_version="8.4p1"), {
        "version": "8.4p1",
        # before 8.7 a second name, ChallengeResponseAuthentication, stands for keyboard-interactive: its default is on
        "paths": paths({"anna's password": ("sshd", "anna", "*", "password keyboard-interactive", "one", None, None)}),
    }),
    ("version-of-the-banner", without("sshd_package"), Scan(server_version="OpenSSH_8.9p1 Ubuntu-3ubuntu0.10"),
     {"version": "8.9p1"}),
    ("version-of-the-package", changes(), Scan(offline=True), {"skew": None}),
    ("version-of-the-program", changes(
        without("sshd_package"), file("sshd_version", "/usr/sbin/sshd", "OpenSSH_9.7p1, OpenSSL 3.2\n")
    ), Scan(offline=True), {"version": "9.7p1", "skew": None}),
    # PAM and nologin
    ("pam-not-seen", without("pam"), Scan(), together(
        partial("pam", "unseen"), doubted("the PAM files were not seen", *GRANTS, password="password"),
        gap(("", "pam", "the PAM files were not seen"), ("daemon", "pam", "password: the PAM files were not seen")),
        {"paths": [
            ("sshd", "root", "*", "publickey", "unknown", None, "the PAM files were not seen"),
            ("sshd", "daemon", "*", "password", "unknown", None, "the PAM files were not seen"),
            ("sshd", "anna", "*", "publickey", "unknown", None, "the PAM files were not seen"),
            ("sshd", "anna", "*", "password", "unknown", None, "the PAM files were not seen"),
            ("sshd", "bob", "10.0.0.0/8", "publickey", "unknown", "/bin/backup", "the PAM files were not seen"),
            ("sshd", "bob", "*", "password", "unknown", None, "the PAM files were not seen"),
            ("sshd", "eve", "*", "publickey", "unknown", None, "the PAM files were not seen"),
            ("sshd", "eve", "*", "password", "unknown", None, "the PAM files were not seen"),
        ]},
    )),
    ("nologin", edited("exists", "absent /etc/nologin", "present /etc/nologin"), Scan(), together(
        doubted("a nologin file is there", "anna", "bob", password="password"),
        gap(("", "pam", "a nologin file is there: who gets in when it is gone is not judged")),
    )),
    ("nologin-not-looked-at", edited("exists", "absent /etc/nologin", "unknown /etc/nologin"), Scan(), together(
        doubted("whether a nologin file is there is not known", "anna", "bob", password="password"),
        gap(("", "pam", "whether a nologin file is there is not known")),
    )),
    # authorized_keys
    ("key-file-unreadable", unread("akeys", ANNA_KEYS), Scan(), no_anna(f"{ANNA_KEYS} {DENIED}")),
    ("key-file-not-looked-at", without("akeys", ANNA_KEYS), Scan(), no_anna(f"{ANNA_KEYS} was not looked at")),
    ("key-file-on-a-network-file-system", unread("akeys", ANNA_KEYS, "notvisited"), Scan(),
     no_anna(f"{ANNA_KEYS} lies on a network file system, which was not visited")),
    ("key-file-that-changed", unread("akeys", ANNA_KEYS, "changed"), Scan(),
     no_anna(f"{ANNA_KEYS} changed while it was read")),
    ("key-file-that-is-too-large", unread("akeys", ANNA_KEYS, "toolarge"), Scan(),
     no_anna(f"{ANNA_KEYS} is too large to be read")),
    ("key-file-that-sshd-does-not-open", unread("akeys", ANNA_KEYS, "notregular"), Scan(), no_anna(None)),
    ("key-file-with-lines-that-are-none", file(
        "akeys", ANNA_KEYS, f"#\n{ANNA_KEY.line} anna\nhyg:dropped 17\n", "filtered"
    ), Scan(), {
        "grants": [*grants()[:2], ("sshd", "anna", 3, "no", "there is no key in the line", "no"), *grants()[2:]],
    }),
    ("key-file-that-others-can-write", edited(
        "owners", "./home/anna/.ssh type=dir mode=0755", "./home/anna/.ssh mode=0777"
    ), Scan(), {
        "grants": grants(anna=("sshd", "anna", 2, "no", "/home/anna/.ssh is writable by others", "no")),
        "paths": paths({"anna": None}),
    }),
    ("owners-lost", unpacked_by_an_ordinary_user, Scan(offline=True),
     {**doubted("the owners of the files in this image are lost; give them with --owners", *ALL), "skew": None}),
    ("keys-of-a-program", config("AuthorizedKeysCommand /bin/keys\nAuthorizedKeysCommandUser bob"), Scan(), together(
        partial("authorized_keys"),
        gap(("", "authorized_keys", "keys that a program supplies (AuthorizedKeysCommand) cannot be listed"),
            ("", "authorized_keys",
             "whether sshd runs /bin/keys is unknown: the owner and mode of /bin/keys were not seen")),
        perhaps(lambda _: "keys that a program supplies (AuthorizedKeysCommand) cannot be listed"),
    )),
    ("keys-of-a-program-that-nobody-runs", config("AuthorizedKeysCommand /bin/keys\nAuthorizedKeysCommandUser gone"),
     Scan(), {}),
    ("key-files-by-a-pattern-that-was-not-listed", config("AuthorizedKeysFile .ssh/*"), Scan(sshd_version="10.0p2"),
     together(
        partial("authorized_keys"),
        gap(*(("", "authorized_keys",
               f"AuthorizedKeysFile {home}/.ssh/* is a pattern, and {home}/.ssh could not be listed")
              for home in ("/root", "/usr/sbin", "/home/anna", "/home/bob", "/home/eve"))),
        perhaps(lambda home: f"AuthorizedKeysFile {home}/.ssh/* is a pattern, and {home}/.ssh could not be listed"),
        {"version": "10.0p2"},
    )),
    ("key-files-by-a-pattern", changes(
        config("AuthorizedKeysFile .ssh/auth*[ys]"),
        *(edited("dirs", "ok /etc/pam.d", f"ok /etc/pam.d\nok {home}/.ssh")
          for home in ("/root", "/usr/sbin", "/home/anna", "/home/bob", "/home/eve")),
    ), Scan(sshd_version="10.0p2"), {"version": "10.0p2"}),
    ("no-key-files", config("AuthorizedKeysFile none"), Scan(),
     {"grants": [], "paths": [PATHS["anna's password"]]}),
    ("forced-command-for-all", config("ForceCommand /bin/menu"), Scan(), {
        "grants": [(*grant[:5], "no") for grant in GRANTS.values()],
        "paths": [(*path[:5], "/bin/menu", None) for path in PATHS.values()],
    }),
    # keys that lie on the host
    ("host-key-unreadable", unread("hostkey_pub", "/etc/ssh/ssh_host_ed25519_key.pub"), Scan(), together(
        partial("host_keys"), gap(("", "host_keys", f"/etc/ssh/ssh_host_ed25519_key.pub {DENIED}")), {"host keys": 0},
    )),
    ("host-key-that-was-offered-and-is-no-file", without("hostkey_pub"), Scan(host_key=HOST_KEY.line), {}),
    ("host-key-none", without("hostkey_pub"), Scan(), {"areas": {"host_keys": "absent"}, "host keys": 0}),
    ("host-key-elsewhere-and-not-looked-at", config("HostKey /etc/keys/host"), Scan(), together(
        partial("host_keys"), gap(("", "host_keys", "/etc/keys/host.pub was not looked at")), {"host keys": 0},
    )),
    ("offered-key-that-is-none", changes(), Scan(host_key="ssh-ed25519 !!!"), {}),
    ("private-keys-not-searched-for", without("private_keys"), Scan(), together(
        partial("private_keys", "unseen"), gap(("", "private_keys", "private keys were not searched for")),
        {"private keys": []},
    )),
    ("searched-without-root", lambda said: replace(said, uid=1000, mode="streamed"), Scan(), together(
        partial("private_keys"),
        gap(("", "private_keys", "searched without root: folders of others were not entered")),
    )),
    ("image-read-without-root", lambda said: replace(said, uid=1000), Scan(), {}),
    ("private-key-of-unknown-form", edited("private_keys", "openssh no", "openssh unknown"), Scan(), together(
        gap(("", "private_keys", "whether /home/anna/.ssh/id_ed25519 has a passphrase is unknown")),
        {"private keys": [("anna", "/home/anna/.ssh/id_ed25519", "unknown", "0644")]},
    )),
    ("private-key-outside-a-home-is-its-owners", changes(
        edited("private_keys", "/home/anna/.ssh/id_ed25519", "/srv/key"),
        edited("owners", "./var type", "./srv/key mode=0600 uid=1001 gid=1001\n./var type"),
    ), Scan(), {"private keys": [("bob", "/srv/key", "no", "0600")]}),
    ("private-key-that-the-list-of-owners-leaves-out",
     edited("private_keys", "/home/anna/.ssh/id_ed25519", "/srv/key"), Scan(),
     {"private keys": [(None, "/srv/key", "no", "????")]}),
    # notes and clocks
    ("note", lambda said: replace(said, notes=("private_keys too-many more than 5000",)), Scan(), together(
        partial("private_keys"), gap(("", "private_keys", "too many: more than 5000")),
    )),
    ("note-of-an-area-that-is-none", lambda said: replace(said, notes=("weather bad", "logs x y")), Scan(), {}),
    ("clock-ahead", lambda said: replace(said, at=NOW + timedelta(hours=3)), Scan(), {"skew": 10_798}),
    ("clock-behind", lambda said: replace(said, at=NOW - timedelta(hours=3)), Scan(), {"skew": -10_800}),
    ("clock-within-the-scan", lambda said: replace(said, at=NOW + timedelta(seconds=1)), Scan(), {}),
    ("no-clock-in-an-image", changes(), Scan(offline=True), {"skew": None}),
    ("no-os-release", without("os-release"), Scan(), {"os": None}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "scan", "expected"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_what_follows_from_a_change(said: Said, change: Change, scan: Scan, expected: View) -> None:
    assert view(facts_of(change(said), scan)) == {**PLAIN, **expected}


def test_a_list_of_owners_given_beside_an_image(said: Said, image: Image) -> None:
    """It says the same as the one that the collector read along."""
    found = facts_of(unpacked_by_an_ordinary_user(said), Scan(offline=True, owners=image.owners))
    assert view(found) == {**PLAIN, "skew": None}


def test_a_list_of_owners_that_says_too_little(said: Said) -> None:
    """What is not listed has no owner that is known: then nobody can say whether sshd trusts the file."""
    few = b"#mtree\n./etc/passwd mode=0644 uid=0 gid=0\n"
    found = facts_of(unpacked_by_an_ordinary_user(said), Scan(offline=True, owners=few))
    assert view(found) == {
        **PLAIN,
        **doubted("the owner and mode of / were not seen", *ALL),
        "skew": None,
        "private keys": [("anna", "/home/anna/.ssh/id_ed25519", "no", "????")],
    }


def test_an_image_without_a_version_says_what_to_do(said: Said) -> None:
    found = facts_of(said.without("sshd_package"), Scan(offline=True))
    told = [reason for _, area, reason in view(found)["gaps"] if area == "sshd"]
    assert (
        "the version of sshd is unknown: a key counts as accepted when any version accepts it; give it with"
        " --sshd-version"
    ) in told
    assert {grant[3] for grant in view(found)["grants"]} == {"unknown", "no"}


def test_a_group_that_was_not_seen_and_decides(said: Said) -> None:
    """Whoever is in it becomes root: so it is not known of anybody, but of him whom a rule names."""
    rule = edited("sudoers", "%sudo ALL=(ALL:ALL) ALL", "%admins ALL=(ALL) NOPASSWD: ALL")
    found = facts_of(changes(rule, unread("group", "/etc/group"))(said))
    assert view(found)["roots"] == {**UNKNOWN_ROOTS, "anna": "sudo"}


def test_which_keys_were_used_is_told_where_logs_were_read(said: Said) -> None:
    key, other = f"SHA256:{'k' * 43}", f"SHA256:{'o' * 43}"
    uses = f"anna {key} 10.0.0.7 1777000000 1777600000 3\nnobody {other} ::1 1777000001 1777000001 1\n"
    read = changes(file("key_uses", "", uses), file("logs_since", "", "1770000000 1777600000 /var/log/auth.log\n"))(
        said
    )
    found = facts_of(read)
    when = [datetime.fromtimestamp(epoch, UTC) for epoch in (1777000000, 1777600000, 1777000001, 1770000000)]
    assert found.key_uses == (
        KeyUse(NAME, "anna", key, "10.0.0.7", when[0], when[1], 3),
        KeyUse(NAME, "nobody", other, "::1", when[2], when[2], 1),
    )
    assert found.host.logs_since == when[3]
    assert Area(NAME, AreaName.LOGS, AreaState.SEEN) in found.areas


def test_logs_that_could_not_be_read_are_a_gap(said: Said) -> None:
    found = facts_of(file("key_uses", "", "")(said))
    assert (found.host.logs_since, found.host.status) == (None, Status.PARTIAL)
    assert Gap(NAME, NAME, "logs", "no log of sshd was found, or it could not be read") in found.gaps
    assert Area(NAME, AreaName.LOGS, AreaState.UNSEEN) in found.areas


@pytest.mark.parametrize(
    ("more", "accepted"),
    [
        pytest.param(changes(), "no", id="nobody listens there"),
        pytest.param(file("unit", "/etc/systemd/system/ssh.socket", "[Socket]\nListenStream=0.0.0.0:2222\n"), "yes",
                     id="systemd does"),
        pytest.param(config("Port 2222"), "yes", id="sshd does"),
    ],
)  # fmt: skip
def test_a_block_for_a_port_counts_where_somebody_listens(said: Said, more: Change, accepted: str) -> None:
    block = config("PubkeyAuthentication no\nMatch LocalPort 2222\nPubkeyAuthentication yes")
    found = facts_of(changes(block, more)(said))
    assert [(grant.account, grant.accepted) for grant in found.grants if grant.account == "root"] == [
        ("root", accepted)
    ]
