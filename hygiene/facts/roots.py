"""The ways from the accounts of one host to root: by sudo, and by su with root's own credentials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hygiene.accounts import shadow
from hygiene.accounts.sudoers_asking import SudoAuth
from hygiene.factors import root
from hygiene.factors.root import Climb
from hygiene.facts.accounts import People, Person
from hygiene.facts.grants import SHELL_RUNS
from hygiene.facts.ledger import Ledger
from hygiene.facts.pam import Pam
from hygiene.facts.places import Places
from hygiene.facts.seen import Seen
from hygiene.model import AreaName, LoginPath, PathVerdict, RootBy, RootPath, RootStep, Truth
from hygiene.openssh.permissions import YES, Judgement
from hygiene.pam.question import LOCAL

SUDO = "sudo"
_SU_FILES = ("/usr/bin/su", "/bin/su")
_FOR_LOGINS = ("sudo-i", "su-l")
_OLD_SUDO = "whether this version of sudo leaves out PAM's account stage is not known"
_SU = ("su", "su-l")  # the second one for `su -`, in util-linux
# shells that let nobody run sudo or su, or only those whom their own settings allow it
_NARROW = frozenset({"git-shell", "lshell", "rbash", "rksh", "rssh", "rzsh", "scponly"})


class Roots:
    """The ways to everything as root on one host.

    sudo and su are asked as if they came from `LOCAL`: there is no remote host, and the terminal is not known. A su
    that is there is taken to be setuid, and one that was not looked for to be there.
    """

    def __init__(self, seen: Seen, people: People, pam: Pam) -> None:
        self._pam = pam
        self._has_su = seen.present(*_SU_FILES) is not False
        self._by_name = {person.name: person for person in reversed(people.everybody)}
        self._roots = tuple(person for person in people.everybody if person.entry.is_root)

    def of(self, places: Places, person: Person, paths: Sequence[LoginPath], ledger: Ledger) -> Iterator[RootPath]:
        """The ways through one account; `paths`: those into it through one daemon. What is not known is a gap of it."""
        if person.entry.is_root:
            yield from root.uid0_paths(paths)
            return
        if all(path.via is not None for path in paths):
            return
        found = tuple(root.root_paths(paths, tuple(self._climbs(person)), _session(places, person)))
        told = {*(path.reason for path in paths), person.root.reason, None}
        for path in found:
            if path.verdict is PathVerdict.UNKNOWN and path.reason not in told:
                in_sudo = path.step is RootStep.SUDO and (path.reason or "").startswith("sudoers: ")
                ledger.doubt(AreaName.SUDO if in_sudo else AreaName.PAM, path.reason or "", person.name)
        yield from found

    def _climbs(self, person: Person) -> Iterator[Climb]:
        answer = person.root
        if answer.by is RootBy.UNKNOWN:
            yield root.unknown(RootStep.SUDO, answer.reason or "whether sudo gives everything as root is not known")
        if answer.by is RootBy.SUDO:
            approved = self._pam.stage(SUDO, person, LOCAL, caller=person)
            yield Climb(RootStep.SUDO, approved=approved, notes=("sudo asks for nothing (NOPASSWD)",))
        for way in answer.asks:
            yield from self._authenticated(way, person)
        for target in self._roots if self._has_su else ():
            yield from self._switched(person, target)

    def _authenticated(self, way: SudoAuth, person: Person) -> Iterator[Climb]:
        """Through sudo, by each of the services of PAM among which the account may choose."""
        whom = person if way.account is None else self._by_name.get(way.account)
        if whom is None:
            return  # get_authpw (check.c) finds nobody to ask
        whose = "" if whom is person else f"sudo asks for what {whom.name} shows"
        once = "sudo asks once and never again" if way.for_ever else ""
        for service in way.services:
            yield Climb(
                RootStep.SUDO,
                self._pam.credentials(service, whom, LOCAL, allow_empty=True, caller=person),
                self._approved(way, service, whom, person),
                tuple(filter(None, (whose, _by(service, RootStep.SUDO), once))),
                way.doubt or self._unclear(service),
            )

    def _approved(self, way: SudoAuth, service: str, whom: Person, person: Person) -> Judgement:
        answer = self._pam.stage(service, whom, LOCAL, by_password=True, caller=person)
        if way.approved:
            return answer
        # sudo knows the setting since 1.8.28, and others go on to ask
        return Judgement(Truth.UNKNOWN, _OLD_SUDO) if answer.answer is Truth.NO else YES

    def _unclear(self, service: str) -> str | None:
        """Why it is not known whether a service is asked: su-l by util-linux alone, sudo-i where sudo was built so."""
        if service not in _FOR_LOGINS or self._pam.has(service):
            return None
        return f"whether {service}, which has no file, is asked for a login shell is not known"

    def _switched(self, person: Person, target: Person) -> Iterator[Climb]:
        """Through su, with the credentials of an account that is root."""
        shell = target.entry.login_shell
        runs = shadow.has_shell(shell, {}) and SHELL_RUNS.get(target.shell) is not Truth.NO
        for service in _SU:
            yield Climb(
                RootStep.SU,
                self._pam.credentials(service, target, LOCAL, allow_empty=True, caller=person),
                self._pam.stage(service, target, LOCAL, by_password=True, caller=person),
                tuple(filter(None, (f"su asks for what {target.name} shows", _by(service, RootStep.SU)))),
                # another shell is for those to choose whose own is in /etc/shells
                self._unclear(service) if runs else f"whether su runs anything but {target.name}'s shell is not known",
            )


def _by(service: str, step: RootStep) -> str:
    return "" if service == step.value else f"{step} asks the PAM service {service}"


def _session(places: Places, person: Person) -> Judgement:
    """Whether who has entered the account can run programs as it likes."""
    shell = person.entry.login_shell
    if not shadow.has_shell(shell, {}) or SHELL_RUNS.get(person.shell) is Truth.NO:
        return Judgement(Truth.NO)
    if any(place.settings.path("chrootdirectory") is not None for place in places.classes(person)):
        return Judgement(Truth.UNKNOWN, "the session may be locked into a folder (ChrootDirectory)")
    if shell.rpartition("/")[2] in _NARROW:
        return Judgement(Truth.UNKNOWN, f"what the shell {shell} lets run is not known")
    return YES
