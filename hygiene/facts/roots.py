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
from hygiene.model import AreaName, LoginPath, PathVerdict, RootBy, RootPath, RootStep, Truth
from hygiene.openssh.permissions import YES, Judgement
from hygiene.pam.question import LOCAL

SUDO = "sudo"
_SU = ("su", "su-l")  # the second one for `su -`, in util-linux
# shells that let nobody run sudo or su, or only those whom their own settings allow it
_NARROW = frozenset({"git-shell", "lshell", "rbash", "rksh", "rssh", "rzsh", "scponly"})


def roots(
    places: Places, person: Person, people: People, pam: Pam, paths: Sequence[LoginPath], ledger: Ledger
) -> Iterator[RootPath]:
    """The ways to everything as root through one account; `paths`: the ways into it, through one daemon.

    sudo and su are asked as if they came from `LOCAL`: there is no remote host, and the terminal is not known. That su
    is there and setuid is taken for granted. What cannot be told is a gap of the account.
    """
    if person.entry.is_root:
        yield from root.uid0_paths(paths)
        return
    if all(path.via is not None for path in paths):
        return
    session = _session(places, person)
    if session.answer is Truth.NO:
        return
    found = tuple(root.root_paths(paths, tuple(_climbs(person, people, pam)), session))
    told = {*(path.reason for path in paths), person.root.reason, None}
    for path in found:
        if path.verdict is PathVerdict.UNKNOWN and path.reason not in told:
            in_sudo = path.step is RootStep.SUDO and (path.reason or "").startswith("sudoers: ")
            ledger.doubt(AreaName.SUDO if in_sudo else AreaName.PAM, path.reason or "", person.name)
    yield from found


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


def _climbs(person: Person, people: People, pam: Pam) -> Iterator[Climb]:
    answer = person.root
    if answer.by is RootBy.UNKNOWN:
        yield root.unknown(RootStep.SUDO, answer.reason or "whether sudo gives everything as root is not known")
    if answer.by is RootBy.SUDO:
        approved = pam.stage(SUDO, person, LOCAL, caller=person)
        yield Climb(RootStep.SUDO, approved=approved, notes=("sudo asks for nothing (NOPASSWD)",))
    for way in answer.asks:
        yield from _authenticated(way, person, people, pam)
    yield from _switched(person, people, pam)


def _authenticated(way: SudoAuth, person: Person, people: People, pam: Pam) -> Iterator[Climb]:
    """Through sudo, by each of the services of PAM among which the account may choose."""
    whom = person
    if way.account is not None:
        named = [other for other in people.everybody if other.name == way.account]
        if not named:
            return  # get_authpw (check.c) finds nobody to ask
        whom = named[0]
    whose = "" if whom is person else f"sudo asks for what {whom.name} shows"
    for service in way.services:
        notes = (whose, f"sudo asks the PAM service {service}" if service != SUDO else "")
        yield Climb(
            RootStep.SUDO,
            pam.credentials(service, whom, LOCAL, allow_empty=True, caller=person),
            pam.stage(service, whom, LOCAL, by_password=True, caller=person) if way.approved else YES,
            (*filter(None, notes), *(("sudo asks once and never again",) if way.for_ever else ())),
            way.doubt,
        )


def _switched(person: Person, people: People, pam: Pam) -> Iterator[Climb]:
    """Through su, with the credentials of any account that is root."""
    for target in people.everybody:
        if not target.entry.is_root:
            continue
        shell = target.entry.login_shell
        runs = shadow.has_shell(shell, {}) and SHELL_RUNS.get(target.shell) is not Truth.NO
        for service in _SU:
            yield Climb(
                RootStep.SU,
                pam.credentials(service, target, LOCAL, allow_empty=True, caller=person),
                pam.stage(service, target, LOCAL, by_password=True, caller=person),
                (
                    f"su asks for what {target.name} shows",
                    *((f"su asks the PAM service {service}",) if service != "su" else ()),
                ),
                # another shell is for those to choose whose own is in /etc/shells
                None if runs else f"whether su runs anything but {target.name}'s shell is not known",
            )
