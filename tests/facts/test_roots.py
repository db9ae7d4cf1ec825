"""What root costs on a host of which one thing is changed: evidence in, rows of root_paths out."""

from __future__ import annotations

import pytest

from hygiene.model import Gap, PathVerdict, Status

from .images import NAME, Change, Said, Scan, changes, facts_of

Row = tuple[str, str, str, str, str, str | None]  # account, source, step, kinds, verdict, reason

ROOT: Row = ("root", "*", "uid0", "key", "one", None)
FREE = "sudo asks for nothing (NOPASSWD)"
FREELY: list[Row] = [("anna", "*", "sudo", "key", "one", FREE), ("anna", "*", "sudo", "password", "one", FREE)]
AGAIN = "the password that sudo asks for is no factor of its own"
OWN: Row = ("anna", "*", "sudo", "password", "one", AGAIN)
SU = "su asks for what root shows"
SU_AGAIN = f"{SU}; the password that su asks for is no factor of its own"
_HASH = "$y$j9T$abcdefghijklmnop$0123456789012345678901234567890123456789012"


def without(kind: str, path: str | None = None) -> Change:
    return lambda said: said.without(kind, path)


def edited(kind: str, old: str, new: str) -> Change:
    return lambda said: said.edited(kind, old, new)


def config(line: str) -> Change:
    return edited("sshd_config", "UsePAM yes\n", f"UsePAM yes\n{line}\n")


def sudoers(text: str) -> Change:
    return lambda said: said.with_file("sudoers", "/etc/sudoers", f"{text}\n").without("sudoers", f"{_D}/anna")


def pam(service: str, text: str) -> Change:
    return lambda said: said.with_file("pam", f"/etc/pam.d/{service}", text)


_PERMITS = "auth required pam_permit.so\n@include common-account\n"
_FOR_WHEEL = "auth required pam_wheel.so\n@include common-auth\n@include common-account\n"
_DENIES = "auth required pam_deny.so\n"
_DENIED = "@include common-auth\naccount required pam_deny.so\n"
_D = "/etc/sudoers.d"
su_is_gone = edited("exists", "present /usr/bin/su\n", "absent /usr/bin/su\n")
asking = sudoers("anna ALL=(ALL) ALL")
no_sudo = sudoers("")
by_key = edited("sshd_config", "PasswordAuthentication yes", "PasswordAuthentication no")
with_root = edited("shadow", "root:star,,", "root:set,y,j9T")
for_bob = edited("akeys", 'restrict,command="/bin/backup",from="10.0.0.0/8" ', "")
DOAS = "doas.conf is not understood by this version: who becomes root with doas is unknown"
UNREAD = "/etc/sudoers could not be read (permission denied): who becomes root with sudo is unknown"
CHROOT = "the session may be locked into a folder (ChrootDirectory)"
UNSEEN = "the PAM files were not seen"
VENDOR = "is not there, and a folder of the vendor was not seen"
NETGROUP = "sudoers: /etc/sudoers:1: +ops: members of netgroups and of plugin groups are not known"


def unknown(account: str, step: str, reason: str) -> Row:
    return account, "*", step, "", "unknown", reason


