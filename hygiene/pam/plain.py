"""Is sshd's PAM stack the distribution's own, where one password opens one account and nothing else does?

Recognised, by what is left when comments, blanks and case are taken away:
Debian 11-13 and Ubuntu 20.04-24.04 (compared with Debian 12's own files); openSUSE's `required pam_unix` and the stacks
of RHEL, Fedora and Alma 7-10 without SSSD (authselect's minimal and local profiles), written from their sources and not
compared with an installed system. Everything else is unknown, with the first line that did not fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hygiene.model import Truth
from hygiene.pam.stack import FOLDER, Kind, Rule, Stacks, Stage, read


@dataclass(frozen=True, slots=True)
class PlainPam:
    """What is known of sshd's stack. YES: the plain one; UNKNOWN: any other, or not seen."""

    auth: Truth  # YES: the account's own password (pam_unix) is what it takes
    account: Truth  # YES: local accounts pass unless expired, inactive, or stopped by /etc/nologin
    nullok: Truth  # may an empty password pass the auth stage?
    nologin: bool  # pam_nologin is in the account or auth stage
    auth_reason: str | None = None  # with file and line, when unknown
    account_reason: str | None = None


NOT_SEEN = PlainPam(
    Truth.UNKNOWN, Truth.UNKNOWN, Truth.UNKNOWN, False, "the PAM files were not seen", "the PAM files were not seen"
)

# Rules that can only refuse, or do nothing: before pam_unix and behind the end of the stack they change nothing of
# which credentials it takes.
_NEUTRAL_CONTROLS = frozenset({"required", "requisite", "optional"})
_NEUTRAL_AUTH = frozenset({"pam_env", "pam_faildelay", "pam_faillock", "pam_nologin", "pam_sepermit"})
_NEUTRAL_AUTH_BEHIND = frozenset({"pam_cap", "pam_faillock", "pam_reauthorize"})
_NEUTRAL_ACCOUNT = frozenset({"pam_faillock", "pam_nologin", "pam_sepermit"})
_UNIX_ARGUMENTS = frozenset(
    {"nullok", "nullok_secure", "try_first_pass", "likeauth", "shadow", "nodelay", "audit", "debug", "quiet"}
)
_UNIX_SCHEMES = frozenset({"md5", "sha256", "sha512", "blowfish", "bigcrypt", "yescrypt", "gost_yescrypt"})
_DENY = ("pam_deny", ())
_JUMP_AUTH = "[default=ignore success=1]"
_JUMP_ACCOUNT = "[default=ignore new_authtok_reqd=done success=1]"


def recognise(files: Mapping[str, bytes | None], service: str = "sshd") -> PlainPam:
    """What the files of /etc/pam.d (by name; None: could not be read) make of sshd's auth and account stages."""
    stacks = read({f"{FOLDER}/{name}": data for name, data in files.items()}, service)
    auth, auth_reason = _read(stacks, Stage.AUTH)
    account, account_reason = _read(stacks, Stage.ACCOUNT)
    if auth_reason is None:
        auth_reason = _misfit(auth, _auth_end(auth), service, "auth")
    if account_reason is None:
        account_reason = _misfit(account, _account_end(account), service, "account")
    return PlainPam(
        Truth.UNKNOWN if auth_reason else Truth.YES,
        Truth.UNKNOWN if account_reason else Truth.YES,
        _nullok(auth) if auth_reason is None else Truth.UNKNOWN,
        any(line.module == "pam_nologin" and line.control in ("required", "requisite") for line in (*auth, *account)),
        auth_reason,
        account_reason,
    )


def stopped_by_nologin(pam: PlainPam, *, use_pam: bool, nologin: bool, uid: int) -> bool:
    """Does /etc/nologin refuse the account? It stops all but root: by pam_nologin, without PAM by sshd (session.c)."""
    return nologin and uid != 0 and (pam.nologin or not use_pam)


@dataclass(frozen=True, slots=True)
class _Line:
    """One rule, normalised: a control's pairs sorted, the module without its path and `.so`."""

    place: str
    control: str
    module: str
    arguments: tuple[str, ...]


def _read(stacks: Stacks, stage: Stage) -> tuple[tuple[_Line, ...], str | None]:
    reason = stacks.doubt or stacks.failed
    if reason is not None:
        return (), reason
    rules = stacks.rules(stage)
    if any(rule.place.startswith(f"{FOLDER}/other:") for rule in rules):
        return (), f"{FOLDER}/{stacks.service} has no {stage} stage; libpam takes {FOLDER}/other then"
    doubt = next((rule for rule in rules if rule.kind in (Kind.DOUBT, Kind.MUST_FAIL)), None)
    if doubt is not None:
        return (), f"{doubt.place}: {doubt.why}"
    return tuple(_lines(rules)), None


