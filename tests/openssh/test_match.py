"""Match lines: which criteria a version knows, whom they meet, and what cannot be told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import asyncssh
import pytest
from lab.fleet import Lab
from lab.spec import AccountSpec, File, HostSpec

from hygiene.openssh import match
from hygiene.openssh.config import Config, read
from hygiene.openssh.connection import Connection
from hygiene.openssh.settings import Settings
from hygiene.openssh.values import ValueRefusedError
from hygiene.openssh.version import Vendor, Version
from hygiene.openssh.words import words

ETC = "/etc/ssh/sshd_config"
BOOKWORM = Version(9, 2, 1, Vendor.DEBIAN)
V8_6, V8_7, V9_9, V10_0 = Version(8, 6), Version(8, 7), Version(9, 9), Version(10, 0, 2, Vendor.OTHER)
BOB = Connection(
    "bob", frozenset(("bob", "ops")), "10.1.2.3", "web.example.com", "192.168.1.1", 2222, invalid_user=False
)  # fmt: skip
UNKNOWN_GROUPS = Connection("bob", None, "10.1.2.3")
GHOST = Connection("ghost", None, "10.1.2.3", invalid_user=True)


def _answer(text: str, connection: Connection | None, version: Version = BOOKWORM) -> bool | None:
    return match.parse(text, words(text), version).answer(connection, version)


MET = {
    "user": ("User bob", BOB, True),
    "user-in-other-letters": ("User Bob", BOB, False),
    "user-of-a-list": ("User alice,bob", BOB, True),
    "user-by-pattern": ("User b?b", BOB, True),
    "user-excluded": ("User *,!bob", BOB, False),
    "users-that-are-only-excluded": ("User !alice", BOB, False),
    "keyword-in-any-case": ("uSER bob", BOB, True),
    "quoted": ('User "bob"', BOB, True),
    "group": ("Group wheel,ops", BOB, True),
    "one-group-excluded": ("Group *,!ops", BOB, False),
    "group-that-is-not-known": ("Group ops", UNKNOWN_GROUPS, None),
    "group-not-known-and-user-another": ("Group ops User alice", UNKNOWN_GROUPS, False),
    "group-not-known-and-user-right": ("Group ops User bob", UNKNOWN_GROUPS, None),
    "group-of-nobody": ("Group *", GHOST, False),
    "address": ("Address 10.0.0.0/8", BOB, True),
    "address-excluded": ("Address 10.0.0.0/8,!10.1.0.0/16", BOB, False),
    "address-by-pattern": ("Address 10.1.*", BOB, True),
    "host": ("Host *.EXAMPLE.com", BOB, True),
    "host-is-the-address": ("Host 10.*", UNKNOWN_GROUPS, True),
    "local-address": ("LocalAddress 192.168.0.0/16", BOB, True),
    "local-port": ("LocalPort 2222", BOB, True),
    "other-port": ("LocalPort 22", BOB, False),
    "port-of-a-service-that-is-not-looked-up": ("LocalPort ssh", BOB, None),
    "routing-domain-that-is-not-given": ("RDomain *", BOB, False),
    "two-criteria": ("User bob Address 10.1.2.3", BOB, True),
    "one-of-two": ("User bob Address 10.1.2.4", BOB, False),
    "all": ("all", BOB, True),
    "all-and-nobody": ("all", None, True),
    "nobody-is-no-user": ("User *", None, False),
}


@pytest.mark.parametrize(("text", "connection", "met"), MET.values(), ids=MET)
def test_whom_a_line_meets(text: str, connection: Connection | None, met: bool | None) -> None:
    assert _answer(text, connection) is met


def test_a_client_may_have_a_name_where_sshd_asks_for_it() -> None:
    line = match.parse("Host *.example.com", (), BOOKWORM)
    assert line.answer(UNKNOWN_GROUPS, BOOKWORM, use_dns=True) is None
    assert line.answer(BOB, BOOKWORM, use_dns=True) is True


VERSIONS = {
    "equals-before-9.9": ("User=bob", Version(9, 8), True),
    "equals-in-9.9": ("User=bob", V9_9, "refused"),
    "equals-since-10.0": ("User=bob Group=ops", V10_0, True),
    "equals-without-a-value": ("User=", V10_0, "refused"),
    "invalid-user-before-9.9": ("invalid-user", Version(9, 8), "refused"),
    "invalid-user-since-9.9": ("invalid-user", V9_9, False),
    "version-before-10.0": ("Version *", V9_9, "refused"),
    "version": ("Version OpenSSH_10.*", V10_0, True),
    "other-version": ("Version OpenSSH_9.*", V10_0, False),
    "version-of-a-build-that-adds-to-it": ("Version OpenSSH_10.0p2", Version(10, 0, 2, Vendor.DEBIAN), None),
    "comment-since-8.7": ("User bob # and nobody else", V8_7, True),
    "all-with-others": ("all User bob", BOOKWORM, "refused"),
    "all-behind-others": ("User bob all", BOOKWORM, "refused"),
    "no-value": ("User", BOOKWORM, "refused"),
    "nothing": ("# x", BOOKWORM, "refused"),
    "of-the-client-alone": ("Exec true", BOOKWORM, "refused"),
    "address-with-host-bits": ("Address 10.0.0.1/8", BOOKWORM, "refused"),
    "address-with-host-bits-before-8.4": ("Address 10.0.0.1/8", Version(8, 3), "ends"),
    "port-too-high": ("LocalPort 65536", BOOKWORM, "refused"),
    "empty-word-ends-the-criteria": ('User bob ""', BOOKWORM, True),
    "something-behind-an-empty-word": ('User bob "" Group x', BOOKWORM, "refused"),
}


@pytest.mark.parametrize(("text", "version", "met"), VERSIONS.values(), ids=VERSIONS)
def test_versions_differ(text: str, version: Version, met: bool | str | None) -> None:
    try:
        line = match.parse(text, words(text), version)
    except ValueRefusedError:
        assert met == "refused"
        return
    try:
        assert line.answer(BOB, version) is met
    except ValueRefusedError:
        assert met == "ends"


def _config(text: str, version: Version | None = BOOKWORM, options: Sequence[str] = (), **files: str) -> Config:
    main = {ETC: text.encode()} | {f"/etc/ssh/{name}": data.encode() for name, data in files.items()}
    return read(main, {"/etc/ssh": ("sshd_config", *files)}, version, options=options)


def _shown(settings: Settings, *keywords: str) -> list[str]:
    if settings.problems:
        return [f"problem: {settings.problems[0]}"]
    return [",".join(settings.values(keyword)) if settings.is_known(keyword) else "?" for keyword in keywords]


BLOCKS = {
    "replaces-what-stands-outside": (
        "X11Forwarding no\nMatch User bob\nX11Forwarding yes\n",
        BOB,
        {"x11forwarding": "yes"},
    ),
    "first-block-wins": (
        "Match User bob\nMaxSessions 1\nMatch Group ops\nMaxSessions 2\n",
        BOB,
        {"maxsessions": "1"},
    ),
    "lists-replace-and-add-up-among-blocks": (
        "AllowUsers x\nMatch User bob\nAllowUsers a b\nMatch Group ops\nAllowUsers c\n",
        BOB,
        {"allowusers": "a,b,c"},
    ),
    "not-met": ("Match User alice\nX11Forwarding yes\n", BOB, {"x11forwarding": "no"}),
    "all-ends-a-block": (
        "Match User alice\nX11Forwarding yes\nMatch all\nMaxSessions 3\n",
        BOB,
        {"x11forwarding": "no", "maxsessions": "3"},
    ),
    "all-wins-over-what-stands-before-it": (
        "MaxSessions 1\nMatch all\nMaxSessions 3\n",
        None,
        {"maxsessions": "3"},
    ),
    "groups-not-known": (
        "Match Group ops\nX11Forwarding yes\nMaxSessions 10\nAllowUsers a\n",
        UNKNOWN_GROUPS,
        {"x11forwarding": "?", "maxsessions": "10", "allowusers": "?", "permittty": "yes"},
    ),
    "groups-not-known-and-nothing-hangs-on-them": (
        "Match User bob\nX11Forwarding yes\nMatch Group ops\nX11Forwarding no\n",
        UNKNOWN_GROUPS,
        {"x11forwarding": "yes"},
    ),
    "a-block-that-may-count-before-one-that-does": (
        "Match Group ops\nX11Forwarding no\nMatch User bob\nX11Forwarding yes\n",
        UNKNOWN_GROUPS,
        {"x11forwarding": "?"},
    ),
    "rekey-limit-of-two-lines": (
        "RekeyLimit 1G\nMatch User bob\nRekeyLimit default 1h\n",
        BOB,
        {"rekeylimit": "0 3600"},
    ),
    "algorithms-are-added-to-the-default": (
        "PubkeyAcceptedAlgorithms ssh-ed25519\nMatch User bob\nPubkeyAcceptedAlgorithms -*\n",
        BOB,
        {"problem": f"{ETC}:3: the list of algorithms is empty; sshd ends the connection"},
    ),
    "any-behind-methods-ends-the-connection": (
        "Match User bob\nAuthenticationMethods publickey\nMatch User alice\nAuthenticationMethods any\n",
        BOB,
        {"problem": f'{ETC}:4: "any" follows other AuthenticationMethods; sshd ends the connection'},
    ),
    "use-dns": (
        "UseDNS yes\nMatch Host *.example.com\nX11Forwarding yes\n",
        UNKNOWN_GROUPS,
        {"x11forwarding": "?"},
    ),
}


@pytest.mark.parametrize(("text", "connection", "values"), BLOCKS.values(), ids=BLOCKS)
def test_what_a_connection_gets(text: str, connection: Connection | None, values: dict[str, str]) -> None:
    settings = _config(text).settings(connection)
    if "problem" in values:
        assert settings.problems == (values["problem"],)
    else:
        assert _shown(settings, *values) == list(values.values())


REFUSED = {
    "not-in-a-block": ("Match User bob\nUsePAM yes\n", 'the keyword "UsePAM" may not stand in a Match block'),
    "not-even-without-effect": (
        "Match User bob\nProtocol 2\n",
        'the keyword "Protocol" may not stand in a Match block',
    ),
    "bad-value-in-a-block-that-does-not-count": (
        "Match User nobody\nPermitRootLogin maybe\n",
        'the value is "maybe", not one of without-password, prohibit-password, forced-commands-only, yes, no',
    ),
    "any-behind-other-methods": (
        "AuthenticationMethods publickey\nMatch User bob\nAuthenticationMethods any\n",
        '"any" may not follow other AuthenticationMethods',
    ),
    "user-pattern-with-host-bits": (
        "AllowUsers bob@10.0.0.1/8\n",
        'the pattern "bob@10.0.0.1/8" holds an invalid address or network',
    ),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_sshd_does_not_start_with(text: str, reason: str) -> None:
    problems = _config(text).settings(BOB).problems
    assert len(problems) == 1
    assert reason in problems[0]


INCLUDED = "Match User bob\nX11Forwarding yes\n"
RELEASES = {
    "subsystem-in-a-block-since-9.5": (
        "Subsystem sftp a\nMatch User bob\nSubsystem sftp b\n",
        Version(9, 5),
        "subsystem",
        "sftp b ",
    ),
    "subsystem-in-a-block-before-9.5": (
        "Match User bob\nSubsystem sftp b\n",
        BOOKWORM,
        "subsystem",
        f'problem: {ETC}:2: the keyword "Subsystem" may not stand in a Match block; sshd refuses such a file',
    ),
    "environment-in-a-block-without-effect-before-8.5": ("Match User bob\nSetEnv A=1\n", Version(8, 4), "setenv", ""),
    "environment-in-a-block-since-8.5": ("Match User bob\nSetEnv A=1\n", Version(8, 5), "setenv", "A=1"),
    "service-of-pam-in-a-block": ("Match User bob\nPAMServiceName x\n", Version(9, 8), "pamservicename", "x"),
    "service-of-pam-without-effect-since-10.5": (
        "Match User bob\nPAMServiceName x\n",
        Version(10, 5),
        "pamservicename",
        "sshd",
    ),
    "invalid-user-in-9.9-holds-for-everybody": (
        "Match invalid-user\nX11Forwarding yes\n",
        V9_9,
        "x11forwarding",
        "yes",
    ),
    "invalid-user-since-10.0": ("Match invalid-user\nX11Forwarding yes\n", V10_0, "x11forwarding", "no"),
    "keyboard-interactive-off-in-a-block-before-8.7": (
        "Match User bob\nKbdInteractiveAuthentication no\n",
        V8_6,
        "kbdinteractiveauthentication",
        "no",
    ),
    "keyboard-interactive-off-outside-before-8.7": (
        "KbdInteractiveAuthentication no\n",
        V8_6,
        "kbdinteractiveauthentication",
        "yes",
    ),
    "other-command-is-looked-at-before-9.4": (
        (
            "AuthorizedPrincipalsCommandUser x\nAuthorizedKeysCommandUser x\n"
            "AuthorizedKeysCommand /k\nAuthorizedPrincipalsCommand /p\n"
        ),
        BOOKWORM,
        "authorizedprincipalscommand",
        "none",
    ),
    "match-in-an-included-file": ("Include a\n", Version(8, 4), "x11forwarding", "yes"),
    "match-in-an-included-file-in-8.3": ("Include a\n", Version(8, 3, 1, Vendor.OTHER), "x11forwarding", "no"),
    "match-in-an-included-file-in-a-build-that-may-have-put-it-right": (
        "Include a\n",
        Version(8, 3, 1, Vendor.UBUNTU),
        "x11forwarding",
        "?",
    ),
    "file-under-a-block-that-does-not-count": ("Match User alice\nInclude a\n", BOOKWORM, "x11forwarding", "no"),
    "file-under-a-block-that-counts": ("Match Group ops\nInclude a\n", BOOKWORM, "x11forwarding", "yes"),
    "block-ends-with-its-file": ("Include a\nMaxSessions 3\n", BOOKWORM, "maxsessions", "3"),
    "unknown-version-agrees": ("Match User bob\nX11Forwarding yes\n", None, "x11forwarding", "yes"),
    "unknown-version-differs": ("Match User bob\nSetEnv A=1\n", None, "setenv", "?"),
}


@pytest.mark.parametrize(("text", "version", "keyword", "value"), RELEASES.values(), ids=RELEASES)
def test_releases_differ(text: str, version: Version | None, keyword: str, value: str) -> None:
    assert _shown(_config(text, version, a=INCLUDED).settings(BOB), keyword) == [value]


def test_match_all_in_a_file_under_a_block_counts_with_that_block() -> None:
    config = _config("Match User alice\nInclude a\n", a="Match all\nX11Forwarding yes\n")
    alice = Connection("alice", frozenset(("alice",)))
    asked = [config.settings(connection).value("x11forwarding") for connection in (None, BOB, alice)]
    assert asked == ["no", "no", "yes"]


OPTIONS = {
    "comes-first": (["PasswordAuthentication=no"], "PasswordAuthentication yes\n", {"passwordauthentication": "no"}),
    "with-a-blank": (["PasswordAuthentication no"], "", {"passwordauthentication": "no"}),
    "lists-add-up": (["AllowUsers=a"], "AllowUsers b\n", {"allowusers": "a,b"}),
    "ports-of-the-file-do-not-count": (["-p2222"], "Port 22\n", {"port": "2222"}),
    "port-as-an-option-adds-up": (["Port=2222"], "Port 22\n", {"port": "2222,22"}),
    "four-alone": (["-4"], "AddressFamily any\n", {"addressfamily": "inet", "listenaddress": "0.0.0.0:22"}),
    "host-key": (["-h/k"], "HostKey /l\n", {"hostkey": "/k,/l"}),
    "a-block-wins-over-them": (["MaxSessions=1"], "Match User bob\nMaxSessions 2\n", {"maxsessions": "2"}),
    "unknown-letter": (["-z"], "", {"maxsessions": "problem: command line: the option -z is not resolved"}),
    "no-files-by-option": (
        ["Include=/x"],
        "",
        {"maxsessions": "problem: command line: the keyword stands in files alone; sshd refuses that"},
    ),
}


@pytest.mark.parametrize(("options", "text", "values"), OPTIONS.values(), ids=OPTIONS)
def test_options_of_the_command_line(options: list[str], text: str, values: dict[str, str]) -> None:
    assert _shown(_config(text, options=options).settings(BOB), *values) == list(values.values())


@pytest.mark.real_sshd
def test_none_in_a_block_is_a_file_that_is_not_there(lab_tree: Path) -> None:
    key, authority = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    public = key.export_public_key().decode().strip()
    names = ("plain", "revoked", "principals")
    text = (
        "TrustedUserCAKeys /etc/ssh/ca.pub\nMatch User revoked\nRevokedKeys none\n"
        "Match User principals\nAuthorizedPrincipalsFile none\n"
    )
    accounts = [AccountSpec(name, 1000 + number, authorized_keys=[public]) for number, name in enumerate(names)]
    accounts += [AccountSpec(f"{name}2", 1010 + number) for number, name in enumerate(names)]
    text = text.replace("revoked\n", "revoked,revoked2\n").replace("principals\n", "principals,principals2\n")
    ca_file = {"/etc/ssh/ca.pub": File(authority.export_public_key())}
    certificate = authority.generate_user_certificate(key, "x", principals=[f"{name}2" for name in names])

    async def enters(lab: Lab, user: str) -> bool:
        try:
            async with await lab.connect("sshd", user, client_keys=[(key, certificate) if "2" in user else key]):
                return True
        except asyncssh.PermissionDenied:
            return False

    async def all_of_them(lab: Lab) -> list[str]:
        return [user for account in accounts if await enters(lab, user := account.name)]

    with Lab(lab_tree, [HostSpec("sshd", accounts, sshd_config=text, files=ca_file)]) as lab:
        assert asyncio.run(all_of_them(lab)) == ["plain", "principals", "plain2"]
    config = _config(text)
    asked = {name: config.settings(Connection(name, frozenset((name,)))) for name in names}
    assert {name: (one.path("revokedkeys"), one.path("authorizedprincipalsfile")) for name, one in asked.items()} == {
        "plain": (None, None),
        "revoked": ("none", None),
        "principals": (None, "none"),
    }


CLASSES = {
    "no-criteria": ("", [["bob", "alice", "x"]]),
    "by-user": ("Match User bob,carol\nX11Forwarding yes\n", [["bob", "carol"], ["alice", "x"]]),
    "by-pattern": ("Match User a*\nX11Forwarding yes\n", [["alice"], ["bob", "carol", "x"]]),
    "by-group": ("Match Group ops\nX11Forwarding yes\n", [["bob", "alice"], ["carol", "x"]]),
    "by-excluded-group": ("Match Group *,!wheel\nX11Forwarding yes\n", [["bob", "alice", "x"], ["carol"]]),
    "not-by-address": ("Match Address 10.0.0.0/8\nX11Forwarding yes\n", [["bob", "alice", "carol", "x"]]),
}
GROUPS = {
    "bob": frozenset(("bob", "ops")),
    "alice": frozenset(("alice", "ops", "staff")),
    "carol": frozenset(("carol", "wheel")),
    "x": frozenset(("x",)),
}


@pytest.mark.parametrize(("text", "classes"), CLASSES.values(), ids=CLASSES)
def test_accounts_that_no_criterion_tells_apart(text: str, classes: list[list[str]]) -> None:
    config = _config(text)
    found = [{config.class_of(name, GROUPS[name]) for name in names} for names in classes]
    assert [len(one) for one in found] == [1] * len(classes)
    assert len(set.union(*found)) == len(classes)


def test_accounts_of_unknown_groups_are_a_class_of_their_own() -> None:
    config = _config("Match Group ops\nX11Forwarding yes\n")
    assert config.class_of("x", None) not in (config.class_of("x", frozenset()), config.class_of("x", GROUPS["bob"]))
    assert config.class_of("x", None) == config.class_of("y", None)
