"""Whether some other host can vouch for somebody as an account (auth2-hostbased.c, auth-rhosts.c).

Two things have to come together: a file lets a user of that host in, and the host's key is known under the name by
which sshd looks it up. That name is an address unless UseDNS is on or the client may name itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hygiene.model import Truth
from hygiene.openssh.equiv import Entry, Equiv, canonical
from hygiene.openssh.keys import PublicKey
from hygiene.openssh.known_keys import KnownFile, Marker
from hygiene.openssh.permissions import YES, Judgement, worst

Takes = Callable[[PublicKey, bool], Judgement]  # a key, or an authority's: whether sshd takes a signature with it


@dataclass(slots=True)
class Budget:
    """How many names and lines are still compared for all accounts of a host: beyond it nothing is said."""

    left: int = 300_000  # some 3 s

    def spend(self, work: int) -> bool:
        """Take so many of them; False when they are used up."""
        self.left -= work
        return self.left >= 0


@dataclass(frozen=True, slots=True)
class Naming:
    """By what name sshd knows a host that connects; None: not known."""

    from_packet: bool | None  # HostbasedUsesNameFromPacketOnly: the one that the client gives
    use_dns: bool | None  # the name of its address, else the address itself


@dataclass(frozen=True, slots=True)
class KnownPair:
    """The system's and the account's file, which are read together. A judgement stands for one that was not seen."""

    system: KnownFile | Judgement | None  # None: it is not there, or is not read
    account: KnownFile | Judgement | None

    def files(self) -> Iterator[KnownFile]:
        return (each for each in (self.system, self.account) if isinstance(each, KnownFile))

    def doubt(self) -> Judgement | None:
        """Why there may be more lines than were seen."""
        for each in (self.system, self.account):
            if isinstance(each, Judgement):
                return each
            if each is not None and each.cut:
                return Judgement(Truth.UNKNOWN, f"{each.path} holds lines that were not collected")
        return None


@dataclass(frozen=True, slots=True)
class Lists:
    """The files that may name hosts for an account, in their order, and why one of them is not known."""

    files: tuple[Equiv, ...]
    doubts: tuple[Judgement, ...] = ()


def judge(
    account: str, lists: Lists, pairs: Sequence[KnownPair], naming: Naming, takes: Takes, budget: Budget
) -> Judgement:
    """Judge whether some host can vouch for some user of it. The reason of a yes names the first one found.

    `pairs` are the files of known hosts, and those that are read where these know nothing of a host.
    """
    if not lists.doubts and not any(file.named for file in lists.files):
        return Judgement(Truth.NO, "no file names a host that may vouch for the account")
    knows = _any_key(pairs)
    if knows.answer is Truth.NO:
        return knows
    if naming.from_packet is None:
        return Judgement(Truth.UNKNOWN, "HostbasedUsesNameFromPacketOnly is not known")
    if naming.use_dns is None and not naming.from_packet:
        return Judgement(Truth.UNKNOWN, "UseDNS is not known")
    why: Judgement | None = lists.doubts[0] if lists.doubts else None
    first_no: Judgement | None = None
    tried: set[tuple[str, str | None]] = set()
    work = sum(known.work for pair in pairs for known in pair.files()) + 1
    for file, entry in ((each, entry) for each in lists.files for entry in each.named):
        if (entry.host.lower(), entry.user) in tried and not entry.groups:
            continue
        tried.add((entry.host.lower(), entry.user))
        if not budget.spend(work):
            return Judgement(Truth.UNKNOWN, "there are more names of hosts and of known keys than are compared")
        answer = _one(_Asked(account, lists, pairs, naming, takes), file, entry)
        if answer.answer is Truth.YES:
            return answer
        if answer.answer is Truth.UNKNOWN:
            why = why or answer
        first_no = first_no or answer
    return why or first_no or Judgement(Truth.NO, "no file names a host that may vouch for the account")


@dataclass(frozen=True, slots=True)
class _Asked:
    account: str
    lists: Lists
    pairs: Sequence[KnownPair]
    naming: Naming
    takes: Takes


def _one(asked: _Asked, file: Equiv, entry: Entry) -> Judgement:
    naming, user = asked.naming, asked.account if entry.user is None else entry.user
    place = f"{file.path}:{entry.line}"
    if entry.groups:
        what = "was not collected" if not entry.host else "names a netgroup, whose members are not known"
        return Judgement(Truth.UNKNOWN, f"{place} {what}")
    address = canonical(entry.host)
    by_address = not naming.from_packet and not naming.use_dns
    if by_address and address is None:
        return Judgement(Truth.NO, f"{place} names {entry.host}, and with UseDNS no only addresses are compared")
    name = entry.host if naming.from_packet else entry.host.lower()
    allowed = _allowed(asked, name, user, address_known=bool(naming.from_packet) or by_address)
    # a client that names itself may write its name as it likes
    known = [_known(each, asked.pairs, asked.takes) for each in dict.fromkeys((name, name.lower()))]
    found = worst([allowed, next((each for each in known if each.answer is Truth.YES), known[0])])
    if naming.use_dns and not naming.from_packet and address is not None:
        # the address has another name, under which its key is looked up, unless DNS does not know it
        reason = f"{place} names an address, and under what name UseDNS knows it is not known"
        return Judgement(Truth.UNKNOWN, reason)
    if found.answer is Truth.YES:
        return Judgement(Truth.YES, f"{entry.host} vouches for its user {user} by {place}")
    return Judgement(found.answer, f"{place}: {found.reason}")


def _allowed(asked: _Asked, host: str, user: str, *, address_known: bool) -> Judgement:
    files = asked.lists.files
    answers = {file.lets_in(asked.account, host, user, address_known=address_known) for file in files}
    if Truth.YES in answers:
        return YES
    if Truth.UNKNOWN in answers or asked.lists.doubts:
        return Judgement(Truth.UNKNOWN, f"whether a line before it keeps {user} of {host} out is not known")
    return Judgement(Truth.NO, f"a line before it keeps {user} of {host} out")


def _known(host: str, pairs: Sequence[KnownPair], takes: Takes) -> Judgement:
    """check_key_in_hostfiles() in auth.c: the second pair is asked for a key where the first knows none at all."""
    answers: list[Judgement] = []
    revoked: set[bytes] = set()
    plain = False
    for pair in pairs:
        lines = [line for file in pair.files() for line in file.of(host)]
        revoked |= {line.key.blob for line in lines if line.marker is Marker.REVOKED}
        for line in lines:
            if line.marker is Marker.REVOKED or (plain and line.marker is Marker.NONE):
                continue
            if line.key.blob in revoked:
                answers.append(Judgement(Truth.NO, f"the key of {host} is revoked where it is known"))
            else:
                answers.append(takes(line.key, line.marker is Marker.AUTHORITY))
        plain = plain or any(line.marker is Marker.NONE for line in lines)
    doubt = next((doubt for pair in pairs if (doubt := pair.doubt()) is not None), None)
    if any(answer.answer is Truth.YES for answer in answers):
        return doubt or YES  # a line that was not seen may revoke the key
    unclear = next((answer for answer in answers if answer.answer is Truth.UNKNOWN), doubt)
    if unclear is not None:
        return unclear
    return answers[0] if answers else Judgement(Truth.NO, f"no key of {host} is known")


def _any_key(pairs: Sequence[KnownPair]) -> Judgement:
    """Whether any host at all could show a key."""
    doubt = next((doubt for pair in pairs if (doubt := pair.doubt()) is not None), None)
    if doubt is not None:
        return doubt
    if not any(file.knows for pair in pairs for file in pair.files()):
        return Judgement(Truth.NO, "no key of another host is known")
    return YES
