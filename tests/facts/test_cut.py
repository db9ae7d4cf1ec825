"""A stream that breaks off anywhere: never complete, and never a no where the whole stream says yes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hygiene.model import AreaState, HostFacts, Status

from .images import NAME, Said, Scan, changes, facts_of

BROKEN = Scan(status=Status.PARTIAL, reason="the stream breaks off before its last line")

MATCH = changes(
    lambda said: said.edited("sshd_config", "UsePAM yes", "UsePAM yes\nMatch User anna\nPasswordAuthentication no"),
)
DOAS = changes(
    lambda said: said.edited("exists", "absent /usr/bin/doas", "present /usr/bin/doas"),
    lambda said: said.with_file("doas", "/etc/doas.conf", "permit bob\n"),
)
NO_SHADOW = changes(lambda said: said.status("shadow", "/etc/shadow", "unreadable"))
SEVERAL = changes(
    lambda said: said.with_file("ps", "", "PID PPID USER ELAPSED COMMAND\n7 1 root 3 /usr/sbin/sshd -f /etc/two\n"),
    lambda said: said.with_file("sshd_t", "-f /etc/two", "port 22\npermitrootlogin no\n", "rc=0"),
)
HOSTS = {
    "plain": changes(),
    "match": MATCH,
    "doas": DOAS,
    "shadow-unreadable": NO_SHADOW,
    "several-daemons": SEVERAL,
    "nologin": changes(lambda said: said.edited("exists", "absent /etc/nologin", "present /etc/nologin")),
    "includes-in-a-row": changes(
        lambda said: said.with_file("sshd_config", "/etc/ssh/sshd_config.d/05-none.conf", "", "absent"),
        lambda said: said.with_file("sshd_config", "/etc/ssh/sshd_config.d/20-root.conf", "PermitRootLogin no\n"),
    ),
}


def in_order(said: Said) -> Said:
    """The items in the order of the collector, wherever a change has added one."""
    return Said(tuple(sorted(said.frames, key=lambda frame: _ORDER.index(frame.kind))))


_ORDER = (
    *("os-release", "machine-id", "hostname", "owners", "passwd", "group", "nsswitch", "shadow", "sudoers", "doas"),
    *(
        "ps",
        "sshd_config",
        "unit",
        "conf_times",
        "sshd_package",
        "sshd_binary",
        "sshd_t",
        "sshd_tc",
        "pam",
        "enrolments",
    ),
    *("pamconf", "pam_modules"),
    *("hostkey_pub", "akeys", "principals", "trust", "private_keys", "key_uses", "logs_since"),
    *("shells", "exists", "dirs", "links", "symlinks", "meta"),
)


def compare(cut: HostFacts, whole: HostFacts) -> None:
    """Each row of the cut is that of the whole, or unknown; none says no where the whole says yes."""
    assert cut.host.status is Status.PARTIAL
    assert AreaState.SEEN not in {area.state for area in cut.areas}
    assert AreaState.ABSENT not in {area.state for area in cut.areas}
    assert any(gap.subject == NAME and gap.area == "collect" for gap in cut.gaps)
    grants = {(g.daemon, g.account, g.file, g.line): g for g in whole.grants}
    for grant in cut.grants:
        known = grants.get((grant.daemon, grant.account, grant.file, grant.line))
        if grant.accepted != "unknown":
            assert known is not None
            assert grant.accepted == known.accepted
        if grant.opens_root != "unknown":
            # a no may also be a certain no of its own: no way in, so no root
            assert known is None or grant.opens_root == known.opens_root
    for path in cut.login_paths:
        assert path.verdict == "unknown" or path in whole.login_paths
    accounts = {account.account: account for account in whole.accounts}
    for account in cut.accounts:
        if account.root_by != "unknown":
            assert account.root_by == accounts[account.account].root_by
        if account.password_state != "unknown":
            assert account.password_state == accounts[account.account].password_state
    settings = {(s.daemon, s.keyword, s.value) for s in whole.settings}
    for setting in cut.settings:
        if setting.state != "unknown":
            assert (setting.daemon, setting.keyword, setting.value) in settings, setting
    private = {key.path: key for key in whole.private_keys}
    for key in cut.private_keys:
        assert key.encrypted == "unknown" or key.encrypted == private[key.path].encrypted


def test_at_two_hundred_offsets_of_a_real_stream(stream: bytes) -> None:
    whole = facts_of(stream)
    assert (whole.host.status, whole.gaps) == (Status.COMPLETE, ())
    step = len(stream) // 200
    for offset in sorted({*range(1, len(stream), step), *range(len(stream) - 60, len(stream))}):
        compare(facts_of(stream[:offset], BROKEN), whole)


@pytest.mark.parametrize("host", HOSTS)
def test_after_every_item(said: Said, host: str) -> None:
    """Finer than a real stream, whose items leave in a few pieces."""
    changed = in_order(HOSTS[host](said))
    whole = facts_of(changed)
    for items in range(len(changed.frames)):
        compare(facts_of(changed.stream(items=items), BROKEN), whole)


@pytest.mark.parametrize("host", HOSTS)
def test_with_any_one_item_missing(said: Said, host: str) -> None:
    """A collector that never came to one of them: nothing is made up in its place.

    Not the files of a folder that was listed: which these are, their items alone tell.
    """
    changed = in_order(HOSTS[host](said))
    whole = facts_of(changed)
    listed = ("/etc/sudoers.d", "/etc/ssh/sshd_config.d")
    for left_out, frame in enumerate(changed.frames):
        if frame.path.decode().rpartition("/")[0] in listed:
            continue
        frames = changed.frames[:left_out] + changed.frames[left_out + 1 :]
        partial = Said(frames).stream(items=len(frames))
        compare(facts_of(partial, BROKEN), whole)


def test_what_was_seen_before_the_cut_is_told(said: Said) -> None:
    """All but the tables at the end: the keys are there, and that nobody knows whether they let in."""
    kinds = [frame.kind for frame in said.frames]
    found = facts_of(said.stream(items=kinds.index("private_keys")), BROKEN)
    assert [(g.account, g.accepted, g.opens_root) for g in found.grants] == [
        ("root", "unknown", "unknown"),
        ("anna", "unknown", "unknown"),
        ("bob", "unknown", "no"),
        ("eve", "unknown", "unknown"),
    ]


def test_a_stream_that_says_nothing_of_ours(said: Said) -> None:
    del said
    found = facts_of(b"Welcome to web1\n", Scan(status=Status.PARTIAL, reason="no POSIX shell"))
    assert (found.host.collected_at, found.accounts, found.grants) == (None, (), ())
    assert [(gap.area, gap.reason) for gap in found.gaps] == [("collect", "partial: no POSIX shell")]
    assert {area.state for area in found.areas} == {AreaState.UNSEEN}


ENDS: Mapping[str, bytes] = {
    "without-its-last-line": b"",
    "cut-in-the-sum": b"@SUM 12",
    "of-another-run": b"@SUM 1 1\n@END 00000000000000000000 1 1 1\n",
}


@pytest.mark.parametrize("end", ENDS)
def test_only_the_right_end_is_complete(said: Said, end: str) -> None:
    whole = facts_of(said)
    body = said.stream()
    cut = body[: body.index(b"@SUM ")] + ENDS[end]
    compare(facts_of(cut, BROKEN), whole)
