"""Modules that say the same to everybody, or ask one thing only."""

from __future__ import annotations

from hygiene.model import Truth
from hygiene.pam.codes import Code
from hygiene.pam.question import Answer, Question, either, sure

_DEFAULT_UID_MIN = 1000
_NOBODY = 65534  # PAM_USERTYPE_OVERFLOW_UID
_UID_LIMIT = 2**32 - 1
_LOGIN_DEFS = "/etc/login.defs"
_FAILLOCK_CONF = "/etc/security/faillock.conf"
_SEPERMIT_CONF = "/etc/security/sepermit.conf"


def permit(_: Question) -> Answer:
    return sure(Code.SUCCESS)


def deny(_: Question) -> Answer:
    return sure(Code.AUTH_ERR)


def ignore(_: Question) -> Answer:
    return sure(Code.IGNORE)


def inappropriate(_: Question) -> Answer:
    """pam_env in the account stage: it says itself that it does not belong there."""
    return sure(Code.SERVICE_ERR, "the module has nothing to say in this stage")


def missing(_: Question) -> Answer:
    """A module without a function for the stage, or one that is not there: libpam finds nothing to call."""
    return sure(Code.MODULE_UNKNOWN, "the module is not there, or not made for this stage")


def debug(question: Question) -> Answer:
    """pam_debug: the first `acct=` (or `auth=`) names the code."""
    prefix = "auth=" if question.in_auth else "acct="
    word = next((text.removeprefix(prefix) for text in question.arguments if text.startswith(prefix)), "success")
    code = Code[word.upper()] if word.islower() and word.upper() in Code.__members__ else Code.SUCCESS
    return sure(code, None if code is Code.SUCCESS else f"it says {word}")


def nologin(question: Question) -> Answer:
    """pam_nologin: a nologin file stops all but uid 0."""
    without = Code.SUCCESS if "successok" in question.arguments else Code.IGNORE
    if question.person.uid == 0:
        return sure(without)
    file = _option(question.arguments, "file=")
    there: bool | None
    if file is None:
        what, there = "a nologin file", _known(question.conf.nologin)
    else:
        data = question.conf.read(file)
        what, there = file, None if isinstance(data, str) else data is not None
    if there is None:
        return either({without, Code.AUTH_ERR}, f"whether {what} is there is not known", f"{what} is there")
    return sure(Code.AUTH_ERR, f"{what} is there") if there else sure(without)


def localuser(question: Question) -> Answer:
    """pam_localuser: is there a line for the name in /etc/passwd, or in `file=`?"""
    person = question.person
    there: bool | None
    file = _option(question.arguments, "file=") or "/etc/passwd"
    if file == "/etc/passwd":
        there = person.local
    else:
        data = question.conf.read(file)
        if data is None:
            # 1.4 and newer; before it was a system error
            return either({Code.SERVICE_ERR, Code.SYSTEM_ERR}, "which version this is is not known", f"no {file}")
        name = f"{person.name}:".encode("utf-8", "surrogateescape")
        there = None if isinstance(data, str) else any(line.startswith(name) for line in data.split(b"\n"))
    if there is None:
        doubt = f"whether the account stands in {file} is not known"
        return either({Code.SUCCESS, Code.PERM_DENIED, Code.SERVICE_ERR}, doubt, f"the account is not in {file}")
    return sure(Code.SUCCESS) if there else sure(Code.PERM_DENIED, f"the account is not in {file}")


def shells(question: Question) -> Answer:
    """pam_shells: the account's shell has a line of its own in /etc/shells."""
    shell, file = question.person.shell or "/bin/sh", "/etc/shells"
    why = f"{shell} is not in {file}"
    data = question.conf.read(file)
    # openSUSE's build reads files of the vendor too, so that a missing line is certain nowhere else
    if isinstance(data, str) or data is None:
        doubt = data if isinstance(data, str) else f"{file} is not there, and a file of the vendor was not seen"
        return either({Code.SUCCESS, Code.AUTH_ERR}, doubt, why)
    if file in question.conf.open_to_all:
        return sure(Code.AUTH_ERR, f"{file} can be written by everybody")
    wanted = shell.encode("utf-8", "surrogateescape")
    return sure(Code.SUCCESS) if wanted.startswith(b"/") and wanted in data.split(b"\n") else sure(Code.AUTH_ERR, why)


