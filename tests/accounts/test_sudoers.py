"""Who becomes root by sudoers: a table of files, judged here and by the real sudo."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from hygiene.accounts import group, passwd
from hygiene.accounts.sudoers import Root, judge
from hygiene.accounts.sudoers_asking import SudoAuth
from hygiene.accounts.sudoers_files import read
from hygiene.accounts.sudoers_lists import Machine
from hygiene.model import RootBy

PASSWD = b"root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\nbob:x:1001:1001::/:/bin/sh\n"
GROUP = b"root:x:0:\nsudo:x:27:alice\nops:x:2000:bob\nalice:x:1000:\nbob:x:1001:\ndomain users:x:2001:bob\n"
MAIN = "/etc/sudoers"
D = "/etc/sudoers.d/"

# id: (files, alice, bob); one text is /etc/sudoers. `own sudo sudo-i`: one's own password, by one of these services
CASES: dict[str, tuple[str | dict[str, str], str, str]] = {
    "debian-default": (
        "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n",
        "own sudo sudo-i",
        "none",
    ),
    "nopasswd-all": ("alice ALL=(ALL:ALL) NOPASSWD: ALL\n", "sudo", "none"),
    "nopasswd-by-group": ("%sudo ALL=(ALL) NOPASSWD:ALL\n", "sudo", "none"),
    "group-by-gid": ("%#2000 ALL=(ALL) NOPASSWD: ALL\n", "none", "sudo"),
    "primary-group": ("%bob ALL=(ALL) NOPASSWD: ALL\n", "none", "sudo"),
    "group-with-a-blank": ('"%domain users" ALL=(ALL) NOPASSWD: ALL\n', "none", "sudo"),
    "group-with-an-escaped-blank": ("%domain\\ users ALL=(ALL) NOPASSWD: ALL\n", "none", "sudo"),
    "user-by-uid": ("#1001 ALL=(ALL) NOPASSWD: ALL\n", "none", "sudo"),
    "everybody": ("ALL ALL=(ALL) NOPASSWD: ALL\n", "sudo", "sudo"),
    "no-runas-list-is-root": ("bob ALL=NOPASSWD: ALL\n", "none", "sudo"),
    "runas-root": ("bob ALL=(root) NOPASSWD: ALL\n", "none", "sudo"),
    "runas-root-by-uid": ("bob ALL=(#0) NOPASSWD: ALL\n", "none", "sudo"),
    "runas-another": ("bob ALL=(alice) NOPASSWD: ALL\n", "none", "none"),
    "runas-all-but-root": ("bob ALL=(ALL, !root) NOPASSWD: ALL\n", "none", "none"),
    "runas-not-root-then-all": ("bob ALL=(!root, ALL) NOPASSWD: ALL\n", "none", "sudo"),
    "runas-group-only": ("bob ALL=(:ops) NOPASSWD: ALL\n", "none", "none"),
    "runas-empty": ("bob ALL=() NOPASSWD: ALL\n", "none", "none"),
    "runas-alias": ("Runas_Alias ADMIN = root, alice\nbob ALL=(ADMIN) NOPASSWD: ALL\n", "none", "sudo"),
    "runas-group-of-root": ("bob ALL=(%root) NOPASSWD: ALL\n", "none", "sudo"),
    "runas-handed-on": ("bob ALL=(alice) NOPASSWD: /bin/ls, ALL\n", "none", "none"),
    "runas-changed-on-the-way": ("bob ALL=(alice) NOPASSWD: /bin/ls, (root) ALL\n", "none", "sudo"),
    "runas-forgotten-behind-a-colon": ("bob web2=(alice) ALL : ALL=NOPASSWD: ALL\n", "none", "sudo"),
    "runas-default": ("Defaults runas_default=alice\nbob ALL=NOPASSWD: ALL\n", "none", "none"),
    "named-command": ("bob ALL=(root) NOPASSWD: /usr/bin/systemctl restart app\n", "none", "none"),
    "command-with-digest": (
        "bob ALL=NOPASSWD: sha256:" + "a" * 64 + " /usr/local/libexec/collector\n",
        "none",
        "none",
    ),
    "tag-handed-on": ("bob ALL=NOPASSWD: /bin/ls, ALL\n", "none", "sudo"),
    "tag-taken-back": ("bob ALL=NOPASSWD: /bin/ls, PASSWD: ALL\n", "none", "own sudo sudo-i"),
    "several-tags": ("bob ALL=(root) NOEXEC: SETENV:NOPASSWD : ALL\n", "none", "sudo"),
    "tag-forgotten-behind-a-colon": ("bob web2=NOPASSWD: ALL : web1=ALL\n", "none", "own sudo sudo-i"),
    "options-before-tags": ("bob ALL=(root) CWD=/tmp TIMEOUT=10m NOPASSWD: ALL\n", "none", "sudo"),
    "later-rule-asks": ("bob ALL=NOPASSWD: ALL\nbob ALL=(ALL) ALL\n", "none", "own sudo sudo-i"),
    "later-rule-is-free": ("bob ALL=(ALL) ALL\nbob ALL=NOPASSWD: ALL\n", "none", "sudo"),
    "later-rule-for-others": ("bob ALL=NOPASSWD: ALL\nalice ALL=(ALL) ALL\n", "own sudo sudo-i", "sudo"),
    "later-rule-of-the-group": ("alice ALL=NOPASSWD: ALL\n%sudo ALL=(ALL) ALL\n", "own sudo sudo-i", "none"),
    "later-named-command-changes-nothing": ("bob ALL=NOPASSWD: ALL\nbob ALL=PASSWD: /usr/bin/id\n", "none", "sudo"),
    "refused-afterwards": ("bob ALL=NOPASSWD: ALL\nbob ALL=!ALL\n", "none", "none"),
    "refused-in-the-list": ("bob ALL=NOPASSWD: ALL, !ALL\n", "none", "none"),
    "refused-shell-is-no-hindrance": ("bob ALL=NOPASSWD: ALL, !/bin/sh, !/usr/bin/su\n", "none", "sudo"),
    "user-taken-out": ("%ops, !bob ALL=NOPASSWD: ALL\n", "none", "none"),
    "user-taken-out-too-early": ("!bob, %ops ALL=NOPASSWD: ALL\n", "none", "sudo"),
    "double-negation": ("!!bob ALL=NOPASSWD: ALL\n", "none", "sudo"),
    "all-but-a-group": ("ALL, !%sudo ALL=NOPASSWD: ALL\n", "none", "sudo"),
    "user-alias": ("User_Alias ADMINS = alice, %ops\nADMINS ALL=NOPASSWD: ALL\n", "sudo", "sudo"),
    "user-alias-negated": ("User_Alias ADMINS = alice\nALL, !ADMINS ALL=NOPASSWD: ALL\n", "none", "sudo"),
    "user-alias-with-a-negation": ("User_Alias A = ALL, !bob\nA ALL=NOPASSWD: ALL\n", "sudo", "none"),
    "two-aliases-on-a-line": ("User_Alias A = alice : B = bob\nB ALL=NOPASSWD: ALL\n", "none", "sudo"),
    "alias-defined-later": ("B ALL=NOPASSWD: ALL\nUser_Alias B = bob\n", "none", "sudo"),
    "alias-of-an-alias": ("User_Alias A = B\nUser_Alias B = bob\nA ALL=NOPASSWD: ALL\n", "none", "sudo"),
    "alias-not-defined": ("B ALL=NOPASSWD: ALL\n", "none", "none"),
    "host-named": ("bob web1=NOPASSWD: ALL\n", "none", "sudo"),
    "host-in-other-case": ("bob Web1=NOPASSWD: ALL\n", "none", "sudo"),
    "host-of-others": ("bob web2=NOPASSWD: ALL\n", "none", "none"),
    "host-glob": ("bob web*=NOPASSWD: ALL\n", "none", "sudo"),
    "host-taken-out": ("bob ALL, !web1=NOPASSWD: ALL\n", "none", "none"),
    "host-alias": ("Host_Alias FRONT = web1, web2\nbob FRONT=NOPASSWD: ALL\n", "none", "sudo"),
    "hosts-by-colon": ("bob web2=NOPASSWD: /bin/ls : web1=NOPASSWD: ALL\n", "none", "sudo"),
    "cmnd-alias": ("Cmnd_Alias X = /bin/ls, ALL\nbob ALL=NOPASSWD: X\n", "none", "sudo"),
    "cmnd-alias-with-a-negation": ("Cmnd_Alias X = ALL, !ALL\nbob ALL=NOPASSWD: X\n", "none", "none"),
    "cmnd-alias-negated": ("Cmnd_Alias X = !ALL\nbob ALL=NOPASSWD: !X\n", "none", "sudo"),
    "shell": ("bob ALL=NOPASSWD: /bin/sh\n", "none", "sudo"),
    "shell-by-usr": ("bob ALL=NOPASSWD: /usr/bin/bash\n", "none", "sudo"),
    "shell-without-arguments": ('bob ALL=NOPASSWD: /bin/bash ""\n', "none", "sudo"),
    "shell-as-login": ("bob ALL=NOPASSWD: /bin/bash -l\n", "none", "sudo"),
    "shell-with-a-script": ("bob ALL=NOPASSWD: /bin/sh /opt/deploy.sh\n", "none", "none"),
    "shell-with-a-password": ("bob ALL=/bin/sh\n", "none", "own sudo sudo-i"),
    "shell-by-glob": ("bob ALL=NOPASSWD: /bin/*sh\n", "none", "sudo"),
    "shell-by-folder": ("bob ALL=NOPASSWD: /usr/bin/\n", "none", "sudo"),
    "shell-in-an-alias": ("Cmnd_Alias SHELLS = /bin/sh, /bin/bash\nbob ALL=NOPASSWD: SHELLS\n", "none", "sudo"),
    "shell-allowed-then-asked": ("bob ALL=NOPASSWD: /bin/sh\nbob ALL=ALL\n", "none", "own sudo sudo-i"),
    "su": ("bob ALL=NOPASSWD: /usr/bin/su\n", "none", "sudo"),
    "su-minus": ("bob ALL=NOPASSWD: /bin/su -\n", "none", "sudo"),
    "su-to-root": ("bob ALL=NOPASSWD: /bin/su - root\n", "none", "sudo"),
    "su-to-another": ("bob ALL=NOPASSWD: /bin/su - alice\n", "none", "none"),
    "env": ("bob ALL=NOPASSWD: /usr/bin/env *\n", "none", "sudo"),
    "env-without-arguments": ('bob ALL=NOPASSWD: /usr/bin/env ""\n', "none", "none"),
    "sudoedit": ("bob ALL=NOPASSWD: sudoedit /etc/hosts\n", "none", "none"),
    "defaults-free": ("Defaults !authenticate\nbob ALL=(ALL) ALL\n", "none", "sudo"),
    "defaults-among-others": (
        'Defaults env_keep += "A B", !authenticate, secure_path="/bin:/usr/bin"\nbob ALL=ALL\n',
        "none",
        "sudo",
    ),
    "defaults-free-behind-the-rule": ("bob ALL=(ALL) ALL\nDefaults !authenticate\n", "none", "sudo"),
    "defaults-taken-back": ("Defaults !authenticate\nDefaults authenticate\nbob ALL=ALL\n", "none", "own sudo sudo-i"),
    "defaults-and-the-tag": ("Defaults !authenticate\nbob ALL=PASSWD: ALL\n", "none", "own sudo sudo-i"),
    "defaults-of-a-user": ("Defaults:bob !authenticate\nALL ALL=ALL\n", "own sudo sudo-i", "sudo"),
    "defaults-of-a-group": ("Defaults:%sudo !authenticate\nALL ALL=ALL\n", "sudo", "own sudo sudo-i"),
    "defaults-of-a-host": ("Defaults@web1 !authenticate\nbob ALL=ALL\n", "none", "sudo"),
    "defaults-of-another-host": ("Defaults@web2 !authenticate\nbob ALL=ALL\n", "none", "own sudo sudo-i"),
    "defaults-of-root": ("Defaults>root !authenticate\nbob ALL=ALL\n", "none", "sudo"),
    "defaults-of-a-command": ("Defaults!/bin/sh !authenticate\nbob ALL=ALL\n", "none", "sudo"),
    "defaults-of-a-harmless-command": ("Defaults!/bin/ls !authenticate\nbob ALL=ALL\n", "none", "own sudo sudo-i"),
    "root's-password": ("Defaults rootpw\nbob ALL=ALL\n", "none", "root sudo sudo-i"),
    "root's-password-taken-back": ("Defaults rootpw\nDefaults !rootpw\nbob ALL=ALL\n", "none", "own sudo sudo-i"),
    "root's-password-of-a-user": ("Defaults:bob rootpw\nALL ALL=ALL\n", "own sudo sudo-i", "root sudo sudo-i"),
    "root's-password-of-another-host": ("Defaults@web2 rootpw\nbob ALL=ALL\n", "none", "own sudo sudo-i"),
    "root's-password-for-root": ("Defaults>root rootpw\nbob ALL=ALL\n", "none", "root sudo sudo-i"),
    "root's-password-for-a-shell": ("Defaults!/bin/sh rootpw\nbob ALL=ALL\n", "none", "root sudo sudo-i; own sudo"),
    "root's-password-and-no-password": ("Defaults rootpw\nbob ALL=NOPASSWD: ALL\n", "none", "sudo"),
    "a-flag-takes-no-value": ("Defaults rootpw=yes\nbob ALL=ALL\n", "none", "own sudo sudo-i"),
    "a-flag-with-a-value-changes-nothing": (
        "Defaults rootpw\nDefaults rootpw=no\nbob ALL=ALL\n",
        "none",
        "root sudo sudo-i",
    ),
    "target's-password": ("Defaults targetpw\nALL ALL=(ALL) ALL\n", "root sudo sudo-i", "root sudo sudo-i"),
    "default-target's-password": ("Defaults runaspw\nbob ALL=ALL\n", "none", "root sudo sudo-i"),
    "default-target's-password-of-another": (
        "Defaults runaspw, runas_default=alice\nbob ALL=(ALL) ALL\n",
        "none",
        "alice sudo sudo-i",
    ),
    "root's-password-before-the-default-target's": (
        "Defaults targetpw, runaspw, runas_default=alice, rootpw\nbob ALL=(ALL) ALL\n",
        "none",
        "root sudo sudo-i",
    ),
    "service-of-pam": ("Defaults pam_service=other-sudo\nbob ALL=ALL\n", "none", "own other-sudo sudo-i"),
    "service-of-pam-for-a-user": (
        'Defaults:bob pam_service="other-sudo", pam_login_service=other-sudo\nALL ALL=ALL\n',
        "own sudo sudo-i",
        "own other-sudo",
    ),
    "service-of-pam-cannot-be-negated": ("Defaults !pam_service\nbob ALL=ALL\n", "none", "own sudo sudo-i"),
    "service-of-pam-for-askpass": (
        "Defaults pam_askpass_service=ask\nbob ALL=ALL\n",
        "none",
        "own sudo sudo-i ask",
    ),
    "no-tries": ("Defaults passwd_tries=0\nbob ALL=ALL\n", "none", "none"),
    "no-tries-for-one": (
        "Defaults passwd_tries=0\nDefaults:bob passwd_tries=1\nALL ALL=ALL\n",
        "none",
        "own sudo sudo-i",
    ),
    "shell-that-is-not-root's": ("bob ALL=/bin/bash\n", "none", "own sudo"),
    "su-with-a-password": ("bob ALL=/bin/su -\n", "none", "own sudo"),
    "named-command-with-a-password": ("bob ALL=(root) /usr/bin/systemctl restart app\n", "none", "none"),
    "another-account-with-a-password": ("bob ALL=(alice) ALL\n", "none", "none"),
    "exempt-group": ("Defaults exempt_group=ops\nALL ALL=ALL\n", "own sudo sudo-i", "sudo"),
    "exempt-group-beats-the-tag": ("Defaults exempt_group=ops\nbob ALL=PASSWD: ALL\n", "none", "sudo"),
    "continued-line": ("bob ALL=(ALL) \\\n  NOPASSWD: \\\n ALL\n", "none", "sudo"),
    "comment-behind": ("bob ALL=NOPASSWD: ALL # on call\n", "none", "sudo"),
    "comment-does-not-continue": ("# old \\\nbob ALL=NOPASSWD: ALL\n", "none", "sudo"),
    "comment-behind-does-not-continue": ("alice ALL=ALL # x \\\nbob ALL=NOPASSWD: ALL\n", "own sudo sudo-i", "sudo"),
    "commented-out": ("#bob ALL=NOPASSWD: ALL\n", "none", "none"),
    "crlf": ("bob ALL=NOPASSWD: ALL\r\n", "none", "sudo"),
    "no-newline-at-the-end": ("bob ALL=NOPASSWD: ALL", "none", "sudo"),
    "tabs-and-no-blanks": ("bob\tALL=(ALL)NOPASSWD:ALL\n", "none", "sudo"),
    "includedir": (
        {MAIN: f"#includedir {D}\n", D + "90-cloud": "bob ALL=NOPASSWD: ALL\n"},
        "none",
        "sudo",
    ),
    "includedir-new-style": ({MAIN: f"@includedir {D}\n", D + "a": "bob ALL=NOPASSWD: ALL\n"}, "none", "sudo"),
    "includedir-skips": (
        {MAIN: f"@includedir {D}\n", D + "a.conf": "ALL ALL=NOPASSWD: ALL\n", D + "b~": "ALL ALL=NOPASSWD: ALL\n"},
        "none",
        "none",
    ),
    "includedir-in-the-order-of-names": (
        {MAIN: f"@includedir {D}\n", D + "a": "ALL ALL=NOPASSWD: ALL\n", D + "b": "bob ALL=ALL\n"},
        "sudo",
        "own sudo sudo-i",
    ),
    "includedir-upper-case-first": (
        {MAIN: f"@includedir {D}\n", D + "a": "bob ALL=NOPASSWD: ALL\n", D + "B": "bob ALL=ALL\n"},
        "none",
        "sudo",
    ),
    "include": ({MAIN: '@include "/etc/sudoers.more"\n', MAIN + ".more": "bob ALL=NOPASSWD: ALL\n"}, "none", "sudo"),
    "include-beside": ({MAIN: "#include sudoers.more\n", MAIN + ".more": "bob ALL=NOPASSWD: ALL\n"}, "none", "sudo"),
    "include-by-host": ({MAIN: "@include /etc/s.%h\n", "/etc/s.web1": "bob ALL=NOPASSWD: ALL\n"}, "none", "sudo"),
    "include-in-place": (
        {MAIN: f"bob ALL=NOPASSWD: ALL\n@include {D}a\n", D + "a": "bob ALL=ALL\n"},
        "none",
        "own sudo sudo-i",
    ),
    "not-included": ({MAIN: "root ALL=ALL\n", D + "a": "bob ALL=NOPASSWD: ALL\n"}, "none", "none"),
}


def as_files(case: str | Mapping[str, str]) -> dict[str, str]:
    return {MAIN: case} if isinstance(case, str) else dict(case)


WEB1 = Machine("web1", ("192.0.2.1",))


def roots(
    files: Mapping[str, bytes | None],
    folders: tuple[str, ...] = ("/etc", "/etc/sudoers.d"),
    machine: Machine = WEB1,
    remote_groups: str | None = None,
    remote_rules: str | None = None,
) -> dict[str, Root]:
    accounts = passwd.parse(PASSWD).accounts
    groups = group.memberships(accounts, group.parse(GROUP))
    sudoers = read(files, folders, machine.name)
    return judge(sudoers, accounts, groups, machine, remote_groups=remote_groups, remote_rules=remote_rules)


@pytest.mark.parametrize("case", CASES)
def test_judged(case: str) -> None:
    files, alice, bob = CASES[case]
    found = roots({path: text.encode() for path, text in as_files(files).items()})
    assert found == {"root": Root(RootBy.UID0), "alice": expected(alice), "bob": expected(bob)}


def expected(words: str) -> Root:
    if words in ("none", "sudo"):
        return Root(RootBy(words))
    ways = [way.split() for way in words.split("; ")]
    return Root(
        RootBy.NONE,
        asks=tuple(SudoAuth(None if way[0] == "own" else way[0], tuple(way[1:])) for way in ways),
    )


def freely(found: Mapping[str, Root]) -> dict[str, Root]:
    """What they say of ways without a password."""
    return {name: replace(root, asks=()) for name, root in found.items()}


def one(text: str) -> dict[str, bytes | None]:
    return {MAIN: text.encode()}


UNKNOWN: dict[str, tuple[dict[str, bytes | None], dict[str, str | None]]] = {
    "unreadable-file": (
        {MAIN: None},
        {
            "alice": "/etc/sudoers:0: /etc/sudoers could not be read",
            "bob": "/etc/sudoers:0: /etc/sudoers could not be read",
        },
    ),
    "unreadable-include": (
        {MAIN: b"@include /etc/more\n", "/etc/more": None},
        {"alice": "/etc/sudoers:1: /etc/more could not be read", "bob": "/etc/sudoers:1: /etc/more could not be read"},
    ),
    "include-that-was-not-collected": (
        one("@include /opt/more\nbob ALL=NOPASSWD: ALL\n"),
        {"alice": "/etc/sudoers:1: /opt/more could not be read"},
    ),
    "folder-that-was-not-listed": (
        one("bob ALL=NOPASSWD: ALL\n@includedir /opt/d\n"),
        {"alice": "/etc/sudoers:2: /opt/d could not be listed", "bob": "/etc/sudoers:2: /opt/d could not be listed"},
    ),
    "include-of-itself": (
        one("@include /etc/sudoers\n"),
        {
            "alice": "/etc/sudoers:1: includes are nested more than 20 deep, or without end",
            "bob": "/etc/sudoers:1: includes are nested more than 20 deep, or without end",
        },
    ),
    "unreadable-line-concerns-its-users": (
        one("bob ALL=NOPASSWD ALL\n"),
        {"alice": None, "bob": "/etc/sudoers:1: nothing more expected at character 18"},
    ),
    "unreadable-line-of-nobody-we-can-tell": (
        one("= ALL\n"),
        {
            "alice": "/etc/sudoers:1: a name expected at character 1",
            "bob": "/etc/sudoers:1: a name expected at character 1",
        },
    ),
    "unreadable-alias": (
        one("User_Alias A = (bob\nA ALL=NOPASSWD: ALL\n"),
        {
            "alice": "/etc/sudoers:2: /etc/sudoers:1: a name expected at character 16 (it may define A)",
            "bob": "/etc/sudoers:2: /etc/sudoers:1: a name expected at character 16 (it may define A)",
        },
    ),
    "unreadable-settings-that-decide": (
        one("Defaults !authenticate, (\n"),
        {
            "alice": "/etc/sudoers:1: the name of a setting expected at character 25",
            "bob": "/etc/sudoers:1: the name of a setting expected at character 25",
        },
    ),
    "unreadable-settings-that-do-not": (one("Defaults badpass_message=(\n"), {"alice": None, "bob": None}),
    "netgroup": (
        one("+admins ALL=NOPASSWD: ALL\n"),
        {
            "alice": "/etc/sudoers:1: +admins: members of netgroups and of plugin groups are not known",
            "bob": "/etc/sudoers:1: +admins: members of netgroups and of plugin groups are not known",
        },
    ),
    "netgroup-with-a-password": (one("+admins ALL=ALL\n"), {"alice": None, "bob": None}),
    "plugin-group": (
        one("%:admins ALL=NOPASSWD: ALL\n"),
        {
            "alice": "/etc/sudoers:1: %:admins: members of netgroups and of plugin groups are not known",
            "bob": "/etc/sudoers:1: %:admins: members of netgroups and of plugin groups are not known",
        },
    ),
    "netgroup-before-a-certain-rule": (one("+admins ALL=ALL\nALL ALL=NOPASSWD: ALL\n"), {}),
    "host-of-a-netgroup": (
        one("bob +servers=NOPASSWD: ALL\n"),
        {"alice": None, "bob": "/etc/sudoers:1: +servers: hosts of netgroups are not known"},
    ),
    "full-host-name": (
        one("bob web1.example.com=NOPASSWD: ALL\n"),
        {
            "alice": None,
            "bob": "/etc/sudoers:1: web1.example.com: a rule for a full host name, and only the short one is known",
        },
    ),
    "full-host-name-of-another": (one("bob web2.example.com=NOPASSWD: ALL\n"), {"alice": None, "bob": None}),
    "address": (one("ALL 192.0.2.0/24=NOPASSWD: ALL\n"), {}),
    "address-of-another": (one("ALL 198.51.100.7=NOPASSWD: ALL\n"), {"alice": None, "bob": None}),
    "digest-of-a-shell": (
        one("bob ALL=NOPASSWD: sha256:" + "a" * 64 + " /bin/bash\n"),
        {"alice": None, "bob": "/etc/sudoers:1: a command bound to a digest, which is not compared with the file"},
    ),
    "regular-expression": (
        one("bob ALL=NOPASSWD: ^/bin/(ba)?sh$\n"),
        {"alice": None, "bob": "/etc/sudoers:1: a command given as a regular expression"},
    ),
    "regular-expression-of-another-command": (
        one("bob ALL=NOPASSWD: ^/usr/bin/systemctl$ ^(start|stop) app$\n"),
        {"alice": None, "bob": None},
    ),
    "shell-with-a-pattern": (
        one("bob ALL=NOPASSWD: /bin/sh /opt/*.sh\n"),
        {"alice": None, "bob": "/etc/sudoers:1: sh with a pattern of arguments, which may let any command through"},
    ),
    "for-a-time": (
        one("bob ALL=NOTAFTER=20300101000000Z NOPASSWD: ALL\n"),
        {
            "alice": None,
            "bob": "/etc/sudoers:1: a rule that holds for a time, in a chroot or with some privileges only",
        },
    ),
    "name-in-other-case": (
        one("Bob ALL=NOPASSWD: ALL\n"),
        {"alice": None, "bob": "/etc/sudoers:1: Bob: the rule's name differs in case"},
    ),
    "settings-of-a-netgroup": (
        one("Defaults:+admins !authenticate\nbob ALL=ALL\n"),
        {"alice": None, "bob": "/etc/sudoers:1: +admins: members of netgroups and of plugin groups are not known"},
    ),
    "aliases-in-a-circle": (
        one("User_Alias A = B\nUser_Alias B = A\nA ALL=NOPASSWD: ALL\n"),
        {"alice": None, "bob": None},
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_unknown(case: str) -> None:
    """Reasons by account; None where it is none all the same, and sudo where the account is not named."""
    files, reasons = UNKNOWN[case]
    said = {"root": Root(RootBy.UID0)}
    for account in ("alice", "bob"):
        reason = reasons.get(account)
        said[account] = Root(RootBy.UNKNOWN, f"sudoers: {reason}") if reason else Root(RootBy.NONE)
        if account not in reasons:
            said[account] = Root(RootBy.SUDO)
    assert freely(roots(files)) == said


NETGROUP = "+admins: members of netgroups and of plugin groups are not known"
ASKED: dict[str, tuple[str, tuple[SudoAuth, ...]]] = {
    "account-is-not-asked": ("Defaults !pam_acct_mgmt\nbob ALL=ALL\n", (SudoAuth(approved=False),)),
    "asked-once": ("Defaults timestamp_timeout=-1\nbob ALL=ALL\n", (SudoAuth(for_ever=True),)),
    "asked-always": ("Defaults !timestamp_timeout\nbob ALL=ALL\n", (SudoAuth(),)),
    "perhaps-a-rule": ("+admins ALL=ALL\n", (SudoAuth(doubt=f"sudoers: /etc/sudoers:1: {NETGROUP}"),)),
    "perhaps-a-rule-and-one-for-sure": ("bob ALL=ALL\n+admins ALL=ALL\n", (SudoAuth(),)),
    "perhaps-free": ("bob ALL=ALL\n+admins ALL=NOPASSWD: ALL\n", (SudoAuth(),)),
    "perhaps-refused": (
        "bob ALL=ALL\n+admins ALL=!ALL\n",
        (SudoAuth(doubt=f"sudoers: /etc/sudoers:2: {NETGROUP}"),),
    ),
    "perhaps-root's": (
        "Defaults:+admins rootpw\nbob ALL=ALL\n",
        (SudoAuth(doubt=f"sudoers: /etc/sudoers:1: {NETGROUP}"),),
    ),
    "a-host-is-told": (
        "Defaults pam_rhost\nbob ALL=ALL\n",
        (SudoAuth(doubt="sudoers: PAM is told a host (pam_rhost)"),),
    ),
    "settings-that-cannot-be-read": (
        "Defaults rootpw, (\nbob ALL=ALL\n",
        (SudoAuth(doubt="sudoers: /etc/sudoers:1: the name of a setting expected at character 18"),),
    ),
    "settings-of-no-weight-that-cannot-be-read": ("Defaults badpass_message=(\nbob ALL=ALL\n", (SudoAuth(),)),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_sudo_asks_for(case: str) -> None:
    text, ways = ASKED[case]
    assert roots(one(text))["bob"].asks == ways


def test_a_rule_that_asks_holds_beside_those_of_a_directory() -> None:
    reason = "sudo rules also come from sss"
    assert roots(one("bob ALL=ALL\n"), remote_rules=reason)["bob"] == Root(RootBy.UNKNOWN, reason, (SudoAuth(),))


def test_without_sudoers_nobody_becomes_root() -> None:
    assert roots({}) == {"root": Root(RootBy.UID0), "alice": Root(RootBy.NONE), "bob": Root(RootBy.NONE)}


def test_groups_of_a_directory_may_hold_anybody() -> None:
    reason = "group members also come from sss"
    text = one("%wheel ALL=NOPASSWD: ALL\n%audit ALL=ALL\nbob ALL=NOPASSWD: ALL\n")
    assert freely(roots(text, remote_groups=reason)) == {
        "root": Root(RootBy.UID0),
        "alice": Root(RootBy.UNKNOWN, f"sudoers: /etc/sudoers:1: group wheel: {reason}"),
        "bob": Root(RootBy.SUDO),
    }


def test_rules_of_a_directory_may_give_anything() -> None:
    reason = "sudo rules also come from sss"
    assert roots(one("bob ALL=NOPASSWD: ALL\n"), remote_rules=reason) == {
        "root": Root(RootBy.UID0),
        "alice": Root(RootBy.UNKNOWN, reason),
        "bob": Root(RootBy.SUDO),
    }


def test_a_host_without_a_name() -> None:
    found = roots(one("bob web1=NOPASSWD: ALL\nalice 192.0.2.1=NOPASSWD: ALL\n"), machine=Machine(None))
    assert found == {
        "root": Root(RootBy.UID0),
        "alice": Root(
            RootBy.UNKNOWN, "sudoers: /etc/sudoers:2: a rule for an address, and this host's addresses are not known"
        ),
        "bob": Root(
            RootBy.UNKNOWN, "sudoers: /etc/sudoers:1: a rule for a named host, and this host's name is not known"
        ),
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"a," * 100_000, id="endless-list"),
        pytest.param(b"!" * 200_000, id="endless-negation"),
        pytest.param(b'"#1' * 60_000, id="quotes-and-marks"),
        pytest.param(b"\\\n" * 60_000, id="endless-continuation"),
        pytest.param(b"bob ALL=NOPASSWD: /" + b"*" * 200_000, id="endless-pattern"),
        pytest.param(b"bob ALL=NOPASSWD: /bin/" + b"*a" * 100 + b"\n", id="backtracking-pattern"),
        pytest.param(b"bob ALL=NOPASSWD: ^/" + b"$," * 60_000, id="endless-expression"),
        pytest.param(
            b"".join(b"User_Alias A%d = A%d, A%d\n" % (n, n + 1, n + 1) for n in range(5000))
            + b"A0 ALL=NOPASSWD: ALL\n",
            id="aliases-doubling",
        ),
        pytest.param(bytes(range(256)) * 500, id="all-bytes"),
        pytest.param(b"@includedir /etc/sudoers.d\n" * 3, id="many-includes"),
    ],
)
@pytest.mark.timeout(10)
def test_hostile_text_ends_soon_and_gives_nobody_root(text: bytes) -> None:
    found = roots({MAIN: text, **{f"{D}{n}": text for n in range(3)}})
    assert {root.by for root in found.values()} <= {RootBy.UID0, RootBy.NONE, RootBy.UNKNOWN}


SCRIPT = r"""
set -e
tree=$1 root=$2 cases=$3
mount --bind "$tree" "$root"
for folder in etc run opt tmp var; do mount -t tmpfs tmpfs "$root/$folder"; done
mount --bind /dev "$root/dev"
cp -r "$cases/base/." "$root/etc/"
mkdir -p "$root/var/lib/sudo" "$root/etc/sudoers.d" "$root/opt/cases"
cp -r "$cases/cases/." "$root/opt/cases/"
chmod 755 "$root/etc" "$root/opt"
cp "$root/usr/bin/id" "$root/opt/probe"
chroot "$root" ldconfig
echo web1 > /proc/sys/kernel/hostname
exec chroot "$root" /bin/sh /etc/inside
"""
INSIDE = r"""
attempt() {  # as the account, with a shell's input on stdin: does root answer?
  set -- setpriv --reuid "$uid" --regid "$uid" --init-groups sudo -u root "$@"
  [ "$( (echo 'id -u'; echo exit) | "$@" 2>/dev/null)" = 0 ]
}
free() {
  for command in "$@"; do attempt -n $command && return; done
  return 1
}
printf '#!/bin/sh\necho "$PAM_USER $PAM_SERVICE" >> /run/asked\n' > /run/note
chmod 755 /run/note
for case in /opt/cases/*; do
  rm -rf /etc/sudoers* /etc/s.*; cp -r "$case"/. /etc; chown -R root:root /etc/sudoers*
  for uid in 1000 1001; do
    set -- "/opt/probe -u"
    if grep -rq bin/ /etc/sudoers*; then
      set -- "$1" /bin/sh /bin/bash "/bin/bash -l" /usr/bin/su "/bin/su -" "/bin/su - root" "/usr/bin/env id -u" \
        /usr/bin/env
    fi
    answer=sudo
    if ! free "$@"; then
      answer=none
      grep -rq askpass /etc/sudoers* && set -- "$@" "-A /bin/sh"
      [ $# -gt 3 ] && set -- "$1" /bin/sh /bin/bash "/bin/su -"
      for command in "$@" -i; do  # PAM notes whom it was asked for, and lets everybody pass
        : > /run/asked
        SUDO_ASKPASS=/bin/true attempt -k $command && answer="$answer,$(tail -n 1 /run/asked)"
      done
    fi
    echo "${case##*/} $uid $answer"
  done
