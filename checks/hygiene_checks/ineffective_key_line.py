"""Check: lines of key files that do not do what they were written for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import unproven

# `rank` orders the faults of one line. A line is dead when no daemon of the host takes it for this account; expired and
# revoked ones have checks of their own. On an ordinary key no-touch-required is without effect too, but limits nothing.
_FAULTY: Final = """
WITH faulty AS (
    SELECT host, account, file, line, daemon, fingerprint, NULL AS lost, cause, reason, false AS proven,
        list_position(['typo', 'version', 'permissions'], cause) AS rank
    FROM grants AS g
    WHERE accepted = 'no' AND cause IN ('typo', 'version', 'permissions')
        AND NOT EXISTS (
            FROM grants AS o
            WHERE o.host = g.host AND o.account = g.account AND o.file = g.file AND o.line = g.line
                AND (o.accepted <> 'no' OR coalesce(o.cause IN ('expired', 'revoked'), false))
        )
    UNION ALL
    FROM (
        SELECT host, account, file, line, daemon, fingerprint,
            list_filter(
                marks,
                lambda m: m IN ('from-item-dead', 'options-behind-key', 'shadowed')
                    OR (m = 'verify-without-effect' AND list_has_any(
                        list_transform(options, lambda o: lower(o)), ['verify-required', 'touch-required']
                    ))
            ) AS lost, cause, reason, accepted = 'yes' AS proven, 0 AS rank
        FROM grants WHERE accepted <> 'no' AND len(marks) > 0
    )
    WHERE len(lost) > 0
)
"""
_HOSTS: Final = (
    _FAULTY  # noqa: S608  both parts are ours
    + """
SELECT host, count(*) AS lines, count(*) FILTER (rank = 0) AS lost, count(*) FILTER (rank = 0 AND proven) AS proven,
    count(*) FILTER (rank = 1) AS typo, count(*) FILTER (rank = 2) AS version,
    count(*) FILTER (rank = 3) AS permissions
FROM (SELECT host, file, line, min(rank) AS rank, bool_or(proven) AS proven FROM faulty GROUP BY host, file, line)
GROUP BY host ORDER BY host
"""
)
_PLACES: Final = (
    _FAULTY
    + """
SELECT host, h.tenant, account, file, line, daemon, fingerprint, cause, lost, faulty.reason
FROM faulty LEFT JOIN hosts AS h USING (host)
WHERE host = $host ORDER BY cause NULLS FIRST, account, file, line, daemon
"""
)


@dataclass(frozen=True, slots=True)
class IneffectiveKeyLine(Check):
    """Lines of key files do not do what they were written for.

    ## What it looks for

    Lines that let nobody in although somebody meant them to, because of

    - a typo: no version of OpenSSH takes the line (a misspelt option, a quote that is not closed, a cut key)
    - the version: this host's sshd does not take the line, another one would
    - permissions: sshd does not open the file, or `StrictModes` refuses it

    And, of medium severity, lines that let somebody in with other limits than their writer meant:

    - `from-item-dead`: an item of `from=` that never matches (host bits are set, a blank stands behind the comma, a
      name while `UseDNS` is off), so that the address it names is neither let in nor kept out by it
    - `options-behind-key`: options that stand behind the key, where sshd takes them for a comment
    - `verify-without-effect`: touch or PIN is asked for on an ordinary key, which has neither
    - `shadowed`: an earlier line for the same key, without these limits, wins

    Lines are counted once, however many accounts or daemons share the file. The message says how many lines with
    other limits are not proven to be accepted; the confidence is medium when none is.

    ## Why it matters

    A limit that is written and does not hold is worse than none: the review ticks it off, and the thief is not
    stopped. And a dead line comes to life when somebody corrects the typo, upgrades sshd or sets the mode right,
    perhaps long after its owner has left.

    ## Example

        grants: host=web1 line=2 fingerprint=SHA256:a accepted=no cause=typo
            reason='the option "no-ptyy" is not known to OpenSSH 9.2p1'
        grants: host=web1 line=3 fingerprint=SHA256:b marks=options-behind-key
        finds: medium web1 lines=2
            web1 has 2 key lines that do not do what they say: 1 with other limits than meant, 1 dead by a typo

        grants: host=web1 line=2 fingerprint=SHA256:a accepted=no cause=version
        finds: low web1 lines=1
            web1 has 1 key line that does not do what it says: 1 dead by the version of sshd

        grants: host=web1 fingerprint=SHA256:a accepted=no cause=unread
        finds: nothing

    ## What to do

    Correct the line where its key is still wanted, and take it out where not. Options stand before the type of the
    key, with commas and no blanks between them. Of two lines for one key remove the wider one. Afterwards test a
    login from where it should work and from where it should not.

    ## Limits

    - What the administrator switched off (`AuthorizedKeysFile`, `PubkeyAuthentication`, `AllowUsers`, a locked
      account) is meant, and not reported.
    - Lines that have expired are reported by `expired-key`, a `from=` that keeps nobody out by
      `no-op-restriction`.
    - Where the version of sshd is not known, a line that any version takes counts as alive.
    - What was meant cannot be known: a comment that happens to look like options is reported too.

    ## References

    - sshd(8), AUTHORIZED_KEYS FILE FORMAT
    - sshd_config(5): StrictModes, UseDNS, PubkeyAuthOptions
    """

    id: ClassVar[str] = "ineffective-key-line"
    title: ClassVar[str] = "Key lines do not do what they say"
    severity: ClassVar[Severity] = Severity.MEDIUM
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 AC-3",
        "NIST SP 800-53 r5 CM-6",
        "BSI ORP.4.A2",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, lines, lost, proven, typo, version, permissions in fleet.query(_HOSTS):
            what = "line that does not do what it says" if lines == 1 else "lines that do not do what they say"
            kinds = [
                (lost, f"with other limits than meant{unproven(lost - proven)}"),
                (typo, "dead by a typo"),
                (version, "dead by the version of sshd"),
                (permissions, "dead by permissions"),
            ]
            told = ", ".join(f"{number:,} {words}" for number, words in kinds if number)
            yield Finding(
                self.id,
                Severity.MEDIUM if lost else Severity.LOW,
                Confidence.MEDIUM if lost and not proven else Confidence.HIGH,
                Subject(SubjectKind.HOST, host),
                f"{host} has {counted(lines, f'key {what}', f'key {what}')}: {told}",
                {"lines": lines},
                Places(_PLACES, {"host": host}),
            )
