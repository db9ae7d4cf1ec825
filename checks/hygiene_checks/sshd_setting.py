"""Check: settings of sshd that are laxer than they should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.sshd_rules import (
    CODE_VARIABLES,
    NO_AGENT,
    NO_TCP,
    NO_TUNNEL,
    OFF,
    SHA1_SIGNATURES,
    WEAK_CIPHERS,
    WEAK_EXCHANGES,
    WEAK_MACS,
    Moot,
    Rule,
    judged,
)

_SHOWN: Final = 3  # settings that a message names

# `held`: what holds in each scope that has something of its own among what is asked. A value that is no row of a scope
# is that of `*`; it is told there, and in the scope only where something makes it moot in `*` alone.
_BAD: Final = """
WITH rules AS (
    SELECT unnest($names::VARCHAR[]) AS name, unnest($keywords::VARCHAR[]) AS keyword,
        unnest($severities::VARCHAR[]) AS severity, unnest($ranks::INTEGER[]) AS rank,
        unnest($words::VARCHAR[][]) AS words, unnest($above::BIGINT[]) AS above
), exempt AS (
    SELECT unnest($exempt::VARCHAR[]) AS name, unnest($by_keywords::VARCHAR[]) AS keyword,
        unnest($by_words::VARCHAR[][]) AS words, unnest($since::INTEGER[]) AS since
), releases AS (
    SELECT host, 1000 * try_cast(regexp_extract(sshd_version, '^([0-9]+)[.]([0-9]+)', 1) AS BIGINT)
        + try_cast(regexp_extract(sshd_version, '^([0-9]+)[.]([0-9]+)', 2) AS BIGINT) AS release
    FROM hosts
), own AS (
    SELECT host, daemon, scope, keyword, value, source, state FROM settings
    WHERE state <> 'unknown' AND keyword IN (SELECT keyword FROM rules UNION SELECT keyword FROM exempt)
), held AS (
    SELECT *, true AS own FROM own
    UNION ALL
    SELECT host, daemon, s.scope, keyword, value, source, state, false
    FROM (SELECT DISTINCT host, daemon, scope FROM own WHERE scope <> '*') AS s
    JOIN (SELECT * EXCLUDE (scope) FROM own WHERE scope = '*') USING (host, daemon)
    ANTI JOIN own AS o USING (host, daemon, scope, keyword)
), moot AS (
    SELECT DISTINCT host, daemon, scope, name FROM (
        SELECT host, daemon, scope, e.name FROM held AS h JOIN exempt AS e USING (keyword) JOIN releases USING (host)
        GROUP BY host, daemon, scope, e.name, keyword
        HAVING bool_and(state = 'effective' AND list_contains(words, lower(value)) AND coalesce(release, 0) >= since)
    )
), roots AS (
    SELECT DISTINCT host, account FROM accounts WHERE uid = 0
), replaced AS (
    SELECT host, daemon FROM roots AS r JOIN (SELECT DISTINCT host, daemon FROM own) USING (host)
    LEFT JOIN (SELECT host, daemon, scope AS account FROM own WHERE keyword = 'permitrootlogin') AS p
        USING (host, daemon, account)
    GROUP BY host, daemon HAVING bool_and(p.account IS NOT NULL)
), bad AS (
    SELECT host, daemon, scope, keyword, value, source, state = 'effective' AS proven, own, name, severity, rank,
        list_filter(string_split_regex(value, '[, ]+'), lambda w: list_contains(words, lower(w))) AS hits,
        CASE WHEN regexp_full_match(value, '[0-9]{1,18}') THEN try_cast(value AS BIGINT) END AS number
    FROM held JOIN rules USING (keyword)
    WHERE len(hits) > 0 OR coalesce(number > above, false)
), told AS (
    SELECT b.* FROM bad AS b ANTI JOIN moot USING (host, daemon, scope, name)
    WHERE (own OR (host, daemon, '*', name) IN (SELECT (host, daemon, scope, name) FROM moot))
        AND CASE
            WHEN name <> 'permitrootlogin' THEN true
            WHEN scope = '*' THEN (host, daemon) NOT IN (SELECT (host, daemon) FROM replaced)
            ELSE (host, split_part(scope, ' from ', 1)) IN (SELECT (host, account) FROM roots)
                OR (host, split_part(scope, ' from ', 1)) NOT IN (SELECT (host, account) FROM accounts)
        END
)
"""
_HOSTS: Final = (
    _BAD  # noqa: S608  both parts are ours
    + """
