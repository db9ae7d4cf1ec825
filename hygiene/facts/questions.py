"""What a host is asked when its evidence is in, and what its answers say beside the rest of the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from hygiene.facts.expectations import LOGIN, METHODS, NONE, Expectations, daemon_at
from hygiene.facts.seen import Seen
from hygiene.model import (
    Account,
    AfterKey,
    Answers,
    Evidence,
    Gap,
    HostFacts,
    KeyAnswer,
    Probe,
    Query,
    Question,
    Status,
    Truth,
)
from hygiene.openssh import algorithms, authorized_keys
from hygiene.openssh.keys import PublicKey
from hygiene.openssh.patterns import match_list

PROBE: Final = "probe"  # the area of gaps of hosts that were to be asked and were not
_MOST: Final = 3  # each query that is refused is a failed login in the host's log
_BESIDES: Final = tuple(name for name in METHODS if name != NONE)
_METHOD_DETAIL: Final = {Truth.YES: "offered", Truth.NO: "not offered"}
_KEY_DETAIL: Final = {Truth.YES: "a signature was asked for", Truth.NO: "refused"}


def question(evidence: Evidence, rows: HostFacts) -> Question | str:
    """Give what to ask a host, by its own evidence and the rows that it gives; else why there is nothing to ask.

    One account, since sshd hangs up when the name changes: one where our own key may not be enough alone, else root,
    else the one with the most keys to ask about. First keys that should be refused or of which we do not know, then one
    that should do; last our own, where a login with it tells more than that of the collection did.
    """
    if evidence.status not in (Status.COMPLETE, Status.PARTIAL) or not rows.settings:
        return "what its daemon is set to was not seen"
    daemon = daemon_at(rows, evidence.target.port)
    if daemon is None:
        return f"it runs several daemons, and which of them answers at port {evidence.target.port} is not known"
    expected = Expectations(rows, daemon)
    accounts = expected.accounts()
    if not accounts:
        return "there is no account that is certain to be closed to those who show nothing"
    account = min(accounts, key=lambda account: _order(account, expected))
    most = expected.most_refusals(account.account)
    signed = _signed(evidence, rows, expected, account.account) if most > 0 else None
    queries = _queries(evidence, rows, expected, account.account, min(_MOST, most - (signed is not None)))
    return Question(account.account, queries, signed)


def answered(rows: HostFacts, evidence: Evidence) -> HostFacts:
    """Add to the rows of a host what it answered, and a gap where it was to be asked and was not."""
    answers = evidence.answers
    if answers is None:
        return rows
    gaps = rows.gaps
    if answers.problem:
        what = "was not asked what it accepts" if answers.user is None else "was not asked to the end what it accepts"
        host = rows.host.host
        gaps = (*gaps, Gap(host, host, PROBE, f"{what}: {answers.problem}"))
    if answers.user is None:
        return replace(rows, gaps=gaps)
    expected = Expectations(rows, daemon_at(rows, evidence.target.port) or "sshd")
    probes = (*_methods(rows.host.host, answers.user, answers, expected),)
    probes += (*_keys(rows.host.host, answers.user, answers, expected),)
    if answers.signed is not None:
        probes += (*_after_key(rows.host.host, answers.user, answers.signed, expected),)
    return replace(rows, probes=probes, gaps=gaps)


# ---------------------------------------------------------------- what to ask


def _order(account: Account, expected: Expectations) -> tuple[bool, bool, int, bool]:
    keys = len(expected.keys(account.account))
    more = expected.our_key(account.account) is not None and expected.asks_for_more(account.account)
    return (not more, not (account.uid == 0 and keys), -keys, account.uid != 0)


def _signed(evidence: Evidence, rows: HostFacts, expected: Expectations, account: str) -> Query | None:
    """Our own key, where a login with it tells something: it was not what the collection did, or may not be enough.

    Not a security key, whose touch would be asked for once more.
    """
    ours = expected.our_key(account)
    if ours is None or (account == rows.host.login_user and not expected.asks_for_more(account)):
        return None
    key = _public_keys(evidence, expected, account, [ours]).get(ours)
    if key is None or key.type.startswith("sk-"):
        return None
    return Query(ours, _algorithm(key, expected.algorithms(account)), key.blob)


def _queries(evidence: Evidence, rows: HostFacts, expected: Expectations, account: str, most: int) -> tuple[Query, ...]:
    keys = expected.keys(account)
    # our own key has just let us in
    good = sorted((key for key, truth in keys.items() if truth is Truth.YES), key=lambda key: _is_ours(key, rows))[:1]
    doubtful = [key for truth in (Truth.NO, Truth.UNKNOWN) for key, its in keys.items() if its is truth]
    wanted = [*doubtful[: max(1, most - len(good))], *good][: max(0, most)]
    public = _public_keys(evidence, expected, account, wanted)
    accepted = expected.algorithms(account)
    return tuple(Query(key, _algorithm(public[key], accepted), public[key].blob) for key in wanted if key in public)


def _is_ours(fingerprint: str, rows: HostFacts) -> bool:
    return fingerprint == rows.host.login_fingerprint


def _public_keys(
    evidence: Evidence, expected: Expectations, account: str, wanted: Sequence[str]
) -> dict[str, PublicKey]:
    """The keys themselves, from the files in the evidence."""
    transcript = Seen.of(evidence).transcript
    found: dict[str, PublicKey] = {}
    for path in dict.fromkeys(grant.file for key in wanted for grant in expected.lines(account, key)):
        frame = transcript.file("akeys", path.encode("utf-8", "surrogateescape"))
        for line in authorized_keys.parse(frame.data, None) if frame is not None else ():
            if line.key is not None and not line.key.is_certificate and line.key.fingerprint in wanted:
                found.setdefault(line.key.fingerprint, line.key)
    return found


def _algorithm(key: PublicKey, accepted: str | None) -> str:
    """The best algorithm of a key that the daemon takes; the best of all when it takes none."""
    names = algorithms.signing(key)
    return next((name for name in names if accepted is not None and match_list(name, accepted)), names[0])


# ---------------------------------------------------------------- what was answered


def _methods(host: str, account: str, answers: Answers, expected: Expectations) -> Iterator[Probe]:
    offered = (NONE,) if answers.entered else answers.methods
    if offered is None:
        return
    # whoever is let in without a word learns nothing of the other methods
    names = (NONE,) if answers.entered else dict.fromkeys((*METHODS, *offered))
    for name in names:
        observed = Truth.YES if name in offered else Truth.NO
        detail = _METHOD_DETAIL[observed] if name != NONE else "the account was open" if answers.entered else "refused"
        yield Probe(host, expected.daemon, account, name, expected.method(account, name), observed, detail)


def _keys(host: str, account: str, answers: Answers, expected: Expectations) -> Iterator[Probe]:
    known = expected.keys(account)
    for fingerprint, accepted in answers.keys:
        observed = Truth.YES if accepted else Truth.NO
        detail = _KEY_DETAIL[observed]
        for grant in expected.lines(account, fingerprint)[:1]:
            detail += f"; {grant.file}:{grant.line} " + (grant.reason or "lets in")
        yield Probe(
            host, expected.daemon, account, fingerprint, known.get(fingerprint, Truth.UNKNOWN), observed, detail
        )


def _after_key(host: str, account: str, answer: KeyAnswer, expected: Expectations) -> Iterator[Probe]:
    """What became of a login with our own key, and what is offered behind it."""
    ours = answer.fingerprint

    def probe(what: str, truth: Truth, seen: bool, detail: str) -> Probe:
        return Probe(host, expected.daemon, account, what, truth, Truth.YES if seen else Truth.NO, detail, ours)

    besides = f"{', '.join(answer.methods) or 'nothing'} is asked for besides"
    detail = {AfterKey.ENTERED: "it entered", AfterKey.MORE: besides, AfterKey.REFUSED: "refused"}[answer.became]
    yield probe(ours, expected.our_signature(account), answer.became is not AfterKey.REFUSED, detail)
    alone = expected.login(account)
    yield probe(LOGIN, alone, answer.became is AfterKey.ENTERED, detail)
    if answer.became is AfterKey.MORE and alone is not Truth.YES:
        for name in dict.fromkeys((*_BESIDES, *answer.methods)):
            seen = name in answer.methods
            yield probe(name, expected.behind_key(account, name), seen, _METHOD_DETAIL[Truth.YES if seen else Truth.NO])
