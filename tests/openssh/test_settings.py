"""Settings as sshd prints them: read from any version, with their places, and never better known than the files."""

from __future__ import annotations

import pytest

from hygiene.openssh.settings import SSHD_T, Entry, RootLogin, Settings, conflicts, read_effective, with_sources

OLD = b"port 22\npermitrootlogin without-password\nacceptenv LANG\nacceptenv LC_*\nbanner none\nsubsystem sftp /x -l\n"
NEW = b"Port 22\nPermitRootLogin prohibit-password\nAcceptEnv LANG\nAcceptEnv LC_*\nBanner none\nSubsystem sftp /x -l\n"


def test_settings_keep_order_and_values() -> None:
    assert read_effective(OLD) == Settings(
        (
            Entry("port", "22", SSHD_T),
            Entry("permitrootlogin", "without-password", SSHD_T),
            Entry("acceptenv", "LANG", SSHD_T),
            Entry("acceptenv", "LC_*", SSHD_T),
            Entry("banner", "none", SSHD_T),
            Entry("subsystem", "sftp /x -l", SSHD_T),
        ),
        has_match=None,
    )


def test_mixed_case_of_10_5_gives_the_same_keywords() -> None:
    old, new = read_effective(OLD), read_effective(NEW)
    assert [entry.keyword for entry in old.entries] == [entry.keyword for entry in new.entries]
    assert old.root_login is new.root_login is RootLogin.KEYS_ONLY


def test_what_is_asked_for() -> None:
    settings = read_effective(OLD + b"usepam yes\nmaxauthtries 6\nrevokedkeys /etc/ssh/revoked\nstrictmodes maybe\n")
    assert settings.values("acceptenv") == ("LANG", "LC_*")
    assert (settings.flag("usepam"), settings.flag("strictmodes"), settings.flag("usedns")) == (True, None, None)
    assert (settings.number("maxauthtries"), settings.number("usepam")) == (6, None)
    assert (settings.path("revokedkeys"), settings.path("banner"), settings.path("chrootdirectory")) == (
        "/etc/ssh/revoked",
        None,
        None,
    )


ROOT = {
    "yes": RootLogin.YES,
    "no": RootLogin.NO,
    "without-password": RootLogin.KEYS_ONLY,
    "prohibit-password": RootLogin.KEYS_ONLY,
    "forced-commands-only": RootLogin.FORCED_COMMANDS_ONLY,
    "UNKNOWN": None,
}


@pytest.mark.parametrize(("value", "root_login"), ROOT.items(), ids=ROOT)
def test_root_login(value: str, root_login: RootLogin | None) -> None:
    assert read_effective(f"port 22\npermitrootlogin {value}\n".encode()).root_login is root_login


OLDER = {
    "both-on": (b"kbdinteractiveauthentication yes\nchallengeresponseauthentication yes\n", "yes"),
    "turned-off-in-a-match-block": (b"kbdinteractiveauthentication no\nchallengeresponseauthentication yes\n", "no"),
    "offered-and-nothing-behind": (b"kbdinteractiveauthentication yes\nchallengeresponseauthentication no\n", "no"),
    "both-off": (b"kbdinteractiveauthentication no\nchallengeresponseauthentication no\n", "no"),
    "the-new-name-alone": (b"kbdinteractiveauthentication yes\n", "yes"),
    "the-old-name-alone": (b"challengeresponseauthentication no\n", "no"),
}


@pytest.mark.parametrize(("text", "value"), OLDER.values(), ids=OLDER)
def test_keyboard_interactive_has_one_name(text: bytes, value: str) -> None:
    settings = read_effective(b"port 22\n" + text)
    assert settings.values("kbdinteractiveauthentication") == (value,)
    assert settings.values("challengeresponseauthentication") == ()


def test_older_names_of_algorithms_are_the_newer_ones() -> None:
    assert read_effective(b"port 22\npubkeyacceptedkeytypes ssh-rsa\n").value("pubkeyacceptedalgorithms") == "ssh-rsa"


