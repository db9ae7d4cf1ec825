"""pam_radius_auth: whatever a RADIUS server asks for, which is not known here.

Reads: the file of `conf=`, else /etc/pam_radius_auth.conf or /etc/raddb/server; of its content one `server` a line.
"""

from __future__ import annotations

from hygiene.model import Truth
from hygiene.pam.codes import Code
from hygiene.pam.modules.enrolment import CODE, PASSWORD, Enrolment, option, refused, truth
from hygiene.pam.question import Question, either
from hygiene.pam.replies import Asks, Case, First, Keeps, Lapse, Reply, Says

_DEFAULTS = ("/etc/pam_radius_auth.conf", "/etc/raddb/server", "/etc/pam_radius.conf")
_AWAY = "the server of pam_radius_auth cannot be reached"
_DOUBT = "what the RADIUS server asks for is not known"
_PASSWORD, _CODE = f"{PASSWORD}:radius", f"{CODE}:radius"
_REFUSED = frozenset({Code.AUTH_ERR, Code.USER_UNKNOWN, Code.PERM_DENIED, Code.MAXTRIES})


def enrolment(question: Question) -> Enrolment:
    """Whether it asks for more than a password, and of whom, is known to the server alone."""
    # `localifdown` makes the rule as if it were not there
    return Enrolment(CODE, Truth.UNKNOWN, Truth.UNKNOWN, truth("localifdown" in question.arguments), _file(question))


def auth(question: Question) -> Reply:
    path = _file(question)
    data = None if path is None else question.conf.read(path)
    if data is None:
        return Says(refused(f"{path or _DEFAULTS[0]} is not there", Code.ABORT))
    if isinstance(data, bytes) and not any(line.strip() == b"server" for line in data.split(b"\n")):
        return Says(refused(f"{path} names no server", Code.AUTHINFO_UNAVAIL))
    right, wrong = either(_REFUSED | {Code.SUCCESS}, _DOUBT), either(_REFUSED, _DOUBT)
    ways = ((_PASSWORD,), (_CODE,), (_PASSWORD, _CODE))
    use = "use_first_pass" in question.arguments
    return Asks(
        tuple(Case(way, right, keeps=Keeps.TEXT) for way in ways),
        wrong,
        First.IGNORED if "force_prompt" in question.arguments else First.ONLY if use else First.INSTEAD,
        without=refused("no module before it has asked"),
        keeps=Keeps.TEXT,
    )


def lapses(question: Question) -> tuple[Lapse, ...]:
    """While the server is away it refuses everybody, or with `localifdown` nobody."""
    code = Code.IGNORE if "localifdown" in question.arguments else Code.AUTHINFO_UNAVAIL
    away = refused("its server is away", code)
    told = auth(question)
    if not isinstance(told, Asks):
        return ()
    return (Lapse(_AWAY, Asks((), away, told.first, told.without, keeps=Keeps.TEXT)),)


def _file(question: Question) -> str | None:
    named = option(question.arguments, "conf")
    if named is not None:
        return named
    return next((path for path in _DEFAULTS if question.conf.read(path) is not None), None)
