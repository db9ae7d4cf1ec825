"""known_hosts as OpenSSH reads it: each row's verdict, and the lines that ssh-keygen -F finds."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from hygiene.collect.known_hosts import HostKeyState, HostKeyVerdict, KnownHosts
from hygiene.errors import InputError
from hygiene.openssh.keys import unbase64
from hygiene.testing.hosts import public_host_key

KEY = public_host_key("tests", "offered")
OTHER = public_host_key("tests", "other")
CA = public_host_key("tests", "authority")
RSA = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC5ZWbwPTlxwHyVoSzxwsYzpmuTdyHSZ5U5ysXbBqdhUnsGK8oJt3GBuMiIAaQRPpXgJ6bMm8zD"
    "qKXnPGdFSLb7yMbe5IByPS1SbPEQH3l8l2VY1Cw6nYH1VhjfKf7ceJrTzgpfl/tAVIETmR8wRTsBvJbMJAXMNCPlxHyTsC8q7w=="
)


def blob(line: str) -> bytes:
    return unbase64(line.split()[1].encode())


def check(text: str, address: str, port: int = 22, host: str = "") -> HostKeyVerdict:
    known_hosts = KnownHosts()
    known_hosts.add("kh", text.encode())
    return known_hosts.check(blob(KEY), address, port, host)


def hashed(name: str, key: str, tmp_path: Path) -> str:
    """The line as ssh-keygen -H writes it."""
    path = tmp_path / "plain"
    path.write_text(f"{name} {key}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, capture_output=True)
    path.with_suffix(".old").unlink()
    return path.read_text()


KNOWN = HostKeyVerdict(HostKeyState.KNOWN, "kh:1", "ssh-ed25519")
UNKNOWN = HostKeyVerdict(HostKeyState.UNKNOWN)
CHANGED = HostKeyVerdict(HostKeyState.CHANGED, "kh:1", "ssh-ed25519")
CHANGED_RSA = HostKeyVerdict(HostKeyState.CHANGED, "kh:1", "ssh-rsa")
REVOKED = HostKeyVerdict(HostKeyState.REVOKED, "kh:1", "ssh-ed25519")


def at(line: int, verdict: HostKeyVerdict) -> HostKeyVerdict:
    return HostKeyVerdict(verdict.state, f"kh:{line}", verdict.known_type)


@pytest.mark.parametrize(
    ("text", "address", "port", "host", "verdict"),
    [
        pytest.param(f"web1 {KEY}\n", "web1", 22, "", KNOWN, id="plain-name"),
        pytest.param(f"web1 {KEY}", "web1", 22, "", KNOWN, id="no-line-end-at-the-end"),
        pytest.param(f"web1 {KEY}\r\n", "web1", 22, "", KNOWN, id="windows-line-end"),
        pytest.param(f"web1 {KEY} root@web1\n", "web1", 22, "", KNOWN, id="comment-behind-the-key"),
        pytest.param(f"\t web1\t{KEY}\n", "web1", 22, "", KNOWN, id="white-space-before"),
        pytest.param(f"# web1 {KEY}\n", "web1", 22, "", UNKNOWN, id="commented-out"),
        pytest.param(f"#web1 {KEY}\n", "web1", 22, "", UNKNOWN, id="commented-out-without-blank"),
        pytest.param(f"db,web1,10.0.0.1 {KEY}\n", "10.0.0.1", 22, "", KNOWN, id="one-of-several-names"),
        pytest.param(f"WEB1 {KEY}\n", "Web1", 22, "", KNOWN, id="names-have-no-case"),
        pytest.param(f"web1 {OTHER}\n", "web1", 22, "", CHANGED, id="changed"),
        pytest.param(f"web1 {OTHER}\nweb1 {KEY}\n", "web1", 22, "", at(2, KNOWN), id="one-of-two-keys-is-enough"),
        pytest.param(f"web1 {OTHER}\n", "web2", 22, "", UNKNOWN, id="unknown"),
        pytest.param("", "web1", 22, "", UNKNOWN, id="empty-file"),
        pytest.param(
            f"web1 {RSA}\n",
            "web1",
            22,
            "",
            HostKeyVerdict(HostKeyState.CHANGED, "kh:1", "ssh-rsa"),
            id="other-type-only",
        ),
        pytest.param("web1 ssh-ed25519 AAAA\n", "web1", 22, "", UNKNOWN, id="a-line-without-a-key-says-nothing"),
        pytest.param(
            f"web1 ssh-rsa {KEY.split()[1]}\n", "web1", 22, "", UNKNOWN, id="the-type-before-the-key-must-be-its-own"
        ),
        pytest.param(f"[web1]:2222 {KEY}\n", "web1", 2222, "", KNOWN, id="port"),
        pytest.param(f"[web1]:2222 {KEY}\n", "web1", 2223, "", UNKNOWN, id="other-port"),
        pytest.param(f"[web1]:2222 {KEY}\n", "web1", 22, "", UNKNOWN, id="a-port-does-not-name-the-default"),
        pytest.param(f"[web1]:22 {KEY}\n", "web1", 22, "", UNKNOWN, id="the-default-port-is-never-written"),
        pytest.param(f"web1 {KEY}\n", "web1", 2222, "", KNOWN, id="name-without-port-helps-when-it-matches"),
        pytest.param(f"web1 {OTHER}\n", "web1", 2222, "", UNKNOWN, id="name-without-port-never-says-changed"),
        pytest.param(f"[::1]:2222 {KEY}\n", "::1", 2222, "", KNOWN, id="ipv6-with-port"),
        pytest.param(f"2001:db8::1 {KEY}\n", "2001:DB8::1", 22, "", KNOWN, id="ipv6"),
        pytest.param(f"*.example.org {KEY}\n", "a.b.example.org", 22, "", KNOWN, id="star"),
        pytest.param(f"web? {KEY}\n", "web1", 22, "", KNOWN, id="question-mark"),
        pytest.param(f"web? {KEY}\n", "web12", 22, "", UNKNOWN, id="question-mark-is-one-letter"),
        pytest.param(f"[*]:2222 {KEY}\n", "web1", 2222, "", KNOWN, id="star-within-brackets"),
        pytest.param(f"[w]* {KEY}\n", "web1", 22, "", UNKNOWN, id="brackets-are-no-pattern"),
        pytest.param(f"*,!web1 {KEY}\n", "web1", 22, "", UNKNOWN, id="negated-after"),
        pytest.param(f"!web1,* {KEY}\n", "web1", 22, "", UNKNOWN, id="negated-before"),
        pytest.param(f"*,!web1 {KEY}\n", "web2", 22, "", KNOWN, id="negated-for-another"),
        pytest.param(f"!web1 {KEY}\n", "web2", 22, "", UNKNOWN, id="a-negation-alone-matches-nothing"),
        pytest.param(f"@revoked * {KEY}\nweb1 {KEY}\n", "web1", 22, "", REVOKED, id="revoked-everywhere"),
        pytest.param(f"@revoked web1 {KEY}\n", "web1", 22, "", REVOKED, id="revoked-by-name"),
        pytest.param(f"@revoked web1 {KEY}\n", "web1", 2222, "", REVOKED, id="revoked-by-name-without-port"),
        pytest.param(f"@revoked * {OTHER}\nweb1 {KEY}\n", "web1", 22, "", at(2, KNOWN), id="another-key-is-revoked"),
        pytest.param(f"@cert-authority * {KEY}\n", "web1", 22, "", UNKNOWN, id="an-authority-is-no-host-key"),
        pytest.param(f"@unheard-of * {KEY}\n", "web1", 22, "", UNKNOWN, id="unknown-marker"),
        pytest.param(f"@revoked @revoked * {KEY}\n", "web1", 22, "", UNKNOWN, id="two-markers"),
        pytest.param(f"web1 {KEY}\n", "10.0.0.1", 22, "web1", KNOWN, id="known-under-the-inventory-name"),
        pytest.param(f"web1 {OTHER}\n", "10.0.0.1", 22, "web1", CHANGED, id="changed-under-the-inventory-name"),
        pytest.param(f"@revoked web1 {KEY}\n10.0.0.1 {KEY}\n", "10.0.0.1", 22, "web1", REVOKED, id="revoked-wins"),
    ],
)
def test_verdict(text: str, address: str, port: int, host: str, verdict: HostKeyVerdict) -> None:
    assert check(text, address, port, host) == verdict


needs_ssh_keygen = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen of openssh-client")


@needs_ssh_keygen
@pytest.mark.parametrize(
    ("name", "key", "address", "port", "verdict"),
    [
        pytest.param("web1", KEY, "web1", 22, KNOWN, id="known"),
        pytest.param("web1", KEY, "web2", 22, UNKNOWN, id="the-same-key-on-another-host"),
        pytest.param("web1", OTHER, "web1", 22, CHANGED, id="changed"),
        pytest.param("[web1]:2222", KEY, "web1", 2222, KNOWN, id="port"),
        pytest.param("web1", KEY, "web1", 2222, KNOWN, id="without-port"),
        pytest.param("web1", OTHER, "web1", 2222, UNKNOWN, id="without-port-never-says-changed"),
    ],
)
def test_hashed_names(name: str, key: str, address: str, port: int, verdict: HostKeyVerdict, tmp_path: Path) -> None:
    assert check(hashed(name, key, tmp_path), address, port) == verdict


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("|1|", id="nothing-behind"),
        pytest.param("|1|AAAA|AAAA|AAAA", id="too-many-parts"),
        pytest.param("|2|AAAA|AAAA", id="unknown-hash"),
        pytest.param("|1|*|*", id="no-base64"),
        pytest.param("|", id="a-bar"),
    ],
)
def test_a_hash_that_is_none_names_nobody(name: str) -> None:
    assert check(f"{name} {KEY}\n", "web1") == UNKNOWN


@needs_ssh_keygen
@pytest.mark.parametrize("name", ["web1", "[web1]:2222", "web2", "db.example.org", "10.0.0.1", "2001:db8::1"])
def test_finds_the_lines_that_ssh_keygen_finds(name: str, tmp_path: Path) -> None:
    lines = [
        f"web1,10.0.0.1 {KEY}",
        f"*.example.org,!db.example.org {KEY}",
        hashed("web1", KEY, tmp_path).strip(),
        f"web? {KEY}",
        f"[web1]:2222 {KEY}",
        f"2001:db8::1 {KEY}",
        f"@revoked web2 {KEY}",
        f"@cert-authority *.org {KEY}",
        "# a comment",
    ]
    path = tmp_path / "known_hosts"
    path.write_text("\n".join(lines) + "\n")
    found = subprocess.run(["ssh-keygen", "-F", name, "-f", path], capture_output=True, text=True, check=False).stdout
    expected = {int(number) for number in re.findall(r"found: line (\d+)", found)}
    port = int(name.partition("]:")[2] or 22)
    ours = set()
    for number, line in enumerate(lines, 1):
        known_hosts = KnownHosts()
        known_hosts.add("kh", line.encode())
        bare = name.partition("]:")[0].strip("[") if port != 22 else name
        one = known_hosts.check(blob(KEY), bare, port)
        if one.state is not HostKeyState.UNKNOWN or known_hosts.has_authority(bare, port):
            ours.add(number)
    # ssh-keygen looks for the name with its port alone; ssh, and we, also for the bare one
    if port != 22:
        ours -= {1, 3, 4}
    assert ours == expected


def test_an_authority_is_known_for_the_hosts_it_is_written_for() -> None:
    known_hosts = KnownHosts()
    known_hosts.add("kh", f"@cert-authority *.example.org {CA}\n@revoked * {OTHER}\n".encode())
    assert known_hosts.has_authority("a.example.org", 22)
    assert not known_hosts.has_authority("a.example.com", 22)
    assert known_hosts.check_authority(blob(CA), "a.example.org", 22) == KNOWN
    assert known_hosts.check_authority(blob(CA), "a.example.com", 22) == UNKNOWN
    assert known_hosts.check_authority(blob(KEY), "a.example.org", 22) == UNKNOWN
    assert known_hosts.check_authority(blob(OTHER), "a.example.org", 22) == at(2, REVOKED)


def test_types_known_for_a_host_in_the_order_of_their_lines() -> None:
    known_hosts = KnownHosts()
    known_hosts.add("kh", f"web1 {RSA}\n@revoked web1 {OTHER}\nweb1 {KEY}\n[web1]:2222 {KEY}\n".encode())
    assert known_hosts.key_types("web1", 22) == ["ssh-rsa", "ssh-ed25519"]
    assert known_hosts.key_types("web1", 2222) == ["ssh-ed25519"]
    assert known_hosts.key_types("web1", 2223) == ["ssh-rsa", "ssh-ed25519"]
    assert known_hosts.key_types("10.0.0.1", 22, "web1") == ["ssh-rsa", "ssh-ed25519"]
    assert known_hosts.key_types("web2", 22) == []


@pytest.mark.parametrize("data", [b"\xff\xfe web1", b"\x00" * 1000, b"@revoked", b"a b", b"|1|x " * 1000, b"web1 x y"])
def test_bytes_that_are_no_known_hosts_say_nothing(data: bytes) -> None:
    known_hosts = KnownHosts()
    known_hosts.add("kh", data)
    assert known_hosts.check(blob(KEY), "web1", 22) == UNKNOWN
    assert known_hosts.key_types("web1", 22) == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none: cannot read known_hosts: No such file.*--known-hosts FILE"):
        KnownHosts.load([tmp_path / "none"])


def test_a_hundred_thousand_lines_load_in_a_second_of_cpu_time() -> None:
    data = "".join(f"web{number} {KEY[:-6]}{number:06}\n" for number in range(100_000)).encode()
    salted = "".join(f"|1|{'A' * 27}=|{'B' * 27}= {KEY[:-6]}{number:06}\n" for number in range(100_000)).encode()
    known_hosts = KnownHosts()
    started = time.process_time()
    known_hosts.add("kh", data)
    loaded = time.process_time()
    known_hosts.add("kh2", salted)
    hashed_too = time.process_time()
    assert loaded - started < 1
    assert hashed_too - loaded < 1
    assert known_hosts.key_types("web99999", 22) == ["ssh-ed25519"]
