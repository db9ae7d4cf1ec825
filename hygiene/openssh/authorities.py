"""Certificate authorities: who is one, and whether any certificate that it could sign lets somebody in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hygiene.model import Cause, Truth
from hygiene.openssh import algorithms, certificates, key_text, keys
from hygiene.openssh.authorized_keys import Line
from hygiene.openssh.key_text import BLANK, LAST, NEWEST, Found, find_key, rules
from hygiene.openssh.keys import PublicKey
from hygiene.openssh.patterns import match_list
from hygiene.openssh.permissions import YES, Judgement, worst
from hygiene.openssh.principals import Principal
from hygiene.openssh.settings import Settings
from hygiene.openssh.version import Version


@dataclass(frozen=True, slots=True)
class Authority:
    """One line of TrustedUserCAKeys that is neither blank nor a comment."""

    number: int  # 1 is the first
    key: PublicKey | None  # None when nothing in the line decodes as one
    comment: str | None = None
    dead: str | None = None  # why sshd takes no authority from this line; None when it does
    cause: Cause | None = None  # of `dead`: a typo, or the version


def read(data: bytes, version: Version | None) -> tuple[Authority, ...]:
    """Read TrustedUserCAKeys: one item for each line that is neither blank nor a comment, in order, dead ones too.

    Follows sshkey_in_file in authfile.c: no options are allowed, and a line that is no key ends the file, so that what
    stands behind it counts for nothing. With `version` None a line lives when any version takes it.
    """
    if version is not None:
        return tuple(_read(data, version))
    first = {authority.number: authority for authority in _read(data, NEWEST)}
    for other in LAST:
        if all(authority.dead is None for authority in first.values()):
            break
        for authority in _read(data, other):
            known = first.get(authority.number)
            if authority.dead is None and (known is None or known.dead is not None):
                first[authority.number] = authority
    return tuple(first[number] for number in sorted(first))


def _read(data: bytes, version: Version) -> Iterator[Authority]:
    by = rules(version)
    ended: str | None = None
    for number, (line, hidden) in enumerate(key_text.lines(data, by), 1):
        text = line.partition(b"\0")[0].lstrip(b" \t")
        if not text or text.startswith(b"#"):
            continue
        found = find_key(text, by)
        if isinstance(found, str):
            found_ = Authority(number, None, dead=_why_no_key(text, found), cause=Cause.TYPO)
            stops = True
        else:
            found_, stops = _authority(number, text, found, by)
        if hidden is not None:
            found_, stops = replace(found_, dead=hidden, cause=Cause.VERSION), False
        elif ended is not None and text.strip(BLANK):
            found_ = replace(found_, dead=found_.dead or ended, cause=found_.cause or Cause.TYPO)
        if stops and ended is None:
            ended = f"line {number} is no key, and sshd reads no further"
        if text.strip(BLANK):
            yield found_


def _why_no_key(text: bytes, reason: str) -> str:
    """An admin who writes options here means cert-authority lines, which stand in authorized_keys."""
    from_options = text.split(maxsplit=1)[1:] if reason == key_text.NO_KEY else []
    if from_options and not isinstance(find_key(from_options[0], rules(NEWEST)), str):
        return "options stand before the key, and TrustedUserCAKeys takes none"
    return reason


def _authority(number: int, text: bytes, found: Found, by: key_text.Rules) -> tuple[Authority, bool]:
    """What a line with a key comes to, and whether sshd stops reading at it."""
    reading = found.reading
    comment = text[found.end :].strip(BLANK).decode("utf-8", "backslashreplace") or None
    authority = Authority(number, reading.key, comment)
    refused = key_text.why_refused(reading, by)
    if refused is not None:
        # a key that is only too short is passed over since 8.0
        stops = reading.key.n is None or reading.short_name or not by.version.since(8, 0)
        return replace(authority, dead=refused, cause=Cause.VERSION), stops
    if reading.form.cert:
        signed = certificates.is_signed(found.token)
        return replace(authority, dead="a certificate is no authority", cause=Cause.TYPO), signed is False
    return authority, False


# ---------------------------------------------------------------- judgements


def judge_line(line: Line, account: str, settings: Settings, version: Version | None) -> Judgement:
    """Judge whether a certificate that the authority of a cert-authority line could sign lets in as the account.

    Its from=, expiry-time and revocation are not judged here, as those of any line.
    """
    if line.key is None or line.dead:
        return _no(line.dead or "there is no key in the line")
    named = YES
    if line.options.principals is not None and not names(line, account):
        named = _no("principals= names nobody, so no certificate is taken")
    return worst([named, judge_key(line.key, settings, version)])


def names(line: Line, account: str) -> tuple[str, ...]:
    """The names of which a certificate must hold one to get in by this line (match_principals_option).

    An empty item ends the list. Blanks are part of a name. Without principals= it is the account's name.
    """
    if line.options.principals is None:
        return (account,)
    return tuple(itertools.takewhile(bool, line.options.principals))


def takes_nameless(line: Line, version: Version | None) -> bool:
    """True when a certificate that names nobody gets in by this line: without principals=, up to 10.2."""
    return line.options.cert_authority and line.options.principals is None and not (version and version.since(10, 3))


def judge_trusted(
    authority: Authority,
    principals: Sequence[Principal] | Judgement | None,
    settings: Settings,
    version: Version | None,
    revoked: Judgement = YES,
) -> Judgement:
    """Judge whether a certificate that an authority of TrustedUserCAKeys could sign lets in as an account.

    `principals` is what the account's AuthorizedPrincipalsFile holds; None when no such file is set; a judgement for a
    file that sshd does not read (no) or that was not seen (unknown). user_cert_trusted_ca in auth2-pubkey.c.
    """
    if authority.key is None or authority.dead:
        return Judgement(Truth.NO, authority.dead or "there is no key in the line", authority.cause or Cause.TYPO)
    return worst([revoked, _by_principals(principals, settings), judge_key(authority.key, settings, version)])


def _by_principals(principals: Sequence[Principal] | Judgement | None, settings: Settings) -> Judgement:
    command = settings.path("authorizedprincipalscommand")
    if not settings.is_known("authorizedprincipalscommand"):
        return Judgement(Truth.UNKNOWN, "AuthorizedPrincipalsCommand is not known")
    if principals is None and command is None:
        return YES  # a certificate must name the account
    if isinstance(principals, Judgement):
        answer = principals
        if answer.answer is Truth.NO:
            answer = _no(f"sshd reads no principals of the account: {answer.reason}")
    elif any(principal.dead is None for principal in principals or ()):
        doubt = [principal.options.doubt for principal in principals or () if principal.dead is None]
        answer = YES if None in doubt else Judgement(Truth.UNKNOWN, doubt[0])
    else:
        answer = _no("no principal is named for the account in AuthorizedPrincipalsFile")
    if answer.answer is not Truth.YES and command is not None:
        return Judgement(
            Truth.UNKNOWN, "principals that a program supplies (AuthorizedPrincipalsCommand) are not listed"
        )
    return answer


def judge_key(key: PublicKey, settings: Settings, version: Version | None) -> Judgement:
    """Judge whether sshd takes any certificate that this key signs (userauth_pubkey in auth2-pubkey.c).

    RequiredRSASize is for the keys that are certified, and not for the authority's.
    """
    return worst([_by_signature(key, settings, version), _by_accepted(settings)])


def _by_signature(key: PublicKey, settings: Settings, version: Version | None) -> Judgement:
    allowed = settings.value("casignaturealgorithms")
    if allowed is None:
        if version is not None and not version.since(7, 9):
            return YES  # any signature was good
        return Judgement(Truth.UNKNOWN, "CASignatureAlgorithms is not known")
    if any(match_list(name, allowed) for name in algorithms.signing(key)):
        return YES
    return _no(f"CASignatureAlgorithms has none for an authority's key of type {key.plain_type}", Cause.SETTINGS)


def _by_accepted(settings: Settings) -> Judgement:
    accepted = settings.value("pubkeyacceptedalgorithms")
    if accepted is None:
        return Judgement(Truth.UNKNOWN, "PubkeyAcceptedAlgorithms is not known")
    if any(match_list(name.decode(), accepted) for name, form in keys.NAMES.items() if form.cert):
        return YES
    return _no("PubkeyAcceptedAlgorithms holds no algorithm for certificates", Cause.SETTINGS)


def _no(reason: str, cause: Cause = Cause.AUTHORITY) -> Judgement:
    return Judgement(Truth.NO, reason, cause)