def _lines(rules: Sequence[Rule]) -> Iterator[_Line]:
    """The rules of substacks in the place of their head."""
    for rule in rules:
        if rule.kind is not Kind.SUBSTACK:
            control = f"[{' '.join(sorted(rule.control.split()))}]" if "=" in rule.control else rule.control
            yield _Line(rule.place, control, rule.module.rpartition("/")[2].removesuffix(".so"), rule.arguments)


def _misfit(lines: Sequence[_Line], end: int, service: str, kind: str) -> str | None:
    """None when the whole stack was recognised, else the reason with the first rule that was not."""
    if end < 0:
        return None
    if end >= len(lines):
        return f"{FOLDER}/{service}: its {kind} stage is not the one that the distribution ships: it ends too early"
    line = lines[end]
    rule = " ".join((line.control, line.module))[:80]
    return f"{line.place}: not a rule of a plain distribution's {kind} stage: {rule}"


def _auth_end(lines: Sequence[_Line]) -> int:
    """-1 when this is a plain auth stage, else the index of the first rule that does not fit."""
    at = _skip(lines, 0, _NEUTRAL_AUTH)
    if at >= len(lines) or not _is_unix(lines[at]):
        return at
    control = lines[at].control
    if control == _JUMP_AUTH:
        for want in (("requisite", *_DENY), ("required", "pam_permit", ())):
            at += 1
            if at >= len(lines) or not _is(lines[at], *want):
                return at
    elif control == "sufficient":
        at += 1
        while at < len(lines) and (
            _is(lines[at], "required", "pam_faillock", ("authfail",))
            or _is(lines[at], "requisite", "pam_succeed_if", ("uid", ">=", "1000", "quiet_success"))
        ):
            at += 1
        if at >= len(lines) or not _is(lines[at], "required", *_DENY):
            return at
    elif control != "required":
        return at
    at = _skip(lines, at + 1, _NEUTRAL_AUTH_BEHIND)
    return -1 if at >= len(lines) else at


def _account_end(lines: Sequence[_Line]) -> int:
    at = _skip(lines, 0, _NEUTRAL_ACCOUNT)
    if at >= len(lines) or not _is_unix(lines[at]):
        return at
    if lines[at].control == _JUMP_ACCOUNT:
        for want in (("requisite", *_DENY), ("required", "pam_permit", ())):
            at += 1
            if at >= len(lines) or not _is(lines[at], *want):
                return at
    elif lines[at].control != "required":
        return at
    elif at + 1 < len(lines) and _is(lines[at + 1], "sufficient", "pam_localuser", ()):
        # an account of /etc/passwd ends here with success: what this file asks of a directory's accounts comes behind
        # (authselect, sssd); where the file is a substack, the service's own rules still hold
        file = lines[at].place.rpartition(":")[0]
        while at + 1 < len(lines) and lines[at + 1].place.rpartition(":")[0] == file:
            at += 1
    at = _skip(lines, at + 1, _NEUTRAL_ACCOUNT)
    return -1 if at >= len(lines) else at


def _skip(lines: Sequence[_Line], at: int, modules: frozenset[str]) -> int:
    while at < len(lines) and lines[at].module in modules and lines[at].control in _NEUTRAL_CONTROLS:
        at += 1
    return at


def _is(line: _Line, control: str, module: str, arguments: tuple[str, ...]) -> bool:
    return (line.control, line.module, line.arguments) == (control, module, arguments)


def _is_unix(line: _Line) -> bool:
    """pam_unix with arguments that do not change what it asks for."""
    return line.module == "pam_unix" and all(
        argument in _UNIX_ARGUMENTS or argument in _UNIX_SCHEMES or argument.startswith("rounds=")
        for argument in line.arguments
    )


def _nullok(lines: Sequence[_Line]) -> Truth:
    arguments = {argument for line in lines if line.module == "pam_unix" for argument in line.arguments}
    if "nullok" in arguments:
        return Truth.YES
    # Debian and Ubuntu: up to PAM 1.3 only on terminals of /etc/securetty, later the same as nullok
    return Truth.UNKNOWN if "nullok_secure" in arguments else Truth.NO
