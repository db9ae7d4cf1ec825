"""pam_duo: a code or a push, as a server of Duo decides; what that server asks of an account is not known here.

Reads: the file of `conf=`, else /etc/security/pam_duo.conf or /etc/duo/pam_duo.conf, and its stat, as its mode decides.
Of its content: the values of failmode, group, groups and autopush, and whether host, ikey and skey have one.
"""

from __future__ import annotations

from dataclasses import dataclass

from hygiene.model import Truth
from hygiene.openssh.match import in_groups
from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Outcome
from hygiene.pam.modules.enrolment import CODE, Enrolment, option, refused, truth
from hygiene.pam.question import Question, Stat, either, sure
from hygiene.pam.replies import Asks, Case, Lapse, Reply, Says, Shows

_DEFAULTS = ("/etc/security/pam_duo.conf", "/etc/duo/pam_duo.conf")  # Debian's, and that of Duo's own packages
_CODE = f"{CODE}:duo"
_AWAY = "the server of pam_duo cannot be reached"
_BYPASS = "whether Duo's server lets the account pass without a code is not known"
_READABLE = 0o044


@dataclass(frozen=True, slots=True)
class _Settings:
    """A configuration that can be used; `broken` says why it cannot, and then `safe` alone counts."""

    path: str
    safe: bool = True  # what the module starts from
    groups: tuple[str, ...] = ()
    push: bool = False  # without a prompt
    broken: str | None = None


def enrolment(question: Question) -> Enrolment:
    """Enrolment is known to Duo alone; whether the module fails open is not."""
    settings = _settings(question)
    if isinstance(settings, str):
        return Enrolment(CODE, Truth.UNKNOWN, Truth.UNKNOWN, Truth.UNKNOWN, settings)
    if settings.broken is not None:
        return Enrolment(CODE, Truth.UNKNOWN, truth(settings.safe), truth(settings.safe), settings.broken)
    concerned = _concerned(settings, question)
    exempt = Truth.UNKNOWN if concerned in (None, True) else Truth.YES
    return Enrolment(CODE, Truth.UNKNOWN, exempt, truth(settings.safe), settings.path)


def auth(question: Question) -> Reply:
    """A code, where the account's groups are concerned; a configuration that cannot be used lets pass when `safe`."""
    if _is_garbled(question):
        return Says(refused("it has an option that the module does not know", Code.SERVICE_ERR))
    settings = _settings(question)
    if isinstance(settings, str):
        return _asks(False, either({Code.SUCCESS, Code.SERVICE_ERR}, settings))
    if settings.broken is not None:
        note = f"{settings.broken}, and the module lets everybody pass"
        return Says(
            (Outcome(Code.SUCCESS, note=note),) if settings.safe else refused(settings.broken, Code.SERVICE_ERR)
        )
    match _concerned(settings, question):
        case False:
            note = f"{settings.path} does not ask the groups of the account"
            return Says((Outcome(Code.SUCCESS, note=note),))
        case None:
            return _asks(settings.push, either(_REFUSED | {Code.SUCCESS}, "the groups of the account are not known"))
        case _:
            return _asks(settings.push, either(_REFUSED | {Code.SUCCESS}, _BYPASS))


_REFUSED = frozenset({Code.ABORT, Code.SERVICE_ERR, Code.MAXTRIES})


def _asks(push: bool, wrong: tuple[Outcome, ...]) -> Reply:
    if push:
        return Shows(CODE, sure(Code.SUCCESS), wrong)
    # the prompt is one that shows what is typed
    return Asks((Case((_CODE,), sure(Code.SUCCESS)),), wrong, echo=True, unanswered=wrong)


def lapses(question: Question) -> tuple[Lapse, ...]:
    """What the module does while its server is away: `failmode`."""
    settings = _settings(question)
    if _is_garbled(question) or isinstance(settings, str) or settings.broken is not None:
        return ()
    if _concerned(settings, question) is False:
        return ()
    note = f"failmode = safe in {settings.path}"
    away = (Outcome(Code.SUCCESS, note=note),) if settings.safe else refused("failmode is secure", Code.SERVICE_ERR)
    return (Lapse(_AWAY, Says(away)),)


def _is_garbled(question: Question) -> bool:
    return any(text != "debug" and not text.startswith("conf=") for text in question.arguments)


def _concerned(settings: _Settings, question: Question) -> bool | None:
    """Whether the module asks the account, by its groups; in the services su and su-l it is the caller who is asked."""
    if not settings.groups:
        return True
    person = question.person
    if question.service in ("su", "su-l") and question.caller is not None:
        person = question.caller
    if person.groups is None:
        return None
    return any(in_groups(person.groups, each) for each in settings.groups)


def _settings(question: Question) -> _Settings | str:
    """The configuration; a text where it is not known."""
    conf = question.conf
    named = option(question.arguments, "conf")
    paths = (named,) if named is not None else tuple(path for path in _DEFAULTS if conf.read(path) is not None)
    if not paths:
        return _Settings(_DEFAULTS[0], broken=f"neither {_DEFAULTS[0]} nor {_DEFAULTS[1]} is there")
    if len(paths) > 1:
        return "which configuration of pam_duo counts is not known"
    path = paths[0]
    data = conf.read(path)
    if data is None:
        return _Settings(path, broken=f"{path} is not there")
    if isinstance(data, str):
        return data
    stat = conf.stat(path)
    if not isinstance(stat, Stat) or stat.mode is None:
        return f"the mode of {path} is not known"
    if stat.mode & _READABLE:
        return _Settings(path, broken=f"{path} can be read by others, which the module does not take")
    return _parsed(path, data)


def _parsed(path: str, data: bytes) -> _Settings:
    """As ini_parse and duo_common_ini_handler read it: the first line that is not in order ends it."""
    safe, push, groups, keys = True, False, list[str](), set[str]()
    for number, raw in enumerate(data.split(b"\n"), 1):
        line = raw.decode("utf-8", "surrogateescape").strip()
        if not line or line[0] in "#;[":
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or (name == "failmode" and value not in ("safe", "secure")):
            return _Settings(path, safe, broken=f"{path}:{number} is not in order")
        if name == "failmode":
            safe = value == "safe"
        elif name == "autopush":
            push = value.lower() in ("yes", "true", "on", "1")
        elif name in ("group", "groups"):
            groups += value.replace("\\ ", "\0").split()
        elif name in ("host", "ikey", "skey") and value:
            keys.add(name)
    if len(keys) < 3:
        return _Settings(path, safe, broken=f"{path} does not name host, ikey and skey")
    return _Settings(path, safe, tuple(each.replace("\0", " ") for each in groups), push)
