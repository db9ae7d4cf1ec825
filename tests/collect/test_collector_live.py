"""The collector on a host that runs: daemons, `sshd -T`, mounted file systems, accounts of a directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lab.fleet import Lab
from lab.spec import AccountSpec, File, HostSpec

from hygiene.collect import script
from hygiene.evidence import tables
from hygiene.evidence.frames import Frame, Note, Transcript
from hygiene.evidence.stream import decode

from .disk import NONCE, collect, make, with_awk
from .test_collector import KEY

OTHER = "Port 2201\nPermitRootLogin no\nAuthorizedKeysFile /etc/ssh/other/%u\nInclude /etc/ssh/other.d/*.conf\n"
# a title is free text: this one wants root to run a program of its own choice, or to read a file
MATCH = (
    "Match User ann Address 10.0.0.0/8\n  PasswordAuthentication no\nMatch LocalPort 2203\n  MaxAuthTries 2\n"
    "Match User root\n  MaxAuthTries 3\n"
)
DECOYS = (
    "sshd: /home/ann/sshd -f /home/ann/evil [listener] 0 of 10-100 startups",
    "/usr/sbin/sshd -f /etc/shadow",
    "sshd: ann [priv]",
)


@pytest.fixture(scope="module")
def lab(lab_tree: Path) -> Iterator[Lab]:
    hosts = [
        HostSpec("plain", accounts=[AccountSpec("root", 0, authorized_keys=[f"{KEY} ops"])]),
        HostSpec("options", accounts=[AccountSpec("root", 0), AccountSpec("ann", 1001)]),
        HostSpec("match", accounts=[AccountSpec("root", 0), AccountSpec("ann", 1001)]),
        HostSpec("two", accounts=[AccountSpec("root", 0), AccountSpec("ann", 1001)]),
    ]
    with Lab(lab_tree, hosts) as lab:
        yield lab


def run(lab: Lab, host: str, user: str = "root") -> Transcript:
    command = ["sh", "-c", script.remote_command(NONCE, sudo=False)]
    if user != "root":
        command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command]
    ran = lab.exec_root(host, command, stdin=script.stdin_payload(NONCE))
    found = decode(ran.stdout, NONCE)
    assert (found.problem, ran.stderr) == ("", b"")
    return found


def everything(lab: Lab, host: str) -> list[bytes]:
    """Every file and folder of a running host, with what a write would change."""
    listing = ["find", "/", "-xdev", "-path", "/proc", "-prune", "-o", "-printf", "%p %i %m %s %T@ %C@\\n"]
    return sorted(lab.exec_root(host, listing).stdout.splitlines())


def first(found: Transcript, kind: str) -> Frame:
    frame = found.first(kind)
    assert frame is not None
    return frame


@pytest.mark.real_sshd
def test_asks_the_daemon(lab: Lab) -> None:
    found = run(lab, "plain")
    assert (found.uid, found.mode, found.root) == (0, "streamed", "/")
    answer = lab.exec_root("plain", ["/usr/sbin/sshd", "-T"])
    assert first(found, "sshd_t") == Frame("sshd_t", b"", "rc=0", answer.stdout)
    assert first(found, "sshd_t_err") == Frame("sshd_t_err", b"", "rc=0")
    assert first(found, "sshd_version").path == b"/usr/sbin/sshd"
    assert first(found, "sshd_version").data.startswith(b"OpenSSH_")
    assert first(found, "uname").data.split()[1] == b"plain"
    assert first(found, "boot-id").data == Path("/proc/sys/kernel/random/boot_id").read_bytes()
    assert b"\nVersion: 1:" in first(found, "sshd_package").data
    links = int(Path("/proc/sys/fs/protected_symlinks").read_text())
    assert tables.sysctls(found) == {"fs.protected_symlinks": links}
    head, daemon = first(found, "ps").data.decode().splitlines()
    assert head.split() == ["PID", "PPID", "USER", "ELAPSED", "COMMAND"]
    assert daemon.split()[2:3] + daemon.split()[4:8] == ["root", "sshd:", "/usr/sbin/sshd", "-D", "[listener]"]
    assert found.notes == ()


@pytest.mark.real_sshd
def test_does_not_ask_it_as_an_ordinary_user(lab: Lab) -> None:
    found = run(lab, "two", "ann")
    assert found.uid == 1001
    assert found.first("sshd_t") is None
    assert first(found, "shadow") == Frame("shadow", b"/etc/shadow", "unreadable")


@pytest.mark.real_sshd
def test_every_daemon_by_its_own_arguments_and_no_pretender(lab: Lab) -> None:
    lab.plant(
        "two",
        {
            "/etc/ssh/other_config": File(OTHER.encode()),
            "/etc/ssh/other.d/x.conf": File(b"MaxAuthTries 3\n"),
            "/etc/ssh/other/ann": File(f"{KEY} other\n".encode()),
            "/etc/ssh/broken_config": File(b"NoSuchKeyword yes\n"),
            "/home/ann/evil": File(b"PermitRootLogin yes\n"),
        },
    )
    lab.exec_root("two", ["/usr/sbin/sshd", "-f", "/etc/ssh/other_config", "-oMaxSessions=4"])
    # it runs until its configuration is broken under it
    lab.exec_root("two", ["cp", "/etc/ssh/other_config", "/etc/ssh/third_config"])
    lab.exec_root("two", ["/usr/sbin/sshd", "-f", "/etc/ssh/third_config", "-p", "2202"])
    lab.exec_root("two", ["cp", "/etc/ssh/broken_config", "/etc/ssh/third_config"])
    for decoy in DECOYS:
        start = f'exec -a "{decoy}" sleep 60 </dev/null >/dev/null 2>&1 &'
        lab.exec_root("two", ["setpriv", "--reuid=ann", "--regid=ann", "--clear-groups", "bash", "-c", start])
    found = run(lab, "two")
    asked = {frame.path: frame for frame in found.all("sshd_t")}
    assert {path: frame.status for path, frame in asked.items()} == {
        b"": "rc=0",
        b"-f /etc/ssh/other_config -oMaxSessions=4": "rc=0",
        b"-f /etc/ssh/third_config -p 2202": "rc=255",
    }
    other = asked[b"-f /etc/ssh/other_config -oMaxSessions=4"].data.splitlines()
    assert {b"port 2201", b"permitrootlogin no", b"maxsessions 4", b"maxauthtries 3"} <= set(other)
    errors = {frame.path: frame.data for frame in found.all("sshd_t_err")}
    assert asked[b"-f /etc/ssh/third_config -p 2202"].data == b""
    assert b"NoSuchKeyword" in errors[b"-f /etc/ssh/third_config -p 2202"]
    assert {frame.path for frame in found.all("sshd_config")} >= {
        b"/etc/ssh/sshd_config",
        b"/etc/ssh/other_config",
        b"/etc/ssh/other.d/x.conf",
        b"/etc/ssh/third_config",
    }
    # its pattern counts too, and a pretender's file is not even opened
    assert found.file("akeys", b"/etc/ssh/other/ann") == Frame(
        "akeys", b"/etc/ssh/other/ann", "ok", f"{KEY} other\n".encode()
    )
    assert not {b"/home/ann/evil", b"/etc/shadow"} & {frame.path for frame in found.all("sshd_config")}


@pytest.mark.real_sshd
def test_asks_for_each_account_and_source_that_match_blocks_tell_apart(lab: Lab) -> None:
    """One of each, the same answer as when asked by hand, and the errors kept."""
    config = lab.exec_root("match", ["cat", "/etc/ssh/sshd_config"]).stdout + MATCH.encode()
    lab.plant("match", {"/etc/ssh/sshd_config": File(config)})
    before = everything(lab, "match")
    found = run(lab, "match")
    assert everything(lab, "match") == before
    specs = [frame.path.decode().removeprefix(" -C ") for frame in found.all("sshd_tc")]
    accounts = {spec.split(",")[0] for spec in specs}
    assert accounts == {"user=root", "user=ann", "user=daemon"}
    assert len(specs) == 6  # root, ann from 10.0.0.0/8, anybody else; and each of them at another port
    for spec, frame, error in zip(specs, found.all("sshd_tc"), found.all("sshd_tc_err"), strict=True):
        answer = lab.exec_root("match", ["sh", "-c", f"/usr/sbin/sshd -T -C {spec}; echo $?"])
        *lines, code = answer.stdout.splitlines(keepends=True)
        assert (frame.status, frame.data) == (f"rc={int(code)}", b"".join(lines))
        assert (error.status, error.data.split()) == (f"rc={int(code)}", answer.stderr.split())
    assert {frame.status for frame in found.all("sshd_tc")} == {"rc=0"}
    times = tables.conf_times(found)
    # Debian's pid file, under both of its names
    pids = {b"/run/sshd.pid", b"/var/run/sshd.pid"}
    assert set(times) == {b"/etc/ssh/sshd_config", b"/etc/ssh/sshd_config.d", b"/usr/sbin/sshd", *pids}
    said = lab.exec_root("match", ["stat", "-L", "-c", "%Y", *(path.decode() for path in times)]).stdout
    assert [*times.values()] == [int(line) for line in said.split()]


@pytest.mark.real_sshd
def test_options_with_blanks_and_tokens_are_asked_as_they_were_given(lab: Lab) -> None:
    option = "AuthorizedKeysFile .ssh/%u /etc/ssh/by-option/%u"
    lab.plant("options", {"/etc/ssh/by-option/ann": File(f"{KEY} option\n".encode())})
    lab.exec_root("options", ["/usr/sbin/sshd", "-p", "2299", "-o", option, "-oUseDNS=no", "-oPidFile=/run/other.pid"])
    found = run(lab, "options")
    frame = found.file("sshd_t", f"-p 2299 -o {option} -oUseDNS=no -oPidFile=/run/other.pid".encode())
    assert frame is not None
    assert (frame.status, option.lower().encode() in frame.data.lower()) == ("rc=0", True)
    assert b"/run/other.pid" in tables.conf_times(found)
    keys = found.file("akeys", b"/etc/ssh/by-option/ann")
    assert (keys.status if keys else None) == "ok"


def alive(text: bytes) -> bytes:
    """The script, made to take a folder for a host that runs: its mount table, and its accounts by getent."""
    for old, new in ((b"if (LIVE) mounts()", b"mounts()"), (b"if (NSS && LIVE)", b"if (NSS)")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def test_stays_away_from_network_file_systems(tmp_path: Path) -> None:
    root = make(
        tmp_path,
        {
            "/proc/mounts": "/dev/sda1 / ext4 rw 0 0\nserver:/homes /net nfs4 rw 0 0\n/dev/sdb1 /srv/data xfs rw 0 0\n"
            "auto.home /home autofs rw 0 0\nsshfs#x /opt/far fuse.sshfs rw 0 0\nserver:/all / nfs rw 0 0\n",
            "/etc/passwd": "here:x:1:1::/local/here:/bin/sh\nthere:x:2:2::/net/there:/bin/sh\n"
            "linked:x:3:3::/local/linked:/bin/sh\nauto:x:4:4::/home/auto:/bin/sh\n",
            "/local/here/.ssh/authorized_keys": f"{KEY} here\n",
            "/net/there/.ssh/authorized_keys": f"{KEY} there\n",
            "/local/linked": Path("/net/there"),
            "/home/auto/.ssh/authorized_keys": f"{KEY} auto\n",
            "/opt/far/x": "x",
        },
    )
    found = collect(root, text=alive(script.text()))
    assert {frame.path: frame.status for frame in found.all("akeys") if not frame.path.endswith(b"2")} == {
        b"/local/here/.ssh/authorized_keys": "ok",
        b"/net/there/.ssh/authorized_keys": "notvisited",
        b"/local/linked/.ssh/authorized_keys": "notvisited",
        b"/home/auto/.ssh/authorized_keys": "notvisited",
    }
    assert [note for note in found.notes if not note.detail.endswith("2")] == [
        Note("authorized_keys", "network-file-system", "/net/there/.ssh/authorized_keys"),
        Note("authorized_keys", "network-file-system", "/local/linked/.ssh/authorized_keys"),
        Note("authorized_keys", "network-file-system", "/home/auto/.ssh/authorized_keys"),
        Note("private_keys", "network-file-system", "/home"),
        Note("private_keys", "network-file-system", "/opt/far"),
    ]


def test_finds_accounts_of_a_directory_by_their_homes(tmp_path: Path) -> None:
    """Only where nsswitch names a directory; the ids are those of the folders in /home."""
    folder = tmp_path / "bin"
    text = alive(with_awk("awk", folder))
    (folder / "awk").unlink()
    (folder / "getent").write_text(
        '#!/bin/sh\n[ "$1" = passwd ] || exit 1\nshift\n'
        'for id do echo "dir$id:*:$id:$id:Jo Do:/home/dir:/bin/sh"; done\n'
    )
    (folder / "getent").chmod(0o755)
    root = make(
        tmp_path / "root",
        {
            "/etc/nsswitch.conf": "passwd:\tfiles sss # ldap\n",
            "/etc/passwd": "other:x:4242:4242::/home/other:/bin/sh\n",
            "/home/dir/.ssh/authorized_keys": f"{KEY} dir\n",
        },
    )
    uid = (root / "home/dir").stat().st_uid
    found = collect(root, text=text)
    assert found.first("nsspasswd") == Frame(
        "nsspasswd", b"", "ok", f"dir{uid}:star,,:{uid}:{uid}::/home/dir:/bin/sh\n".encode()
    )
    assert found.file("akeys", b"/home/dir/.ssh/authorized_keys") == Frame(
        "akeys", b"/home/dir/.ssh/authorized_keys", "ok", f"{KEY} dir\n".encode()
    )
    (root / "etc/nsswitch.conf").write_text("passwd: files systemd # sss\n")
    assert collect(root, text=text).first("nsspasswd") is None