@pytest.mark.parametrize("text", [b"", b"sshd: no hostkeys available -- exiting.\n", b"\0\xff\n" * 100])
def test_no_output_is_a_problem(text: bytes) -> None:
    settings = read_effective(text)
    assert settings.problems == ("sshd -T printed no settings",)
    assert not settings.is_known("usepam")


def test_files_lend_their_places_where_they_agree() -> None:
    printed = read_effective(b"port 22\nusepam yes\nacceptenv LANG\nacceptenv LC_*\nx11forwarding no\n")
    files = Settings(
        (
            Entry("usepam", "yes", "/etc/ssh/sshd_config:3"),
            Entry("acceptenv", "LANG", "/etc/ssh/sshd_config:4"),
            Entry("acceptenv", "LC_*", "/etc/ssh/a.conf:1"),
            Entry("x11forwarding", "yes", "/etc/ssh/sshd_config:5"),
        ),
        has_match=True,
    )
    assert with_sources(printed, files) == Settings(
        (
            Entry("port", "22", SSHD_T),
            Entry("usepam", "yes", "/etc/ssh/sshd_config:3"),
            Entry("acceptenv", "LANG", "/etc/ssh/sshd_config:4"),
            Entry("acceptenv", "LC_*", "/etc/ssh/a.conf:1"),
            Entry("x11forwarding", "no", SSHD_T),
        ),
        has_match=True,
    )


def test_a_problem_of_the_files_makes_what_sshd_printed_unknown() -> None:
    problem = "/etc/ssh/sshd_config.d could not be listed"
    settings = with_sources(read_effective(b"port 22\nusepam yes\n"), Settings((), None, ("usepam",), (problem,)))
    assert settings.problems == (problem,)
    assert not settings.is_known("usepam")


def test_none_of_10_3_is_not_printed_and_is_none() -> None:
    settings = read_effective(b"Port 22\nPerSourcePenalties no\n")
    assert (settings.value("revokedkeys"), settings.value("authorizedkeysfile")) == ("none", "none")
    assert read_effective(b"port 22\n").value("revokedkeys") is None


OURS = Settings(
    (
        Entry("usepam", "yes", "x:1"),
        Entry("permitrootlogin", "prohibit-password", "default"),
        Entry("banner", "none", "default"),
        Entry("allowusers", "a", "x:2"),
        Entry("pubkeyacceptedalgorithms", "ssh-ed25519,rsa-sha2-512", "x:3"),
    ),
    has_match=True,
    unresolved=("ciphers",),
)
SAME = b"port 22\nusepam yes\npermitrootlogin without-password\nallowusers a\nciphers x\n"
SAME += b"pubkeyacceptedalgorithms rsa-sha2-512,ssh-ed25519\n"
CONFLICTS = {
    "same": (SAME, ()),
    "another-value": (SAME.replace(b"usepam yes", b"usepam no"), ("usepam",)),
    "a-list-that-is-longer": (SAME + b"allowusers b\n", ("allowusers",)),
    "a-list-that-is-not-printed": (SAME.replace(b"allowusers a\n", b""), ("allowusers",)),
    "a-list-that-we-do-not-have": (SAME + b"denyusers b\n", ("denyusers",)),
    "other-algorithms": (SAME.replace(b"rsa-sha2-512", b"ssh-rsa"), ("pubkeyacceptedalgorithms",)),
    "nothing-was-printed": (b"", ()),
}


@pytest.mark.parametrize(("printed", "keywords"), CONFLICTS.values(), ids=CONFLICTS)
def test_conflicts(printed: bytes, keywords: tuple[str, ...]) -> None:
    assert conflicts(read_effective(printed), OURS) == keywords


def test_no_conflict_with_what_has_problems() -> None:
    assert conflicts(read_effective(SAME), Settings((), None, problems=("not read",))) == ()
