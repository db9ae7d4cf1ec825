"""PAM's account stage: does it let an account in that has shown who it is?"""

from __future__ import annotations

from collections.abc import Iterator

from hygiene.model import Truth
from hygiene.openssh.connection import Source
from hygiene.openssh.permissions import YES, Judgement
from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Way, ways
from hygiene.pam.modules import access, known, listfile, succeed_if
from hygiene.pam.question import Conf, Person, Question
from hygiene.pam.stack import Kind, Stacks, Stage

# sshd lets in who has to change the password, and has it changed (auth-pam.c, do_pam_account)
_ACCEPTED = frozenset({Code.SUCCESS, Code.NEW_AUTHTOK_REQD})


def account_stage(
    stacks: Stacks,
    person: Person,
    source: Source,
    conf: Conf,
    *,
    by_password: bool = False,
    caller: Person | None = None,
) -> Judgement:
    """Whether PAM's account stage lets the account in from there; the reason of all else names file and line.

    `by_password`: the login went through PAM's own auth stage; a key's does not.
    """
    if stacks.failed is not None:
        return Judgement(Truth.NO, f"PAM does not start: {stacks.failed}")
    if stacks.doubt is not None:
        return Judgement(Truth.UNKNOWN, stacks.doubt)
    question = Question((), person, source, conf, stacks.service, by_password=by_password, caller=caller)
    return _judged(ways(stacks.rules(Stage.ACCOUNT), known.model(known.ACCOUNT, question)))


def _judged(found: tuple[Way, ...]) -> Judgement:
    in_doubt = [way for way in found if way.code is None]
    refused = [way for way in found if way.code is not None and way.code not in _ACCEPTED]
    if not in_doubt and not refused:
        return YES
    if not in_doubt and len(refused) == len(found):
        return Judgement(Truth.NO, refused[0].why)
    reasons = [way.doubt for way in (*refused, *in_doubt) if way.doubt is not None]
    return Judgement(Truth.UNKNOWN, reasons[0] if reasons else "it is not known")


def places(stacks: Stacks, conf: Conf) -> tuple[str, ...]:
    """The networks and addresses that both stages tell apart, each as a pattern of sshd: `10.0.0.0/8`."""
    return tuple(dict.fromkeys(_places(stacks, conf)))


def _places(stacks: Stacks, conf: Conf) -> Iterator[str]:
    for stage in (Stage.ACCOUNT, Stage.AUTH):
        for rule in stacks.rules(stage):
            if rule.kind is not Kind.MODULE:
                continue
            match rule.module.rpartition("/")[2]:
                case "pam_access.so":
                    yield from access.origins(rule.arguments, conf)
                case "pam_listfile.so":
                    yield from listfile.origins(rule.arguments, conf)
                case "pam_succeed_if.so":
                    yield from succeed_if.origins(rule.arguments)