ROWS: list[tuple[str, Change, list[Row]]] = [
    ("plain", changes(), [ROOT, *FREELY]),
    ("asks", asking, [ROOT, OWN]),
    ("asks-behind-a-key", changes(asking, by_key), [ROOT, ("anna", "*", "sudo", "key password", "two", None)]),
    ("nobody", no_sudo, [ROOT]),
    ("root's-password", changes(sudoers("Defaults rootpw\nanna ALL=ALL"), with_root, by_key), [
        ROOT,
        ("anna", "*", "sudo", "key password", "two", "sudo asks for what root shows"),
        ("anna", "*", "su", "key password", "two", SU),
    ]),
    ("password-of-nobody", sudoers("Defaults runaspw, runas_default=ghost\nanna ALL=(ALL) ALL"), [ROOT]),
    ("never-again", changes(sudoers("Defaults timestamp_timeout=-1\nanna ALL=ALL"), by_key), [
        ROOT, ("anna", "*", "sudo", "key password", "two", "sudo asks once and never again"),
    ]),
    ("a-rule-of-a-netgroup", sudoers("+ops ALL=ALL"), [ROOT, *[unknown("anna", "sudo", NETGROUP)] * 2]),
    ("another-service", changes(asking, by_key, pam("sudo-i", _PERMITS)), [
        ROOT, ("anna", "*", "sudo", "key", "one", "sudo asks the PAM service sudo-i"),
    ]),
    ("refused-by-the-account-stage", pam("sudo", "@include common-auth\naccount required pam_deny.so\n"), [ROOT]),
    ("account-stage-left-out", changes(
        sudoers("Defaults !pam_acct_mgmt\nanna ALL=(ALL) ALL"), by_key, pam("sudo", _DENIED), pam("sudo-i", _DENIED)
    ), [ROOT, unknown("anna", "sudo", "whether this version of sudo leaves out PAM's account stage is not known")]),
    ("sudo-i-without-a-file", changes(asking, by_key, pam("sudo", _PERMITS), pam("other", _DENIES)), [
        ROOT, ("anna", "*", "sudo", "key", "one", None),
    ]),
    ("sudo-i-without-a-file-that-may-take-less", changes(asking, by_key, pam("other", _PERMITS)), [
        ROOT, ("anna", "*", "sudo", "key password", "two", None),
        unknown("anna", "sudo", "whether sudo-i, which has no file, is asked for a login shell is not known"),
    ]),
    ("su", changes(no_sudo, with_root), [ROOT, ("anna", "*", "su", "password", "one", SU_AGAIN)]),
    ("su-is-not-there", changes(no_sudo, with_root, su_is_gone), [ROOT]),
    ("su-behind-a-key", changes(no_sudo, with_root, by_key), [ROOT, ("anna", "*", "su", "key password", "two", SU)]),
    ("su-of-bob", changes(no_sudo, with_root, by_key, for_bob), [
        ROOT, ("anna", "*", "su", "key password", "two", SU), ("bob", "*", "su", "key password", "two", SU),
    ]),
    ("su-for-wheel", changes(
        no_sudo, with_root, by_key, for_bob, edited("group", "bob:x:1001:", "wheel:x:10:bob\nbob:x:1001:"),
        pam("su", _FOR_WHEEL),
    ), [ROOT, ("bob", "*", "su", "key password", "two", SU)]),
    ("su-to-a-root-without-a-shell", changes(
        no_sudo, with_root, by_key, edited("passwd", "/root:/bin/bash", "/root:/usr/sbin/nologin"),
    ), [ROOT, unknown("anna", "su", "whether su runs anything but root's shell is not known")]),
    ("no-shell", edited("passwd", "/home/anna:/bin/bash", "/home/anna:/usr/sbin/nologin"), [ROOT]),
    ("narrow-shell", changes(
        edited("passwd", "/home/anna:/bin/bash", "/home/anna:/bin/rbash"),
        edited("shells", "ok /bin/bash", "ok /bin/bash\nok /bin/rbash"),
    ), [
        ROOT, *[unknown("anna", "sudo", "what the shell /bin/rbash lets run is not known")] * 2,
    ]),
    ("chroot", config("ChrootDirectory /srv"), [ROOT, *[unknown("anna", "sudo", CHROOT)] * 2]),
    ("forced-command", config("ForceCommand /bin/backup"), []),
    ("doas", changes(
        no_sudo, by_key, edited("exists", "absent /usr/bin/doas", "present /usr/bin/doas"),
        lambda said: said.with_file("doas", "/etc/doas.conf", "permit bob\n"),
    ), [ROOT, unknown("anna", "sudo", DOAS)]),
    ("doas-beside-sudo", changes(
        asking, by_key, edited("exists", "absent /usr/bin/doas", "present /usr/bin/doas"),
        lambda said: said.with_file("doas", "/etc/doas.conf", "permit bob\n"),
    ), [ROOT, ("anna", "*", "sudo", "key password", "two", None), unknown("anna", "sudo", DOAS)]),
    ("sudoers-unread", changes(by_key, lambda said: said.status("sudoers", "/etc/sudoers", "unreadable")), [
        ROOT, unknown("anna", "sudo", UNREAD),
    ]),
    ("pam-not-seen", changes(asking, by_key, without("pam")), [
        unknown("root", "uid0", UNSEEN), unknown("anna", "sudo", UNSEEN), unknown("anna", "su", UNSEEN),
    ]),
    ("su-of-another-vendor", changes(no_sudo, by_key, without("pam", "/etc/pam.d/su"), without("os-release")), [
        ROOT, unknown("anna", "su", f"/etc/pam.d/su {VENDOR}"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_what_root_costs(said: Said, change: Change, expected: list[Row]) -> None:
    """Without eve, whose account has expired: whether that shuts her out is for her login paths to say."""
    found = facts_of(change(said))
    assert [
        (p.account, p.source, p.step.value, " ".join(p.kinds), p.verdict.value, p.reason)
        for p in found.root_paths
        if p.account != "eve"
    ] == expected


def test_a_stream_that_breaks_off_makes_no_way_to_root_longer_or_shorter(said: Said) -> None:
    whole = facts_of(asking(said)).root_paths
    stream = asking(said).stream()
    cut = Scan(status=Status.PARTIAL, reason="connection lost")
    for offset in range(0, len(stream), len(stream) // 60):
        for path in facts_of(stream[:offset], cut).root_paths:
            assert path.verdict is PathVerdict.UNKNOWN or path in whole


def test_each_unknown_is_a_gap_of_its_account_or_host(said: Said) -> None:
    change = changes(no_sudo, by_key, for_bob, without("pam", "/etc/pam.d/su"), without("os-release"))
    reason = f"/etc/pam.d/su {VENDOR}"
    assert facts_of(change(said)).gaps == tuple(Gap(NAME, f"{NAME}:{name}", "pam", reason) for name in ("anna", "bob"))
