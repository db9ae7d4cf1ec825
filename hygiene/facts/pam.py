"""PAM as the files of a host have it: what its stacks say of an account, and which credentials they take."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from hygiene.accounts.passwd import PasswdEntry
from hygiene.accounts.shadow import UNKNOWN
from hygiene.factors.door import NOT_SEEN
from hygiene.facts.accounts import People, Person
from hygiene.facts.ledger import Ledger
from hygiene.facts.pam_conf import DROPPED, conf
from hygiene.facts.seen import Seen, plain
from hygiene.model import AreaName, Truth
from hygiene.openssh.connection import Source
from hygiene.openssh.permissions import Judgement
from hygiene.pam import account
from hygiene.pam.auth import Credentials, Pass, auth_stage
from hygiene.pam.modules import unix
from hygiene.pam.question import SHADOW_UNSEEN, Conf, Conversation
from hygiene.pam.question import Person as Asked
from hygiene.pam.stack import FOLDERS, Stacks, Stage, read
from hygiene.pam.tokens import TokenRule, token_rules

_NOLOGIN = ("/etc/nologin", "/var/run/nologin", "/run/nologin")
_NOLOGIN_THERE = "a nologin file is there"
_NOT_SEEN = Judgement(Truth.UNKNOWN, "the PAM files were not seen")
_NOT_WHOLE = "the evidence is not whole"
# modules that ask of an account no more than its ages, its password's state, and whether it is local or root
_ALIKE = frozenset({"", *(f"pam_{name}.so" for name in ("unix", "nologin", "permit", "deny", "localuser"))})
# those of the auth stage that ask for no more than that either
_ALIKE_AUTH = _ALIKE | {f"pam_{name}.so" for name in ("cap", "env", "faildelay", "faillock", "group", "rootok")}
_BY_SOURCE = frozenset(f"pam_{name}.so" for name in ("access", "listfile", "succeed_if"))
_BY_CALLER = frozenset(f"pam_{name}.so" for name in ("listfile", "succeed_if", "wheel"))


class Pam:
    """The PAM files of one host; what many accounts share is worked out once."""

    def __init__(self, seen: Seen, people: People, ledger: Ledger) -> None:
        self._people = people
        self._debian = _is_debian(seen)
        self._files = _files(seen, ledger)
        self._whole = seen.transcript.complete  # a file that did not come may still be there
        self._conf = conf(seen)
        self.nologin = _nologin(seen, ledger)
        self._stacks: dict[str, Stacks] = {}
        self._judgements: dict[Hashable, Judgement] = {}
        self._credentials: dict[Hashable, Credentials] = {}
        self._tokens: dict[tuple[str, str], tuple[TokenRule, ...]] = {}

    def stage(
        self,
        service: str,
        person: Person,
        source: Source,
        *,
        by_password: bool = False,
        caller: Person | None = None,
    ) -> Judgement:
        """What the account stage of a service says of an account that comes from somewhere.

        `by_password`: it has passed PAM's auth stage before, which a key does not. `caller`: who runs sudo or su.
        """
        if self._files is None:
            return _NOT_SEEN
        if not self._whole:
            return Judgement(Truth.UNKNOWN, _NOT_WHOLE)
        stacks, asked = self._stack(service), self._asked(person)
        who = _who(asked) if self._is_alike(stacks, Stage.ACCOUNT, _ALIKE) else (person.name, source)
        key = (service, by_password, who, _by_caller(stacks, Stage.ACCOUNT, caller))
        if key not in self._judgements:
            by = self._asked(caller) if caller is not None else None
            self._judgements[key] = self._judged(stacks, asked, source, by_password, by)
        return self._judgements[key]

    def credentials(
        self,
        service: str,
        person: Person,
        source: Source,
        *,
        allow_empty: bool = False,
        conversation: Conversation = Conversation.EACH,
        caller: Person | None = None,
    ) -> Credentials:
        """What the auth stage of a service takes of an account that comes from somewhere; see `auth_stage`."""
        if self._files is None:
            return NOT_SEEN
        if not self._whole:
            return Credentials((), (Pass(frozenset()),), _NOT_WHOLE)
        stacks, asked = self._stack(service), self._asked(person)
        modules = {rule.module.rpartition("/")[2] for rule in stacks.rules(Stage.AUTH)}
        who = _who(asked) if self._is_alike(stacks, Stage.AUTH, _ALIKE_AUTH) else person.name
        where = source if modules & _BY_SOURCE else None
        key = (service, who, where, allow_empty, conversation, _by_caller(stacks, Stage.AUTH, caller))
        if key not in self._credentials:
            self._credentials[key] = auth_stage(
                stacks,
                asked,
                source,
                self._with_nologin(Truth.NO),  # the file goes away again
                allow_empty=allow_empty,
                conversation=conversation,
                caller=self._asked(caller) if caller is not None else None,
            )
        return self._credentials[key]

    def has(self, service: str) -> bool:
        """Whether a service has a file of its own; `other` stands in for one that has none."""
        return any(f"{folder}/{service}" in (self._files or {}) for folder in FOLDERS)

    def tokens(self, service: str, person: Person) -> tuple[TokenRule, ...]:
        """The rules of a service that ask the account for more than a password; none where they were not seen."""
        if self._files is None or not self._whole:
            return ()
        key = (service, person.name)
        if key not in self._tokens:
            found = token_rules(self._stack(service), self._asked(person), self._conf)
            self._tokens = {key: found}  # asked for at each place of the account, then never again
        return self._tokens[key]

    def places(self, service: str) -> tuple[str, ...]:
        """The networks and addresses that the stages of a service tell apart."""
        return () if self._files is None else account.places(self._stack(service), self._conf)

    # ------------------------------------------------------------ inside

    @staticmethod
    def _is_alike(stacks: Stacks, stage: Stage, modules: frozenset[str]) -> bool:
        # with file= pam_localuser asks for the account's name
        return all(
            rule.module in modules and not any("file=" in word for word in rule.arguments)
            for rule in stacks.rules(stage)
        )

    def _judged(
        self, stacks: Stacks, asked: Asked, source: Source, by_password: bool, caller: Asked | None
    ) -> Judgement:
        def judged(nologin: Truth) -> Judgement:
            conf_ = self._with_nologin(nologin)
            return account.account_stage(stacks, asked, source, conf_, by_password=by_password, caller=caller)

        answer = judged(Truth.NO)
        if self.nologin is Truth.NO or answer.answer is Truth.NO:
            return answer
        # the file goes away again, so while it is there nothing is certain
        shut = judged(Truth.YES)
        if shut.answer is answer.answer:
            return answer
        there = self.nologin is Truth.YES
        reason = _NOLOGIN_THERE if there else "whether a nologin file is there is not known"
        return Judgement(Truth.UNKNOWN, reason)

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
            unix.ages(person.aging, shadowed=_shadowed(entry), seen=known, day=people.day)
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


def _by_caller(stacks: Stacks, stage: Stage, caller: Person | None) -> Hashable:
    """What the modules of a stack tell those apart by who run sudo or su."""
    if caller is None:
        return None
    modules = {rule.module.rpartition("/")[2] for rule in stacks.rules(stage)}
    return caller.name if modules & _BY_CALLER else caller.entry.uid == 0


def _shadowed(entry: PasswdEntry) -> bool | None:
    """Whether passwd sends pam_unix to shadow; None where its field was not understood."""
    return None if entry.password == UNKNOWN else entry.password is None


def _who(asked: Asked) -> Hashable:
    """What the modules that `_ALIKE` names tell accounts apart by."""
    return asked.shadow, asked.password, asked.local, asked.uid == 0


def _files(seen: Seen, ledger: Ledger) -> dict[str, bytes | None] | None:
    area = AreaName.PAM
    frames = seen.transcript.all("pam")
    if not frames:
        if seen.transcript.complete and seen.folders.get(b"/etc/pam.d", "absent") == "absent":
            ledger.absent(area)
        else:
            ledger.unseen(area, "the PAM files were not seen")
        return None
    if seen.folders.get(b"/etc/pam.d", "ok") not in ("ok", "absent"):
        ledger.unseen(area, "/etc/pam.d could not be listed: which files PAM reads is not known")
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
