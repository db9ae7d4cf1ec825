"""Check: a key that can be broken, or is known to others, opens accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

# `dsa` and `rsa-BITS` say again what type and bits say; every other word is a break
_KEYS: Final = """
WITH weak AS (
    SELECT fingerprint, type, bits, CASE WHEN weakness NOT SIMILAR TO 'dsa|rsa-[0-9]+' THEN weakness END AS broken
    FROM keys
    WHERE weakness NOT SIMILAR TO 'dsa|rsa-[0-9]+' OR type LIKE 'ssh-dss%'
        OR (type LIKE 'ssh-rsa%' AND bits < $least)
)
SELECT fingerprint, any_value(type), any_value(bits), any_value(broken), count(DISTINCT host),
    count(DISTINCT (host, account)), bool_or(proven)
FROM weak JOIN openings USING (fingerprint)
GROUP BY fingerprint ORDER BY fingerprint
"""
_PLACES: Final = """
SELECT fingerprint, host, tenant, account, file, line, daemon, is_authority, root, proven
FROM openings WHERE fingerprint = $fingerprint
ORDER BY host, account, file, line, daemon
"""


@dataclass(frozen=True, slots=True)
class WeakKey(Check):
    """A key that can be broken, or whose private half is known to others, opens accounts.

    ## What it looks for

    Keys that open something, and that are one of these:

    - broken: anybody can find the private half from the public one (close primes, the ROCA flaw, small factors, a
      pattern, a prime that known keys share), or it shares a factor with another key seen here
    - DSA, or RSA with less than 2048 bits: within reach of those who can afford it
    - RSA with less than 3072 bits: too short for what has to stay safe beyond 2030

    Authorities and the auditor's own key are looked at as well.

    ## Why it matters

    A key is only as good as the work it takes to find its private half. For a broken key that work is nothing, or
    minutes: anybody can log in.

    ## Example

        keys: fingerprint=SHA256:old type=ssh-rsa bits=1024
        grants: host=web1 account=root fingerprint=SHA256:old
        finds: high SHA256:old bits=1024 1 RSA key of 1,024 bits opens 1 account on 1 host

        keys: fingerprint=SHA256:old type=ssh-rsa bits=1024
        grants: host=web1 account=root fingerprint=SHA256:old accepted=no
        finds: nothing

    ## What to do

    Make a new key (`ssh-keygen -t ed25519`), put it beside the old one, log in with it, and take the old one out of
    all files that are listed. For a broken key do that today, and look through the logs of these hosts for logins
    with it.

    ## Limits

    - A key that none of the tests breaks is not proven strong. The tests look at public keys alone.
    - Keys whose private half was published (samples, vendors' keys, Debian's weak keys of 2008) are not known here.
    - Factors are compared between the keys of this database only.
    - Dead lines (expired, misspelt, refused by the configuration) are not counted; host keys neither.

    ## References

    - NIST SP 800-57 Part 1 Rev. 5, table 2: strength of RSA and DSA by length
    - badkeys, the tests for single keys: https://badkeys.info
    """

    id: ClassVar[str] = "weak-key"
    title: ClassVar[str] = "A weak or broken key opens accounts"
    severity: ClassVar[Severity] = Severity.CRITICAL
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 SC-12",
        "NIST SP 800-53 r5 SC-13",
        "BSI CON.1.A1",
        "PCI DSS 4.0.1 8.3.2",
    )

    high_rsa_bits: int = field(default=2048, metadata={"doc": "RSA keys with less bits are high", "min": 1})
    low_rsa_bits: int = field(default=3072, metadata={"doc": "RSA keys with less bits are low", "min": 1})

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each key."""
        asked = {"least": max(self.high_rsa_bits, self.low_rsa_bits)}
        for fingerprint, kind, bits, broken, hosts, accounts, proven in fleet.query(_KEYS, asked):
            severity, what = self._judge(kind, bits, broken)
            message = f"1 {what} opens {counted(accounts, 'account')} on {counted(hosts, 'host')}"
            yield Finding(
                self.id,
                severity,
                Confidence.HIGH if proven else Confidence.MEDIUM,
                Subject(SubjectKind.KEY, fingerprint),
                message if proven else f"{message} (not proven)",
                {"bits": bits or 0},
                Places(_PLACES, {"fingerprint": fingerprint}),
            )

    def _judge(self, kind: str, bits: int | None, broken: str | None) -> tuple[Severity, str]:
        if broken is not None:
            return Severity.CRITICAL, f"broken key ({broken})"
        if kind.startswith("ssh-dss"):
            return Severity.HIGH, "DSA key"
        short = bits is not None and bits < self.high_rsa_bits
        return Severity.HIGH if short else Severity.LOW, f"RSA key of {bits:,} bits"
