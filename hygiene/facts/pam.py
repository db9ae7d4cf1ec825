"""PAM as the files of a host have it: what its stacks say of an account, in the account stage."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from hygiene.facts.accounts import People, Person
from hygiene.facts.ledger import Ledger
from hygiene.facts.pam_conf import DROPPED, conf
from hygiene.facts.seen import Seen, plain
from hygiene.model import AreaName, Truth
from hygiene.openssh.connection import Source
from hygiene.openssh.permissions import Judgement
from hygiene.pam import account
from hygiene.pam.modules import unix
from hygiene.pam.plain import NOT_SEEN, PlainPam, recognise
from hygiene.pam.question import SHADOW_UNSEEN, Conf
from hygiene.pam.question import Person as Asked
from hygiene.pam.stack import Stacks, Stage, read

AccountStage = Callable[[Person, Source], Judgement]

_FOLDERS = (b"/etc/pam.d/", b"/usr/lib/pam.d/")
_NOLOGIN = ("/etc/nologin", "/var/run/nologin", "/run/nologin")
_NOLOGIN_THERE = "a nologin file is there"
_NOT_SEEN = Judgement(Truth.UNKNOWN, "the PAM files were not seen")
# modules that ask of an account no more than its ages, its password's state, and whether it is local or root
_ALIKE = frozenset({"", *(f"pam_{name}.so" for name in ("unix", "nologin", "permit", "deny", "localuser"))})
_NOT_WHOLE = Judgement(Truth.UNKNOWN, "the evidence is not whole")


class Pam:
    """The PAM files of one host."""

    def __init__(self, seen: Seen, people: People, ledger: Ledger) -> None:
        self._people = people
        self._debian = _is_debian(seen)
        self._files = _files(seen, ledger)
        self._whole = seen.transcript.complete  # a file that did not come may still be there
        self._conf = conf(seen)
        self.nologin = _nologin(seen, ledger)
        self._stacks: dict[str, Stacks] = {}
        self.plain = NOT_SEEN if self._files is None else self._recognised(ledger)

    def stage(self, service: str) -> AccountStage:
        """What the account stage of a service says of an account that comes from somewhere."""

        known: dict[Hashable, Judgement] = {}

        def judge(person: Person, source: Source) -> Judgement:
            if self._files is None:
                return _NOT_SEEN
            if not self._whole:
                return _NOT_WHOLE
            stacks, asked = self._stack(service), self._asked(person)
            if not alike:
                return self._judged(stacks, asked, source)
            key = (asked.shadow, asked.password, asked.local, asked.uid == 0)
            if key not in known:
                known[key] = self._judged(stacks, asked, source)
            return known[key]

        rules = self._stack(service).rules(Stage.ACCOUNT) if self._files else ()
        # with file= pam_localuser asks for the account's name
        alike = all(rule.module in _ALIKE and not any("file=" in word for word in rule.arguments) for rule in rules)
        return judge

    def _judged(self, stacks: Stacks, asked: Asked, source: Source) -> Judgement:
        answer = account.account_stage(stacks, asked, source, self._with_nologin(Truth.NO))
        if self.nologin is Truth.NO or answer.answer is Truth.NO:
            return answer
        # the file goes away again, so while it is there nothing is certain
        shut = account.account_stage(stacks, asked, source, self._with_nologin(Truth.YES))
        if shut.answer is answer.answer:
            return answer
        there = self.nologin is Truth.YES
        reason = _NOLOGIN_THERE if there else "whether a nologin file is there is not known"
        return Judgement(Truth.UNKNOWN, reason)

    def places(self, service: str) -> tuple[str, ...]:
        """The networks and addresses that the account stage of a service tells apart."""
        return () if self._files is None else account.places(self._stack(service), self._conf)

    def _stack(self, service: str) -> Stacks:
        if service not in self._stacks:
            self._stacks[service] = read(self._files or {}, service, debian=self._debian)
        return self._stacks[service]

    def _with_nologin(self, there: Truth) -> Conf:
        return replace(self._conf, nologin=there)

    def _asked(self, person: Person) -> Asked:
        entry, people = person.entry, self._people
        known = people.shadow_seen and person.local
        ages = (
            unix.ages(person.aging, shadowed=entry.password is None, seen=known, day=people.day)
            if known or person.aging is not None
            else SHADOW_UNSEEN
        )
        return Asked(
            name=person.name,
            uid=entry.uid,
            gid=entry.gid,
            groups=people.group_names(person),
            home=entry.home,
            shell=entry.shell,
            local=person.local,
            gids=person.membership.gids if people.groups_elsewhere is None else None,
            shadow=ages,
            password=person.password.state,
        )

    def _recognised(self, ledger: Ledger) -> PlainPam:
        files: dict[str, bytes | None] = {}
        for folder in reversed(_FOLDERS):  # /etc/pam.d comes before what the vendor ships
            for path, data in (self._files or {}).items():
                base = path.removeprefix(folder.decode())
                if base != path and "/" not in base:
                    files[base] = data
        pam = recognise(files)
        if pam.auth_reason is not None:
            ledger.doubt(AreaName.PAM, pam.auth_reason)
        return pam


def _files(seen: Seen, ledger: Ledger) -> dict[str, bytes | None] | None:
    area = AreaName.PAM
    frames = seen.transcript.all("pam")
    if not frames:
        if seen.transcript.complete and seen.folders.get(b"/etc/pam.d", "absent") == "absent":
            ledger.absent(area)
        else:
            ledger.unseen(area, "the PAM files were not seen")
        return None
    ledger.seen(area)
    return {
        plain(frame.path): frame.data if frame.status == "ok" and DROPPED not in frame.data else None
        for frame in frames
        if frame.status != "absent"
    }


def _nologin(seen: Seen, ledger: Ledger) -> Truth:
    """Whether a nologin file keeps all but root out."""
    match seen.present(*_NOLOGIN):
        case False:
            return Truth.NO
        case True:
            ledger.doubt(AreaName.PAM, f"{_NOLOGIN_THERE}: who gets in when it is gone is not judged")
            return Truth.YES
        case None:
            ledger.doubt(AreaName.PAM, "whether a nologin file is there is not known")
            return Truth.UNKNOWN


def _is_debian(seen: Seen) -> bool | None:
    """Whether libpam is Debian's; None where os-release(5) does not say so."""
    lines = plain(seen.text("os-release") or b"").lower().splitlines()
    values = [line.partition("=")[2].strip("\"' ") for line in lines if line.startswith(("id=", "id_like="))]
    return any(word in ("debian", "ubuntu", "raspbian") for value in values for word in value.split()) or None
