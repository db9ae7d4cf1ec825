"""sshd_config: what the resolver says is what `sshd -T` prints, and what was not seen makes everything unknown."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab.fleet import Lab
from lab.spec import File, HostSpec

from hygiene.openssh.config import read, resolve
from hygiene.openssh.settings import Entry, Settings, read_effective
from hygiene.openssh.version import Vendor, Version

from .asked import installed
from .configs import MAIN, REFUSED, SINGLE, Tree, all_trees, listings, place

BOOKWORM = Version(9, 2, 1, Vendor.DEBIAN)
ETC = "/etc/ssh/sshd_config"


def _resolve(name: str, tree: Tree, version: Version | None = BOOKWORM) -> Settings:
    files = place(name, tree)
    return resolve(files, listings(files), version, main=f"/srv/cases/{name}/{MAIN}")


@pytest.mark.real_sshd
def test_every_value_is_the_one_that_sshd_prints(lab_tree: Path) -> None:
    trees = all_trees()
    refused = {f"refused-{name}": {MAIN: text} for name, (text, _) in REFUSED.items()}
    files = {path: File(data) for name, tree in (trees | refused).items() for path, data in place(name, tree).items()}
    script = f'cd /srv/cases; for case in *; do echo "@@ $case"; /usr/sbin/sshd -T -f /srv/cases/$case/{MAIN}; done'
    with Lab(lab_tree, [HostSpec("sshd", files=files)]) as lab:
        version = installed(lab, "sshd")
        printed = lab.exec_root("sshd", ["/bin/sh", "-c", script], timeout_s=120).stdout
    outputs = dict(part.split("\n", 1) for part in printed.decode().split("@@ ")[1:])
    assert {name for name, text in outputs.items() if not text} == set(refused)
    for name, tree in trees.items():
        mine = _resolve(name, tree, version)
        real = [entry for entry in read_effective(outputs[name].encode()).entries if mine.is_known(entry.keyword)]
        assert (name, mine.problems) == (name, ())
        assert [name, *((entry.keyword, entry.value) for entry in mine.entries)] == [
            name,
            *((entry.keyword, entry.value) for entry in real),
        ]


def test_what_the_resolver_cannot_tell_is_said() -> None:
    assert _resolve("empty", {MAIN: b""}).unresolved == (
        "gssapikexalgorithms",
        "ciphers",
        "macs",
        "kexalgorithms",
    )


def test_defaults_of_a_build_that_does_not_name_itself_are_not_guessed() -> None:
    settings = _resolve("empty", {MAIN: b""}, Version(9, 2))
    assert set(settings.unresolved) - set(_resolve("empty", {MAIN: b""}).unresolved) == {
        "pidfile",
        "xauthlocation",
        "ipqos",
        "gssapikeyexchange",
        "gssapistorecredentialsonrekey",
        "gssapistrictacceptorcheck",
    }


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_sshd_refuses_is_a_problem(text: bytes, reason: str) -> None:
    settings = resolve({ETC: text}, {}, BOOKWORM)
    assert len(settings.problems) == 1
    assert reason in settings.problems[0]
    assert settings.problems[0].startswith(ETC)
    assert settings.entries == ()
    assert not settings.is_known("permitrootlogin")


SOURCES = {
    "in-the-main-file": ("PermitRootLogin no\n", {}, [Entry("permitrootlogin", "no", f"{ETC}:1")]),
    "default": ("", {}, [Entry("permitrootlogin", "without-password", "default")]),
    "in-an-include-that-is-relative-to-etc-ssh": (
        "\nInclude sshd_config.d/*.conf\nPermitRootLogin no\n",
        {"/etc/ssh/sshd_config.d/50.conf": b"# first\nPermitRootLogin yes\n"},
        [Entry("permitrootlogin", "yes", "/etc/ssh/sshd_config.d/50.conf:2")],
    ),
    "of-two-include-files-the-first-by-name": (
        "Include sshd_config.d/*.conf\n",
        {
            "/etc/ssh/sshd_config.d/9.conf": b"PermitRootLogin no\n",
            "/etc/ssh/sshd_config.d/10.conf": b"PermitRootLogin yes\n",
        },
        [Entry("permitrootlogin", "yes", "/etc/ssh/sshd_config.d/10.conf:1")],
    ),
    "not-in-a-match-block": (
        "Match User x\nPermitRootLogin yes\nMatch all\nPermitRootLogin no\n",
        {},
        [Entry("permitrootlogin", "no", f"{ETC}:4")],
    ),
}


@pytest.mark.parametrize(("main", "others", "entries"), SOURCES.values(), ids=SOURCES)
def test_a_value_names_the_line_it_comes_from(main: str, others: Tree, entries: list[Entry]) -> None:
    files = {ETC: main.encode(), **others}
    settings = resolve(files, listings(files), BOOKWORM)
    assert [entry for entry in settings.entries if entry.keyword == "permitrootlogin"] == entries


UNSEEN = {
    "main-file-not-there": ({}, {}, f"{ETC} was not read"),
    "main-file-unreadable": ({ETC: None}, {}, f"{ETC} could not be read"),
    "include-folder-unlistable": (
        {ETC: b"Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n"},
        {"/etc/ssh/sshd_config.d": None},
        f"{ETC}:1: /etc/ssh/sshd_config.d could not be listed",
    ),
    "include-folder-not-listed": (
        {ETC: b"Include /srv/*.conf\n"},
        {},
        f"{ETC}:1: /srv was not listed",
    ),
    "include-file-unreadable": (
        {ETC: b"Include d/*.conf\n", "/etc/ssh/d/a.conf": None},
        {"/etc/ssh/d": ("a.conf",)},
        "/etc/ssh/d/a.conf could not be read",
    ),
    "include-file-listed-and-not-collected": (
        {ETC: b"Include d/*.conf\n"},
        {"/etc/ssh/d": ("a.conf",)},
        "/etc/ssh/d/a.conf was not read",
    ),
    "include-with-a-backslash": (
        {ETC: b"Include d/\\*.conf\n"},
        {"/etc/ssh/d": ()},
        f"{ETC}:1: Include /etc/ssh/d/\\*.conf holds a backslash, which is not resolved",
    ),
    "include-of-itself": (
        {ETC: b"Include /etc/ssh/sshd_config\n"},
        {},
        f"{ETC}: too many Includes inside each other; sshd refuses them",
    ),
    "nul-byte": ({ETC: b"UsePAM yes\0\n"}, {}, f"{ETC}: there is a NUL byte in the file; sshd refuses such a file"),
}


@pytest.mark.parametrize(("files", "folders", "problem"), UNSEEN.values(), ids=UNSEEN)
def test_what_was_not_seen_makes_everything_unknown(
    files: dict[str, bytes | None], folders: dict[str, tuple[str, ...] | None], problem: str
) -> None:
    settings = resolve(files, folders, BOOKWORM)
    assert (settings.problems, settings.entries) == ((problem,), ())
    assert not settings.is_known("usepam")


def test_an_absent_include_folder_is_no_problem() -> None:
    files = {ETC: b"Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n"}
    settings = resolve(files, {"/etc/ssh": ("sshd_config",)}, BOOKWORM)
    assert (settings.problems, settings.value("usepam")) == ((), "yes")


def test_a_tree_of_includes_that_grows_as_a_power_is_given_up() -> None:
    files = {ETC: b"Include d/*\n" * 10} | {f"/etc/ssh/d/{name}": b"Include d/*\n" for name in range(20)}
    settings = resolve(files, {"/etc/ssh/d": tuple(map(str, range(20)))}, BOOKWORM)
    assert settings.problems
    assert settings.entries == ()


def _values(text: bytes, version: Version | None, *names: str) -> list[str | None]:
    settings = resolve({ETC: text}, {"/etc/ssh": ("sshd_config",)}, version)
    return [settings.value(name) if settings.is_known(name) else "?" for name in names]


VERSIONS = {
    "root-login-10.1": (b"", Version(10, 1), ["permitrootlogin"], ["prohibit-password"]),
    "root-login-10.0": (
        b"PermitRootLogin prohibit-password\n",
        Version(10, 0),
        ["permitrootlogin"],
        ["without-password"],
    ),
    "old-name-of-keyboard-interactive-decides-before-8.7": (
        b"KbdInteractiveAuthentication no\n",
        Version(8, 6),
        ["kbdinteractiveauthentication"],
        ["yes"],
    ),
    "both-names-off-before-8.7": (
        b"ChallengeResponseAuthentication no\n",
        Version(8, 6),
        ["kbdinteractiveauthentication"],
        ["no"],
    ),
    "comments-anywhere-before-8.7": (
        b"UsePAM yes # no\nForceCommand x#y\n",
        Version(8, 6),
        ["usepam", "forcecommand"],
        ["yes", "x"],
    ),
    "comment-inside-quotes-before-8.7": (b'Banner "/a#b"\n', Version(8, 6), ["banner"], ["?"]),
    "equals-separates-users-before-8.7": (b"AllowUsers a=b\n", Version(8, 6), ["allowusers"], ["a"]),
    "include-is-unknown-before-8.2": (b"Include /etc/ssh/x\n", Version(8, 1), ["usepam"], ["?"]),
    "rsa-with-sha1-until-8.7": (
        b"PubkeyAcceptedAlgorithms -*ed25519*,*ecdsa*,*cert*\n",
        Version(8, 7),
        ["pubkeyacceptedalgorithms"],
        ["rsa-sha2-512,rsa-sha2-256,ssh-rsa"],
    ),
    "rsa-without-sha1-since-8.8": (
        b"PubkeyAcceptedAlgorithms -*ed25519*,*ecdsa*,*cert*\n",
        Version(8, 8),
        ["pubkeyacceptedalgorithms"],
        ["rsa-sha2-512,rsa-sha2-256"],
    ),
    "red-hat-8-has-a-policy-of-its-own": (
        b"",
        Version(8, 0, 1, Vendor.REDHAT),
        ["pubkeyacceptedalgorithms"],
        ["?"],
    ),
    "before-7.0-defaults-were-others": (b"UsePAM yes\n", Version(6, 6), ["usepam"], ["?"]),
    "unknown-version-knows-what-all-agree-in": (
        b"UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n",
        None,
        ["usepam", "passwordauthentication", "kbdinteractiveauthentication", "pubkeyacceptedalgorithms", "strictmodes"],
        ["yes", "no", "?", "?", "yes"],
    ),
    "unknown-version-that-must-know-include": (
        b"Include /etc/ssh/none\nUsePAM yes\n",
        None,
        ["usepam", "permitrootlogin"],
        ["yes", "?"],
    ),
}


@pytest.mark.parametrize(("text", "version", "names", "values"), VERSIONS.values(), ids=VERSIONS)
def test_versions_differ(text: bytes, version: Version | None, names: list[str], values: list[str]) -> None:
    assert _values(text, version, *names) == values


def test_crypto_policies_of_red_hat() -> None:
    # 8: the unit hands $CRYPTO_POLICY of opensshserver.config over as options; 9: a drop-in includes the file
    eight, nine = Version(8, 0, 1, Vendor.REDHAT), Version(8, 7, 1, Vendor.REDHAT)
    policy = "PubkeyAcceptedKeyTypes=rsa-sha2-256,ssh-ed25519"
    back_end = "/etc/crypto-policies/back-ends/opensshserver.config"
    drop_in = "/etc/ssh/sshd_config.d/50-redhat.conf"
    files = {
        ETC: b"Include /etc/ssh/sshd_config.d/*.conf\n",
        drop_in: f"Include {back_end}\n".encode(),
        back_end: b"PubkeyAcceptedAlgorithms rsa-sha2-256,ssh-ed25519\n",
    }
    given = read({ETC: b""}, {}, eight, options=[policy]).settings()
    included = read(files, listings(files), nine).settings()
    wanted = [("rsa-sha2-256,ssh-ed25519", "command line"), ("rsa-sha2-256,ssh-ed25519", f"{back_end}:1")]
    assert [
        (entry.value, entry.source)
        for settings in (given, included)
        for entry in settings.entries
        if entry.keyword == "pubkeyacceptedalgorithms"
    ] == wanted


def test_match_blocks_are_noticed() -> None:
    has_match = {name: resolve({ETC: text}, {}, BOOKWORM).has_match for name, text in SINGLE.items()}
    assert {name for name, found in has_match.items() if found} == {"match-user", "match-all-ends-a-block"}
