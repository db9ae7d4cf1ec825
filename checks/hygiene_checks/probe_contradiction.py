"""Check: sshd answered otherwise than what was read from its host says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_OPPOSITE: Final = "(expected, observed) IN (('yes', 'no'), ('no', 'yes'))"
_IS_KEY: Final = "after IS NULL AND what LIKE 'SHA256:%'"
_IS_METHOD: Final = "after IS NULL AND what NOT LIKE 'SHA256:%'"
_BEHIND: Final = "after IS NOT NULL"
_HOSTS: Final = f"""
SELECT host, any_value(account), count(*),
    count(*) FILTER ({_IS_KEY} AND observed = 'yes'), count(*) FILTER ({_IS_KEY} AND observed = 'no'),
    list(what ORDER BY what) FILTER ({_IS_METHOD} AND observed = 'yes'),
    list(what ORDER BY what) FILTER ({_IS_METHOD} AND observed = 'no'),
    list(if(what = after, 'key', what) ORDER BY what) FILTER ({_BEHIND} AND observed = 'yes'),
    list(if(what = after, 'key', what) ORDER BY what) FILTER ({_BEHIND} AND observed = 'no')
FROM probes WHERE {_OPPOSITE} GROUP BY host ORDER BY host
"""  # noqa: S608  the parts are ours
_PLACES: Final = f"""
SELECT host, h.tenant, daemon, account, what, expected, observed, detail, after
FROM probes LEFT JOIN hosts AS h USING (host)
WHERE host = $host AND {_OPPOSITE} ORDER BY daemon, account, after NULLS FIRST, what
"""  # noqa: S608  the parts are ours


@dataclass(frozen=True, slots=True)
class ProbeContradiction(Check):
    """A host's sshd answered otherwise than what was read from the host says.

    ## What it looks for

    Hosts that were asked with `--probe` what they accept, and said the opposite of what their files and settings
    come to: a public key is accepted whose lines are dead, revoked or not read, or refused though a line of it lets
    in; a method is offered that the settings switch off, or public keys are not offered though a key enters; an
    account is open to whoever names it. No credential is shown for that: a query names a public key, and sshd says
    whether it would accept a signature with it. Where the key of the scan itself is in the account asked about, a login
    with it is begun last of all: it enters though `AuthenticationMethods` asks for more, it does not enter though it is
    enough, or something else is asked for behind it. The connection ends there, and no session is opened.

    ## Why it matters

    What is read from a host is what its files say; whoever listens at its port decides. Where the two differ, all that
    is said of the ways into this host may be wrong: another daemon answers there than the one that was read, it runs
    with other settings, its program was changed to let somebody in, or hygiene reads a rule wrongly.

    ## Example

        probes: host=web1 account=root what=SHA256:gone expected=no observed=yes
        probes: host=web1 account=root what=password expected=no observed=yes detail=offered
        finds: high web1 contradictions=2
            sshd of web1 contradicts what was read there about root: 1 key is accepted that should be refused,
            password is offered though it is off

        probes: host=web1 account=root what=SHA256:scan after=SHA256:scan detail="it entered"
        probes: host=web1 account=root what=login after=SHA256:scan expected=no detail="it entered"
        finds: high web1 contradictions=1
            sshd of web1 contradicts what was read there about root: the scan's own key enters alone though more should
            be asked for

        probes: host=web1 account=root what=SHA256:ops
        probes: host=web1 account=root what=SHA256:gone expected=no observed=no detail=refused
        probes: host=web1 account=root what=SHA256:ldap expected=unknown observed=yes
        probes: host=web1 account=root what=password expected=unknown observed=yes detail=offered
        finds: nothing

    ## What to do

    Look first at what changed on the host since it was collected (`last`, times of the key files and of
    `/etc/ssh`), and scan again: a key that was added between the two is a contradiction too. Then find out what
    answers at that port (`ss -ltnp`) and whether its program is the package's (`debsums openssh-server`, `rpm -V
    openssh-server`). If all of that is in order, tell the authors of hygiene: what it says of keys like this one is
    wrong.

    ## Limits

    - One account of a host is asked about, at most three of its keys, from where the audit ran: keys that from= or a
      Match block ties to a source are left out, and certificates are not asked about.
    - A query does not show what comes after it: PermitRootLogin, PAM's account stage, a second method that is asked
      for besides. An accepted key is no login. Only the key of the scan itself is tried to the end, only in an account
      that has it, and only where it is no security key; the host logs that as a login. A PAM account stage that refuses
      it hangs up, which is a gap.
    - A method that is offered need not let anybody in: for root, locked or unknown accounts sshd offers the same.
    - Whoever has taken over a host can answer as expected.

    ## References

    - RFC 4252, sections 5.2 and 7
    - sshd_config(5): AuthenticationMethods, MaxAuthTries, PerSourcePenalties
    """

    id: ClassVar[str] = "probe-contradiction"
    title: ClassVar[str] = "sshd answers otherwise than its files say"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    needs: ClassVar[frozenset[str]] = frozenset({"probes"})
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 CM-6",
        "NIST SP 800-53 r5 SI-7",
        "BSI SYS.1.3.A8",
        "CIS Controls 8.1 4.1",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, account, contradictions, accepted, refused, offered, missing, behind, unmet in fleet.query(_HOSTS):
            parts = []
            if accepted:
                parts.append(f"{counted(accepted, 'key is', 'keys are')} accepted that should be refused")
            if refused:
                parts.append(f"{counted(refused, 'key is', 'keys are')} refused that should be accepted")
            for name in offered or ():
                words = "it is open to whoever names it" if name == "none" else f"{name} is offered though it is off"
                parts.append(words)
            parts += [f"{name} is not offered though it is on" for name in missing or ()]
            parts += _behind(behind or (), unmet or ())
            yield Finding(
                self.id,
                Severity.HIGH,
                Confidence.HIGH,
                Subject(SubjectKind.HOST, host),
                f"sshd of {host} contradicts what was read there about {account}: {', '.join(parts)}",
                {"contradictions": contradictions},
                Places(_PLACES, {"host": host}),
            )


def _behind(seen: Sequence[str], unmet: Sequence[str]) -> Iterator[str]:
    """What a login with our own key showed."""
    for name in seen:
        match name:
            case "key":
                yield "the scan's own key is taken that should be refused"
            case "login":
                yield "the scan's own key enters alone though more should be asked for"
            case _:
                yield f"{name} is asked for behind a key though it should not be"
    if "key" in unmet:
        yield "the scan's own key is refused that should be taken"
    elif "login" in unmet:
        yield "the scan's own key does not enter alone though it should"
    for name in unmet:
        if name not in ("key", "login"):
            yield f"{name} is not asked for behind a key though it should be"