done
"""
NOTING = """\
auth required pam_exec.so quiet seteuid /run/note
account required pam_permit.so
session required pam_permit.so
"""
FREE = "auth sufficient pam_rootok.so\naccount required pam_permit.so\nsession required pam_permit.so\n"


def ways(noted: str, account: str) -> str:
    """The words of the table for what was noted: `none,bob sudo,bob sudo-i`."""
    services: dict[str, set[str]] = {}
    for line in noted.split(",")[1:]:
        name, service = line.split()
        services.setdefault("own" if name == account else name, set()).add(service)
    return "; ".join(" ".join([name, *sorted(services[name])]) for name in sorted(services)) or "none"


def in_order(words: str) -> str:
    return "; ".join(sorted(" ".join([way.split()[0], *sorted(way.split()[1:])]) for way in words.split("; ")))


@pytest.fixture(scope="session")
def real_answers(lab_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    """What the real sudo lets both accounts do, for every case: in a chroot of its own, in namespaces of its own."""
    work = tmp_path_factory.mktemp("sudo")
    base = {
        "passwd": PASSWD.decode(),
        "group": GROUP.decode(),
        "shadow": "root:*:::::::\nalice:*:::::::\nbob:*:::::::\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files\nsudoers: files\n",
        "hosts": "127.0.1.1 web1\n",
        "inside": INSIDE,
        "ld.so.conf": "/usr/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu\n/usr/lib/aarch64-linux-gnu\n",
        # what is asked goes to PAM, where all but `other` is noted
        **dict.fromkeys(("pam.d/sudo", "pam.d/sudo-i", "pam.d/other-sudo", "pam.d/ask"), NOTING),
        "pam.d/other": "auth required pam_deny.so\n",
        "pam.d/su": FREE,
        "pam.d/su-l": FREE,
    }
    for name, text in base.items():
        path = work / "base" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for case, (files, _, _) in CASES.items():
        for name, text in as_files(files).items():
            path = work / "cases" / case / name.removeprefix("/etc/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            path.chmod(0o440)
    (work / "root").mkdir()
    shell = shutil.which("sh") or "/bin/sh"
    run = subprocess.run(
        ["unshare", "-mu", shell, "-c", SCRIPT, "sh", str(lab_tree), str(work / "root"), str(work)],
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, dict[str, str]] = {}
    for line in run.stdout.splitlines():
        case, uid, answer = line.split(" ", 2)
        found.setdefault(case, {})[uid] = answer
    return {
        case: tuple(
            answers[uid] if answers[uid] == "sudo" else ways(answers[uid], name)
            for uid, name in (("1000", "alice"), ("1001", "bob"))
        )
        for case, answers in found.items()
    }


@pytest.mark.real_sshd
@pytest.mark.parametrize("case", CASES)
def test_real_sudo_agrees(case: str, real_answers: dict[str, tuple[str, ...]]) -> None:
    assert real_answers[case] == tuple(map(in_order, CASES[case][1:]))
