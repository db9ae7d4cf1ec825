"""One fleet for all rows of a table: a host for each, so that the question is asked once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

import pytest
from hygiene_checks.sshd_setting import SshdSetting
from scenarios import Found, ask

from hygiene.openssh.keywords import ALIASES, BY_NAME

# id, what is set (`keyword value`, `@scope`, more columns behind `|`), what the message names, its severity
ALONE = [
    ("protocol-2", ["protocol 2"], None),
    ("protocol-1", ["protocol 1"], "high: Protocol 1"),
    ("protocol-both", ["protocol 2,1"], "high: Protocol 1"),
    ("root-with-password", ["permitrootlogin yes"], "medium: PermitRootLogin yes"),
    ("root-by-key-old-name", ["permitrootlogin without-password"], None),
    ("root-by-key", ["permitrootlogin prohibit-password"], None),
    ("root-forced", ["permitrootlogin forced-commands-only"], None),
    ("root-never", ["permitrootlogin no"], None),
    ("modes-not-checked", ["strictmodes no"], "medium: StrictModes no"),
    ("modes-checked", ["strictmodes yes"], None),
    ("environment", ["permituserenvironment yes"], "medium: PermitUserEnvironment yes"),
    ("environment-none", ["permituserenvironment no"], None),
    ("environment-named", ["permituserenvironment LANG,LC_*"], None),
    ("environment-all", ["permituserenvironment LANG,*"], "medium: PermitUserEnvironment *"),
    ("environment-loader", ["permituserenvironment LANG,LD_*"], "medium: PermitUserEnvironment LD_*"),
    ("sent", ["acceptenv LANG", "acceptenv LC_*"], None),
    ("sent-all", ["acceptenv LANG", "acceptenv *"], "medium: AcceptEnv *"),
    ("sent-in-one-line", ["acceptenv LANG LD_PRELOAD"], "medium: AcceptEnv LD_PRELOAD"),
    ("log-info", ["loglevel INFO"], None),
    ("log-verbose", ["loglevel VERBOSE"], None),
    ("log-quiet", ["loglevel QUIET"], "medium: LogLevel QUIET"),
    ("log-error", ["loglevel ERROR"], "medium: LogLevel ERROR"),
    ("log-fatal", ["loglevel FATAL"], "medium: LogLevel FATAL"),
    ("log-debug", ["loglevel DEBUG"], "low: LogLevel DEBUG"),
    ("log-debug-3", ["loglevel DEBUG3"], "low: LogLevel DEBUG3"),
    ("one-process", ["useprivilegeseparation no"], "medium: UsePrivilegeSeparation no"),
    ("two-processes", ["useprivilegeseparation sandbox"], None),
    ("tunnel", ["permittunnel yes"], "medium: PermitTunnel yes"),
    ("tunnel-of-one-kind", ["permittunnel ethernet"], "medium: PermitTunnel ethernet"),
    ("tunnel-none", ["permittunnel no"], None),
    ("ports-open", ["gatewayports yes"], "low: GatewayPorts yes"),
    ("ports-as-asked", ["gatewayports clientspecified"], "low: GatewayPorts clientspecified"),
    ("tcp-by-default", ["allowtcpforwarding yes"], "low: AllowTcpForwarding yes"),
    ("tcp-by-its-other-name", ["allowtcpforwarding all"], "low: AllowTcpForwarding all"),
    ("tcp-one-way", ["allowtcpforwarding remote"], None),
    ("agents", ["allowagentforwarding yes"], "low: AllowAgentForwarding yes"),
    ("screens", ["x11forwarding yes"], "low: X11Forwarding yes"),
    ("screens-open", ["x11uselocalhost no"], "low: X11UseLocalhost no"),
    ("rhosts", ["ignorerhosts no"], "low: IgnoreRhosts no"),
    ("shosts", ["ignorerhosts shosts-only"], None),
    ("no-pam", ["usepam no"], "low: UsePAM no"),
    ("root-asks-for-keys", ["authorizedkeyscommanduser root"], "low: AuthorizedKeysCommandUser root"),
    ("nobody-asks-for-keys", ["authorizedkeyscommanduser nobody"], None),
    ("root-asks-for-names", ["authorizedprincipalscommanduser root"], "low: AuthorizedPrincipalsCommandUser root"),
    ("no-penalties", ["persourcepenalties no"], "low: PerSourcePenalties no"),
    ("penalties", ["persourcepenalties crash:90.000000 authfail:5.000000 overflow:permissive"], None),
    ("md5-in-the-logs", ["fingerprinthash MD5"], "low: FingerprintHash MD5"),
    ("six-guesses", ["maxauthtries 6"], None),
    ("seven-guesses", ["maxauthtries 7"], "low: MaxAuthTries 7"),
    ("two-minutes", ["logingracetime 120"], None),
    ("more-than-two-minutes", ["logingracetime 121"], "low: LoginGraceTime 121"),
    ("for-ever", ["logingracetime 0"], "low: LoginGraceTime 0"),
    ("no-number", ["maxauthtries many", "logingracetime"], None),
    ("ciphers", ["ciphers chacha20-poly1305@openssh.com,aes256-ctr"], None),
    ("ciphers-cbc", ["ciphers aes256-ctr,aes256-cbc,3des-cbc"], "low: Ciphers aes256-cbc"),
    ("macs", ["macs umac-64@openssh.com,hmac-sha1"], None),
    ("macs-md5", ["macs hmac-sha1,hmac-md5-etm@openssh.com"], "low: MACs hmac-md5-etm@openssh.com"),
    ("exchanges", ["kexalgorithms curve25519-sha256,diffie-hellman-group14-sha1"], None),
    (
        "exchanges-short",
        ["kexalgorithms curve25519-sha256,diffie-hellman-group1-sha1"],
        "low: KexAlgorithms diffie-hellman-group1-sha1",
    ),
    ("signatures", ["pubkeyacceptedalgorithms rsa-sha2-512,ssh-ed25519"], None),
    ("signatures-sha1", ["pubkeyacceptedalgorithms rsa-sha2-512,ssh-rsa"], "low: PubkeyAcceptedAlgorithms ssh-rsa"),
    ("host-signatures-dsa", ["hostkeyalgorithms ssh-dss"], "low: HostKeyAlgorithms ssh-dss"),
    ("authority-signatures", ["casignaturealgorithms ssh-rsa"], "low: CASignatureAlgorithms ssh-rsa"),
    (
        "others-speak-of-these",
        ["passwordauthentication yes", "permitemptypasswords yes", "hostbasedauthentication yes"],
        None,
    ),
    ("unknown", ["permitrootlogin yes | state=unknown"], None),
    # what makes a setting moot
    ("nothing-is-forwarded", ["disableforwarding yes", "allowtcpforwarding yes", "gatewayports yes"], None),
    (
        "screens-in-spite-of-it",
        ["disableforwarding yes", "x11forwarding yes", "| 9.9p2"],
        "low: X11Forwarding yes",
    ),
    (
        "agents-where-the-release-is-not-known",
        ["disableforwarding yes", "allowagentforwarding yes", "| "],
        "low: AllowAgentForwarding yes",
    ),
    (
        "nothing-from-10.0",
        ["disableforwarding yes", "x11forwarding yes", "x11uselocalhost no", "allowagentforwarding yes", "| 10.0p1"],
        None,
    ),
    (
        "tunnels-in-spite-of-it",
        ["disableforwarding yes", "permittunnel point-to-point", "| 10.3"],
        "medium: PermitTunnel point-to-point",
    ),
    ("no-tunnels-from-10.4", ["disableforwarding yes", "permittunnel yes", "| 10.4p1"], None),
    ("not-disabled", ["disableforwarding no", "allowtcpforwarding yes"], "low: AllowTcpForwarding yes"),
    (
        "disabled-by-a-file-that-was-not-read-yet",
        ["disableforwarding yes | state=pending", "allowtcpforwarding yes"],
        "low: AllowTcpForwarding yes",
    ),
    ("ports-of-nothing", ["gatewayports yes", "allowtcpforwarding local"], None),
    ("ports-where-the-release-is-not-known", ["gatewayports yes", "allowtcpforwarding no", "| "], None),
    ("no-screens-at-all", ["x11uselocalhost no", "x11forwarding no"], None),
    ("nothing-to-ask", ["authorizedkeyscommanduser root", "authorizedkeyscommand none"], None),
    (
        "something-to-ask",
        ["authorizedkeyscommanduser root", "authorizedkeyscommand /opt/keys %u"],
        "low: AuthorizedKeysCommandUser root",
    ),
    # Match blocks
    ("for-one-account", ["x11forwarding no", "x11forwarding yes @anna"], "low: X11Forwarding yes"),
    (
        "from-one-network",
        ["x11forwarding no", "x11forwarding yes @anna from 10.0.0.0/8"],
        "low: X11Forwarding yes",
    ),
    ("off-for-one-account", ["x11forwarding yes", "x11forwarding no @anna"], "low: X11Forwarding yes"),
    (
        "forwarding-for-one-account",
        ["disableforwarding yes", "allowtcpforwarding yes", "disableforwarding no @anna"],
        "low: AllowTcpForwarding yes",
    ),
    (
        "no-forwarding-for-one-account",
        [
            *("allowtcpforwarding no", "allowtcpforwarding yes @anna"),
            *("disableforwarding no", "disableforwarding yes @anna"),
        ],
        None,
    ),
    ("root-in-a-match-block", ["permitrootlogin no", "permitrootlogin yes @root"], "medium: PermitRootLogin yes"),
    (
        "root-from-one-network",
        ["permitrootlogin no", "permitrootlogin yes @root from 10.0.0.0/8"],
        "medium: PermitRootLogin yes",
    ),
    ("no-root-in-a-match-block", ["permitrootlogin yes", "permitrootlogin no @root"], None),
    (
        "no-root-from-one-network",
        ["permitrootlogin yes", "permitrootlogin no @root from 10.0.0.0/8"],
        "medium: PermitRootLogin yes",
    ),
    ("root-settings-of-no-root", ["permitrootlogin no", "permitrootlogin yes @anna"], None),
    (
        "root-settings-of-somebody-unknown",
        ["permitrootlogin no", "permitrootlogin yes @directory.user"],
        "medium: PermitRootLogin yes",
    ),
    ("hostile-value", ["acceptenv \x1b[31m', ('x", "loglevel '; DROP TABLE hosts", "maxauthtries 1e3"], None),
]


def host_rows(host: str, settings: Iterable[str]) -> str:
    """The rows of one host: root, anna and what is set; `| VERSION` is that of its sshd."""
    version, lines = "9.2p1", []
    for setting in settings:
        value, bar, rest = setting.partition("|")
        if bar and not value:
            version = rest.strip()
            continue
        text, _, scope = value.strip().partition(" @")
        keyword, _, text = text.partition(" ")
        quoted = text.strip().replace('"', "").replace("'", "'\"'\"'")
        lines.append(f"settings: host={host} keyword={keyword} value='{quoted}' scope='{scope or '*'}'{rest}")
    accounts = [f"accounts: host={host} account=root uid=0 root_by=uid0", f"accounts: host={host} account=anna"]
    return "\n".join([f"hosts: host={host} sshd_version='{version}'", *accounts, *lines])


def told(found: Iterable[Found]) -> dict[str, str]:
    return {
        one.subject.removeprefix("host "): f"{one.severity}: {one.message.partition('setting: ')[2] or one.message}"
        for one in found
    }


@pytest.fixture(scope="module")
def answers() -> dict[str, str]:
    return told(ask(SshdSetting(), "\n".join(host_rows(name, settings) for name, settings, _ in ALONE)))


@pytest.mark.parametrize(("host", "expected"), [pytest.param(row[0], row[2], id=row[0]) for row in ALONE])
def test_one_setting(answers: dict[str, str], host: str, expected: str | None) -> None:
    assert answers.get(host) == expected


def test_whole_findings() -> None:
    rows = """
    hosts: host=web1 tenant=acme
    settings: host=web1 keyword=permitrootlogin value=yes source=/etc/ssh/sshd_config:33
    settings: host=web1 keyword=strictmodes value=no source=/etc/ssh/sshd_config:40
    settings: host=web1 keyword=x11forwarding value=yes source=/etc/ssh/sshd_config:90
    settings: host=web1 keyword=usepam value=no
    settings: host=web1 keyword=strictmodes value=no scope=anna daemon=other
    settings: host=web1 keyword=maxauthtries value=3 scope=anna
    settings: host=web2 keyword=acceptenv value=*
    settings: host=web2 keyword=protocol value=2,1
    settings: host=web2 keyword=banner value=none
    settings: host=web3 keyword=strictmodes value=no state=conflict
    settings: host=web3 keyword=x11forwarding value=yes
    settings: host=web4 keyword=strictmodes value=no state=pending
    settings: host=web4 keyword=permittunnel value=yes
    """

    assert ask(SshdSetting(), rows) == [
        Found(
            "medium",
            "high",
            "host web1",
            "sshd on web1 has 4 lax settings: PermitRootLogin yes, StrictModes no, UsePAM no, and 1 more",
            {"settings": 4},
            5,
            (
                "web1 acme sshd * permitrootlogin yes /etc/ssh/sshd_config:33 medium True",
                "web1 acme other anna strictmodes no default medium True",
            ),
        ),
        Found(
            "high",
            "high",
            "host web2",
            "sshd on web2 has 2 lax settings: Protocol 1, AcceptEnv *",
            {"settings": 2},
            2,
            ("web2 sshd * protocol 2,1 default high True", "web2 sshd * acceptenv * default medium True"),
        ),
        Found(
            "medium",
            "medium",
            "host web3",
            "sshd on web3 has 2 lax settings: StrictModes no, X11Forwarding yes",
            {"settings": 2},
            2,
            ("web3 sshd * strictmodes no default medium False", "web3 sshd * x11forwarding yes default low True"),
        ),
        Found(
            "medium",
            "high",
            "host web4",
            "sshd on web4 has 2 lax settings: PermitTunnel yes, StrictModes no",
            {"settings": 2},
            2,
            ("web4 sshd * permittunnel yes default medium True", "web4 sshd * strictmodes no default medium False"),
        ),
    ]


def test_where_forwarding_is_given_back_to_one_account_the_place_says_for_whom() -> None:
    rows = host_rows("web1", ["disableforwarding yes", "allowtcpforwarding yes", "disableforwarding no @anna"])

    (found,) = ask(SshdSetting(), rows)

    assert (found.places_total, found.places) == (1, ("web1 sshd anna allowtcpforwarding yes default low True",))


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        pytest.param(SshdSetting(x11forwarding="off"), "low: MaxAuthTries 7", id="a setting that is meant"),
        pytest.param(
            SshdSetting(x11forwarding="critical", maxauthtries="off"), "critical: X11Forwarding yes", id="a worse one"
        ),
        pytest.param(SshdSetting(x11forwarding="off", max_auth_tries=7), None, id="a number that is borne"),
        pytest.param(
            SshdSetting(x11forwarding="off", login_grace_s=60, max_auth_tries=9),
            "low: LoginGraceTime 61",
            id="stricter",
        ),
    ],
)
def test_policy(check: SshdSetting, expected: str | None) -> None:
    rows = host_rows("web1", ["x11forwarding yes", "maxauthtries 7", "logingracetime 61"])

    assert told(ask(check, rows)).get("web1") == expected


def test_a_policy_may_switch_everything_off() -> None:
    off = {field.name: "off" for field in fields(SshdSetting) if "rule" in field.metadata}

    assert ask(SshdSetting(**off), host_rows("web1", ["permitrootlogin yes"])) == []


@pytest.mark.parametrize(
    "keyword",
    sorted(
        {
            keyword.lower()
            for field in fields(SshdSetting)
            if "rule" in field.metadata
            for keyword in (
                field.metadata["rule"].keyword,
                *(moot.keyword for moot in field.metadata["rule"].moot),
            )
        }
    ),
)
def test_every_keyword_is_one_of_sshd(keyword: str) -> None:
    # those that only older releases print are not ours to resolve
    assert keyword in BY_NAME or keyword in ("protocol", "useprivilegeseparation")
    assert keyword not in ALIASES


@pytest.mark.parametrize("name", [field.name for field in fields(SshdSetting) if "rule" in field.metadata])
def test_the_page_names_the_keyword_and_its_parameter_what_it_judges(name: str) -> None:
    (field,) = (field for field in fields(SshdSetting) if field.name == name)

    assert field.metadata["doc"].startswith(f"`{field.metadata['rule'].keyword}")
    assert name.partition("_")[0] == field.metadata["rule"].keyword.lower()
    # every rule has been seen to find something
    assert any(expected and f" {field.metadata['rule'].keyword} " in f" {expected}" for *_, expected in ALONE)