, by_rule AS (
    SELECT host, name, any_value(severity) AS severity, any_value(rank) AS rank, bool_or(proven) AS proven,
        min(coalesce(hits[1], number::VARCHAR)) AS shown
    FROM told GROUP BY host, name
)
SELECT host, list({'name': name, 'severity': severity, 'proven': proven, 'shown': shown} ORDER BY rank DESC, name)
FROM by_rule GROUP BY host ORDER BY host
"""
)
_PLACES: Final = (
    _BAD
    + """
SELECT host, h.tenant, daemon, scope, keyword, value, source, severity, proven
FROM told LEFT JOIN hosts AS h USING (host)
WHERE host = $host
ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END,
    keyword, daemon, scope, value, source
"""
)


@dataclass(frozen=True, slots=True)
class SshdSetting(Check):
    """A host's sshd has settings that are laxer than they should be.

    ## What it looks for

    Values of sshd's settings that help an attacker, each with a severity of its own: the table of the parameters
    below is the whole list, with what is bad and who says so. A finding is as severe as the worst setting of its
    host. Values in Match blocks count like those outside, for the accounts and sources where they hold; a default
    counts like a value that is written.

    A setting that another one makes moot is left out: X11 and TCP forwarding under `DisableForwarding yes` (of the
    releases that obey it), `PermitRootLogin` of an account that is not root. A value that could not be established is
    no finding here but a gap; where files and daemon differ, the confidence is medium.

    Passwords, empty passwords and logins that another host vouches for have checks of their own.

    ## Why it matters

    sshd is the door of the host. Each of these settings leaves something open that hardly anybody needs, or blinds
    whoever looks into the logs afterwards.

    ## Example

        settings: host=web1 keyword=permitrootlogin value=yes source=/etc/ssh/sshd_config:33
        settings: host=web1 keyword=x11forwarding value=yes source=/etc/ssh/sshd_config:90
        finds: medium web1 settings=2 sshd on web1 has 2 lax settings: PermitRootLogin yes, X11Forwarding yes

        settings: host=web1 keyword=permitrootlogin value=without-password
        settings: host=web1 keyword=allowtcpforwarding value=yes
        settings: host=web1 keyword=disableforwarding value=yes source=/etc/ssh/sshd_config.d/10-jump.conf:2
        finds: nothing

    ## What to do

    Set the values in a file of your own under /etc/ssh/sshd_config.d (where the first line that names a keyword
    wins), test it (`sshd -t`, `sshd -T | grep -i KEYWORD`) and reload sshd. `DisableForwarding yes`, with a Match
    block for those who need it, settles all forwarding at once. Leave ciphers, MACs and key exchanges to OpenSSH's
    defaults, or take out of them what is named here (`Ciphers -*cbc*`).

    A setting that is meant to be as it is: give it another severity, or `off`, in the policy.

    ## Limits

    - Forwarding and X11 are hygiene for accounts with a shell: who has one can install a forwarder of their own.
    - Lists of algorithms are judged where they are known: `sshd -T` prints them; of an image their defaults are not
      known. An algorithm that is offered is used only by a client that wants it.
    - A vendor that brought a fix to an older release is not known: `DisableForwarding` counts as it does in
      OpenSSH's own release of that number.
    - `LoginGraceTime 0` was the advice against CVE-2024-6387 (8.5 to 9.7) until the update was there.
    - A list of names in `PermitUserEnvironment` counts as a limit unless it takes what is named in the table.

    ## References

    - sshd_config(5)
    - CIS Red Hat Enterprise Linux 9 Benchmark 2.0.0, section 5.1; DISA STIG for RHEL 9 V2R9
    - BSI IT-Grundschutz SYS.1.3.A8
    - RFC 9142: key exchanges with SHA-1; RFC 8758: RC4; OpenSSH release notes 6.7, 7.0, 8.2, 8.8
    """

    id: ClassVar[str] = "sshd-setting"
    title: ClassVar[str] = "sshd has lax settings"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 CM-6",
        "NIST SP 800-53 r5 CM-7",
        "NIST SP 800-53 r5 AC-17(2)",
        "BSI SYS.1.3.A8",
        "CIS Controls 8.1 4.1",
        "PCI DSS 4.0.1 2.2.6",
    )

    protocol: str = judged(
        "high",
        "`Protocol` takes SSH 1, which anybody on the way can break (until 7.3)",
        Rule("Protocol", ("1",)),
    )
    permitrootlogin: str = judged(
        "medium",
        "`PermitRootLogin yes`: passwords let root in too. CIS RHEL 9 5.1.20, RHEL-09-255045",
        Rule("PermitRootLogin", ("yes",)),
    )
    strictmodes: str = judged(
        "medium",
        "`StrictModes no`: key files that others can write are taken. RHEL-09-255160",
        Rule("StrictModes", ("no",)),
    )
    permituserenvironment: str = judged(
        "medium",
        "`PermitUserEnvironment` takes `LD_PRELOAD` and its like, past a forced command. RHEL-09-255085",
        Rule("PermitUserEnvironment", ("yes", *CODE_VARIABLES)),
    )
    acceptenv: str = judged(
        "medium",
        "`AcceptEnv` takes `LD_PRELOAD` and its like, past a forced command. sshd_config(5)",
        Rule("AcceptEnv", CODE_VARIABLES),
    )
    loglevel_quiet: str = judged(
        "medium",
        "`LogLevel` QUIET, FATAL or ERROR: logins are not in the logs (auth_log() in auth.c)",
        Rule("LogLevel", ("quiet", "fatal", "error")),
    )
    useprivilegeseparation: str = judged(
        "medium",
        "`UsePrivilegeSeparation no`: a flaw before the login is one of root (until 7.4)",
        Rule("UsePrivilegeSeparation", ("no",)),
    )
    permittunnel: str = judged(
        "medium",
        "`PermitTunnel` joins the host's networks with those of the client. sshd_config(5)",
        Rule("PermitTunnel", ("yes", "point-to-point", "ethernet"), moot=(NO_TUNNEL,)),
    )
    loglevel_debug: str = judged(
        "low",
        "`LogLevel DEBUG` violates the privacy of users. sshd_config(5)",
        Rule("LogLevel", ("debug", "debug1", "debug2", "debug3")),
    )
    gatewayports: str = judged(
        "low",
        "`GatewayPorts`: forwarded ports are open to the network. sshd_config(5)",
        Rule(
            "GatewayPorts",
            ("yes", "clientspecified"),
            moot=(NO_TCP, Moot("AllowTcpForwarding", ("no", "local"))),
        ),
    )
    allowtcpforwarding: str = judged(
        "low",
        "`AllowTcpForwarding yes`: a login reaches what the host reaches. CIS RHEL 9 section 5.1",
        Rule("AllowTcpForwarding", ("yes", "all"), moot=(NO_TCP,)),
    )
    allowagentforwarding: str = judged(
        "low",
        "`AllowAgentForwarding yes`: root here may use the agents of those who log in. CIS RHEL 9 section 5.1",
        Rule("AllowAgentForwarding", ("yes",), moot=(NO_AGENT,)),
    )
    x11forwarding: str = judged(
        "low",
        "`X11Forwarding yes`: root here reaches the screens of those who log in. RHEL-09-255155",
        Rule("X11Forwarding", ("yes",), moot=(NO_AGENT,)),
    )
    x11uselocalhost: str = judged(
        "low",
        "`X11UseLocalhost no`: forwarded screens are open to the network. RHEL-09-255175",
        Rule("X11UseLocalhost", ("no",), moot=(NO_AGENT, Moot("X11Forwarding", ("no",)))),
    )
    ignorerhosts: str = judged(
        "low",
        "`IgnoreRhosts no`: users name the hosts that vouch for them, once these may. RHEL-09-255145",
        Rule("IgnoreRhosts", ("no",)),
    )
    usepam: str = judged(
        "low",
        "`UsePAM no`: what PAM asks of accounts and sessions does not hold. CIS RHEL 9 5.1.22, RHEL-09-255050",
        Rule("UsePAM", ("no",)),
    )
    authorizedkeyscommanduser: str = judged(
        "low",
        "`AuthorizedKeysCommandUser root`: an account that does nothing else is enough. sshd_config(5)",
        Rule("AuthorizedKeysCommandUser", ("root",), moot=(Moot("AuthorizedKeysCommand", ("none",)),)),
    )
    authorizedprincipalscommanduser: str = judged(
        "low",
        "`AuthorizedPrincipalsCommandUser root`: the same. sshd_config(5)",
        Rule("AuthorizedPrincipalsCommandUser", ("root",), moot=(Moot("AuthorizedPrincipalsCommand", ("none",)),)),
    )
    persourcepenalties: str = judged(
        "low",
        "`PerSourcePenalties no`: who guesses is not slowed down (from 9.8). sshd_config(5)",
        Rule("PerSourcePenalties", ("no",)),
    )
    fingerprinthash: str = judged(
        "low",
        "`FingerprintHash md5`: the keys in the logs can be forged, and are compared with nothing else",
        Rule("FingerprintHash", ("md5",)),
    )
    maxauthtries: str = judged(
        "low",
        "`MaxAuthTries` above `max_auth_tries`: more guesses for each connection",
        Rule("MaxAuthTries", above="max_auth_tries"),
    )
    logingracetime: str = judged(
        "low",
        "`LoginGraceTime` 0 or above `login_grace_s`: connections that do not log in hold their places",
        Rule("LoginGraceTime", ("0",), above="login_grace_s"),
    )
    ciphers: str = judged(
        "low",
        "`Ciphers` with CBC, 64-bit blocks or RC4. OpenSSH 6.7 took them out of its defaults; RFC 8758",
        Rule("Ciphers", WEAK_CIPHERS),
    )
    macs: str = judged(
        "low",
        "`MACs` with MD5, RIPEMD-160 or cut to 96 bits. OpenSSH 6.7 took them out of its defaults",
        Rule("MACs", WEAK_MACS),
    )
    kexalgorithms: str = judged(
        "low",
        "`KexAlgorithms` with groups of 1,024 bits, or groups to choose with SHA-1. RFC 9142",
        Rule("KexAlgorithms", WEAK_EXCHANGES),
    )
    pubkeyacceptedalgorithms: str = judged(
        "low",
        "`PubkeyAcceptedAlgorithms` with SHA-1 (`ssh-rsa`) or DSA. OpenSSH 7.0 and 8.8 took them out",
        Rule("PubkeyAcceptedAlgorithms", SHA1_SIGNATURES),
    )
    hostkeyalgorithms: str = judged(
        "low",
        "`HostKeyAlgorithms` with SHA-1 (`ssh-rsa`) or DSA. OpenSSH 7.0 and 8.8 took them out",
        Rule("HostKeyAlgorithms", SHA1_SIGNATURES),
    )
    casignaturealgorithms: str = judged(
        "low",
        "`CASignatureAlgorithms` with SHA-1 (`ssh-rsa`) or DSA. OpenSSH 8.2 took them out",
        Rule("CASignatureAlgorithms", SHA1_SIGNATURES),
    )
    max_auth_tries: int = field(default=6, metadata={"doc": "guesses for a connection that are not too many", "min": 1})
    login_grace_s: int = field(default=120, metadata={"doc": "seconds to log in that are not too many", "min": 1})

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        rules = {f.name: f.metadata["rule"] for f in fields(self) if "rule" in f.metadata}
        asked = self._asked({name: rule for name, rule in rules.items() if getattr(self, name) != OFF})
        for host, settings in fleet.query(_HOSTS, asked):
            severity = Severity(settings[0]["severity"])
            proven = any(one["proven"] for one in settings if one["severity"] == severity.value)
            shown = [f"{rules[one['name']].keyword} {one['shown']}" for one in settings[:_SHOWN]]
            if len(settings) > _SHOWN:
                shown.append(f"and {len(settings) - _SHOWN:,} more")
            yield Finding(
                self.id,
                severity,
                Confidence.HIGH if proven else Confidence.MEDIUM,
                Subject(SubjectKind.HOST, host),
                f"sshd on {host} has {counted(len(settings), 'lax setting')}: {', '.join(shown)}",
                {"settings": len(settings)},
                Places(_PLACES, {"host": host, **asked}),
            )

    def _asked(self, rules: Mapping[str, Rule]) -> dict[str, object]:
        """Give the rules as the parameters of the question, each a list for one column."""
        exempt = [(name, moot) for name, rule in rules.items() for moot in rule.moot]
        return {
            "names": list(rules),
            "keywords": [rule.keyword.lower() for rule in rules.values()],
            "severities": [getattr(self, name) for name in rules],
            "ranks": [Severity(getattr(self, name)).rank for name in rules],
            "words": [list(rule.words) for rule in rules.values()],
            "above": [getattr(self, rule.above) if rule.above else None for rule in rules.values()],
            "exempt": [name for name, _ in exempt],
            "by_keywords": [moot.keyword.lower() for _, moot in exempt],
            "by_words": [list(moot.words) for _, moot in exempt],
            "since": [1000 * moot.since[0] + moot.since[1] for _, moot in exempt],
        }