def usertype(question: Question) -> Answer:
    """pam_usertype: is the uid below UID_MIN and not above SYS_UID_MAX of login.defs?"""
    operations = [argument for argument in question.arguments if argument in ("issystem", "isregular")]
    if not operations:
        return sure(Code.SERVICE_ERR, "neither issystem nor isregular is given")
    uid = 0 if "use_uid" in question.arguments else question.person.uid
    if uid == _UID_LIMIT:
        return sure(Code.USER_UNKNOWN, "the uid is not one")
    system = _is_system(question, uid)
    if system is None:
        return either({Code.SUCCESS, Code.AUTH_ERR}, f"{_LOGIN_DEFS} was not seen", "the uid is not of that kind")
    fits = system == (operations[-1] == "issystem")
    return sure(Code.SUCCESS) if fits else sure(Code.AUTH_ERR, f"the uid is {'' if system else 'not '}a system's")


def _is_system(question: Question, uid: int) -> bool | None:
    if uid in (0, _NOBODY):
        return True
    data = question.conf.read(_LOGIN_DEFS)
    if isinstance(data, str):
        return None
    least = _defined(data or b"", b"UID_MIN", _DEFAULT_UID_MIN)
    most = _defined(data or b"", b"SYS_UID_MAX", least - 1)
    return uid <= most and uid < least


def _defined(data: bytes, key: bytes, default: int) -> int:
    """A number of login.defs, as pam_modutil_search_key finds it: the first line with the key."""
    for line in data.split(b"\n"):
        words = line.partition(b"#")[0].split(None, 1)
        if words and words[0].upper() == key:  # strcasecmp
            value = words[1].strip() if len(words) > 1 else b""
            return int(value) if value.isdigit() and len(value) < 10 else default
    return default


def rootok(question: Question) -> Answer:
    """pam_rootok: sshd's own uid is 0, whoever logs in, and su's is its caller's; only SELinux can object."""
    if question.caller is not None and question.caller.uid != 0:
        return sure(Code.AUTH_ERR, "who runs it is not root")
    return either({Code.SUCCESS, Code.AUTH_ERR}, "whether SELinux objects is not known")


def faillock(question: Question) -> Answer:
    """pam_faillock in the account stage: it counts back to zero and refuses nobody."""
    file = _option(question.arguments, "conf=")
    data = question.conf.read(file or _FAILLOCK_CONF)
    if file is not None and not isinstance(data, bytes):
        why = f"{file} is not there"
        return sure(Code.SERVICE_ERR, why) if data is None else either({Code.SUCCESS, Code.SERVICE_ERR}, data, why)
    return sure(Code.SUCCESS)


def faillock_auth(question: Question) -> Answer:
    """pam_faillock in the auth stage, of an account that is not locked just now, as no lock is for ever."""
    answer = faillock(question)
    if len(answer) == 1 and answer[0].code is Code.SUCCESS and "authfail" in question.arguments:
        return sure(Code.IGNORE)
    return answer


def lastlog(question: Question) -> Answer:
    """pam_lastlog: refuses who has not logged in for long; PAM 1.7 of Debian has it no more."""
    codes = {Code.SUCCESS, Code.MODULE_UNKNOWN}
    if question.person.uid != 0:
        codes |= {Code.IGNORE, Code.AUTH_ERR}
    return either(codes, "when the account logged in last is not known", "nobody has logged in for too long")


def sepermit(question: Question) -> Answer:
    """pam_sepermit: an account that its file names is let in while SELinux enforces, and refused while it does not."""
    file = _option(question.arguments, "conf=") or _SEPERMIT_CONF
    data = question.conf.read(file)
    if data is None:
        return sure(Code.SERVICE_ERR, f"{file} is not there")
    every = {Code.SUCCESS, Code.IGNORE, Code.AUTH_ERR}
    why = f"{file} names the account"
    if isinstance(data, str):
        return either({*every, Code.SERVICE_ERR}, data, why)
    for line in data.decode("utf-8", "backslashreplace").split("\n"):
        name = line.strip().partition(":")[0]
        if line.startswith("#") or not name:
            continue
        group = question.is_in(name[1:]) if name.startswith("@") else False
        if name.startswith("%") or group is None or group or name == question.person.name:
            return either(every, "what SELinux says of the account is not known", why)
    return sure(Code.IGNORE)


def _option(arguments: tuple[str, ...], prefix: str) -> str | None:
    """The last value that is given."""
    return next((text.removeprefix(prefix) for text in reversed(arguments) if text.startswith(prefix)), None)


def _known(truth: Truth) -> bool | None:
    return None if truth is Truth.UNKNOWN else truth is Truth.YES
