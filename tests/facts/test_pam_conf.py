"""What PAM modules find on a host, from what the collector brought: never absent where it was only not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from hygiene.evidence.frames import Frame
from hygiene.facts.pam_conf import conf
from hygiene.facts.seen import Seen
from hygiene.pam.question import Conf, Stat

from .images import Change, Said, Scan, changes

HOME = "/home/anna"
TABLE = f"""\
-rw------- 1000 1000 {HOME}/.google_authenticator
absent {HOME}/.otpw
unreadable /home/bob/.google_authenticator
notvisited /net/eve/.google_authenticator
unknown {HOME}/.yubico/authorized_yubikeys
-rwsrw-r-T+ 0 42 /etc/with acl
drwxrwxrwx 0 0 /var/yubico
prw-r--r-- 1 1 /run/pipe
crw-rw-rw- 0 0 /dev/null
lrwxrwxrwx 0 0 /a/link
-rw------- 0 root /not/a/number
-rw------- 0 0 no/path
"""


def conf_of(said: Said, change: Change, scan: Scan | None = None, items: int | None = None) -> Conf:
    changed = change(said.without("enrolments").without("pamconf").without("pam_modules"))
    return conf(Seen.of((scan or Scan()).evidence(changed.stream(items=items))))


def adding(*frames: Frame) -> Change:
    return lambda said: replace(said, frames=(*said.frames, *frames))


def modules(folders: Mapping[str, str]) -> Change:
    lists = {path: "".join(f"{name}.so\n" for name in names.split()) for path, names in folders.items()}
    return adding(*(Frame("pam_modules", path.encode(), "ok", names.encode()) for path, names in lists.items()))


def test_files_that_were_looked_for(said: Said) -> None:
    streamed = replace(said.without("owners"), mode="streamed")
    found = conf_of(streamed, adding(Frame("enrolments", b"", "ok", TABLE.encode())))
    assert found.stats == {
        f"{HOME}/.google_authenticator": Stat("-", 1000, 1000, 0o600),
        "/etc/with acl": Stat("-", 0, 42, 0o5764),
        "/var/yubico": Stat("d", 0, 0, 0o777),
        "/run/pipe": Stat("p", 1, 1, 0o644),
        "/dev/null": Stat("c", 0, 0, 0o666),
    }
    asked = ("/.google_authenticator", "/.otpw", "/.yubico/authorized_yubikeys", "/.never/asked/for")
    assert [found.stat(f"{HOME}{path}") for path in asked] == [Stat("-", 1000, 1000, 0o600), False, None, None]
    others = ("/home/bob/.google_authenticator", "/net/eve/.google_authenticator", "/not/a/number", "no/path")
    assert [found.stat(path) for path in others] == [None] * 4


def test_the_table_comes_in_parts(said: Said) -> None:
    parts = (b"absent /a\n", b"", b"-rw------- 0 0 /b\n")
    found = conf_of(
        replace(said.without("owners"), mode="streamed"),
        adding(*(Frame("enrolments", b"", "ok", each) for each in parts)),
    )
    assert (found.stat("/a"), found.stat("/b")) == (False, Stat("-", 0, 0, 0o600))


@pytest.mark.parametrize(
    ("change", "scan", "stat"),
    [
        pytest.param(
            changes(),
            Scan(offline=True),
            Stat("-", None, None, 0o600),
            id="unpacked by somebody, and no list of owners",
        ),
        pytest.param(
            changes(
                lambda said: said.with_file(
                    "owners", "owners.mtree", f"#mtree\n.{HOME}/.oath type=file uid=7 mode=0640\n"
                )
            ),
            Scan(offline=True),
            Stat("-", 7, None, 0o640),
            id="the list says whose it is",
        ),
        pytest.param(
            changes(lambda said: said.with_file("owners", "owners.mtree", "#mtree\n./etc type=dir uid=7 mode=0640\n")),
            Scan(offline=True),
            Stat("-", None, None, None),
            id="the list does not know it",
        ),
        pytest.param(
            changes(
                lambda said: said.with_file(
                    "owners", "owners.mtree", "#mtree\n./data/.oath type=file uid=7 mode=0640\n"
                ),
                lambda said: said.with_file("links", "", f"{HOME}/.oath\n/data/.oath\n"),
            ),
            Scan(offline=True),
            Stat("-", 7, None, 0o640),
            id="behind a link, by its real path",
        ),
    ],
)
def test_owners_of_an_image(said: Said, change: Change, scan: Scan, stat: Stat) -> None:
    table = adding(Frame("enrolments", b"", "ok", f"-rw------- 1234 1234 {HOME}/.oath\n".encode()))
    lost = said.without("owners").edited("meta", " 0 0 ", " 1234 1234 ")
    assert conf_of(lost, changes(change, table), scan).stat(f"{HOME}/.oath") == stat


def test_an_older_collector_and_one_that_broke_off(said: Said) -> None:
    """What it did not come to is not seen: nothing of that is absent."""
    old = conf_of(said, changes())
    assert (old.stats, old.modules, old.stat(f"{HOME}/.google_authenticator")) == ({}, None, None)
    table = Frame("enrolments", b"", "ok", TABLE.encode())
    listed = modules({"/lib64/security": "pam_unix"})
    whole = changes(adding(table), listed)
    frames = len(whole(said.without("enrolments").without("pamconf").without("pam_modules")).frames)
    cut = conf_of(said, whole, items=frames - 2)
    assert (cut.stats, cut.modules, cut.stat(f"{HOME}/.otpw")) == ({}, None, None)
    # a second folder may be missing
    assert conf_of(said, whole, items=frames).modules is None
    assert conf_of(said, whole).modules == {"pam_unix.so"}


@pytest.mark.parametrize(
    ("folders", "found"),
    [
        pytest.param({"/lib/security": "pam_unix pam_x"}, "pam_unix pam_x", id="one"),
        pytest.param({"/lib/security": "pam_x"}, None, id="a folder that is not libpam's"),
        pytest.param({}, None, id="none"),
        pytest.param(
            {"/lib/security": "pam_unix pam_32", "/lib64/security": "pam_unix pam_64"},
            "pam_unix pam_64",
            id="for programs of 32 and of 64 bits",
        ),
        pytest.param(
            {"/lib/security": "pam_unix pam_y", "/lib64/security": "pam_duo"},
            "pam_unix pam_y",
            id="a module that libpam does not find there",
        ),
        pytest.param(
            {"/lib/security": "pam_duo", "/lib/x86_64-linux-gnu/security": "pam_unix pam_z"},
            "pam_unix pam_z pam_duo",
            id="Debian looks in both",
        ),
        pytest.param(
            {"/usr/lib/security": "pam_duo", "/usr/lib/x86_64-linux-gnu/security": "pam_unix"},
            "pam_unix pam_duo",
            id="the same below usr",
        ),
        pytest.param(
            {"/lib/i386-linux-gnu/security": "pam_unix", "/lib/x86_64-linux-gnu/security": "pam_unix pam_oath"},
            None,
            id="two that differ",
        ),
        pytest.param(
            {"/lib/i386-linux-gnu/security": "pam_unix", "/lib/x86_64-linux-gnu/security": "pam_unix"},
            "pam_unix",
            id="two that agree",
        ),
    ],
)
def test_modules_that_libpam_finds(said: Said, folders: dict[str, str], found: str | None) -> None:
    names = None if found is None else frozenset(f"{name}.so" for name in found.split())
    assert conf_of(said, modules(folders)).modules == names


@pytest.mark.parametrize("status", ["unreadable", "toolarge", "unknown", "notvisited", "badlink"])
def test_a_folder_that_was_not_listed(said: Said, status: str) -> None:
    change = changes(modules({"/lib64/security": "pam_unix"}), adding(Frame("pam_modules", b"/lib/security", status)))
    assert conf_of(said, change).modules is None


def test_files_with_what_did_not_leave_are_not_known(said: Said) -> None:
    found = conf_of(
        said,
        adding(
            Frame("pamconf", b"/etc/oath", "ok", b"HOTP anna -\n#\n"),
            Frame("pamconf", b"/etc/duo", "ok", b"[duo]\nhyg:dropped 7\n"),
            Frame("pamconf", b"/etc/gone", "absent"),
            Frame("pamconf", b"/etc/fifo", "notregular"),
        ),
    )
    assert found.read("/etc/oath") == b"HOTP anna -\n#\n"
    assert found.read("/etc/duo") == "/etc/duo could not be read"
    assert found.read("/etc/gone") is None
    assert found.read("/etc/fifo") == "/etc/fifo could not be read"
    assert found.read("/etc/other") == "/etc/other was not seen"
    assert found.read("/etc/group") == next(frame.data for frame in said.frames if frame.kind == "group")
