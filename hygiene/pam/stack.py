"""The stacks of a PAM service as libpam builds them from the files of a host, whole or with its doubts."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import dirname, normpath

from hygiene.pam.codes import ALL_BAD, ASCII_LOWER, Actions, JumpError, actions
from hygiene.pam.lines import Broken, logical, words

FOLDER = "/etc/pam.d"
FOLDERS = (FOLDER, "/usr/lib/pam.d")  # in the order in which libpam looks
PAM_CONF = "/etc/pam.conf"  # read where there is no folder
OTHER = "other"
_DEPTH_MAX = 16  # PAM_SUBSTACK_MAX_LEVEL
_RULES_MAX = 500
_LINES_MAX = 20_000  # in all files, those that are read several times counted again
_SUBSTACK = "substack"
_INCLUDES = ("include", _SUBSTACK)
# in Debian and Ubuntu for all times, and nowhere else
_DEBIAN_FILE = f"{FOLDER}/common-session-noninteractive"


class Stage(enum.StrEnum):
    """The first word of a rule."""

    AUTH = "auth"
    ACCOUNT = "account"
    PASSWORD = "password"  # noqa: S105  (the word in the file)
    SESSION = "session"


_STAGES = {stage.value: stage for stage in Stage}


class Kind(enum.Enum):
    """What libpam does at a rule (PAM_HT_...)."""

    MODULE = enum.auto()
    MUST_FAIL = enum.auto()  # a rule that it did not understand: permission denied, under the rule's control
    SUBSTACK = enum.auto()  # the head of one; its rules follow, a level deeper
    DOUBT = enum.auto()  # here stand rules, or none, that are not known


@dataclass(frozen=True, slots=True)
class Rule:
    """One step of a stack."""

    place: str  # `/etc/pam.d/sshd:4`
    kind: Kind
    level: int = 0  # of substacks
    actions: Actions = ALL_BAD
    control: str = ""  # as written, without brackets, in small letters
    module: str = ""  # as written
    arguments: tuple[str, ...] = ()
    why: str | None = None  # of MUST_FAIL and DOUBT


@dataclass(frozen=True, slots=True)
class Stacks:
    """All stacks of a service, those of `other` where the service has no rule of a stage.

    `doubt`: why none of it is known. `failed`: why libpam refuses to start, which lets nobody in.
    """

    service: str
    stages: Mapping[Stage, tuple[Rule, ...]]
    doubt: str | None = None
    failed: str | None = None

    def rules(self, stage: Stage) -> tuple[Rule, ...]:
        return self.stages.get(stage, ())


def read(files: Mapping[str, bytes | None], service: str = "sshd", *, debian: bool | None = None) -> Stacks:
    """Read a service's files by their paths; None is one that could not be read, and what is left out is not there.

    Files that an absolute `include` names outside /etc/pam.d and /usr/lib/pam.d are not known when left out. Follows
    pam_handlers.c. `debian`: whether this is the libpam of Debian or Ubuntu, which has `@include` and takes included
    files from /etc/pam.d alone; None: told from the files.
    """
    if debian is None:
        debian = _DEBIAN_FILE in files or b"@include" in (files.get(f"{FOLDER}/{service.lower()}") or b"")
    reader = _Reader(files, service.translate(ASCII_LOWER), debian)
    try:
        failed = reader.read()
    except _UnknownError as error:
        return Stacks(service, {}, doubt=str(error))
    if failed is not None:
        return Stacks(service, {}, failed=failed)
    own, fallback = reader.own, reader.fallback
    return Stacks(service, {stage: tuple(own[stage] or fallback[stage]) for stage in Stage})


class _UnknownError(Exception):
    """Nothing can be said about the service; the message says why."""


class _AbortError(Exception):
    """libpam stops reading this file and all that include it (PAM_ABORT); the message says where and why."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where rules of a file go."""

    into: dict[Stage, list[Rule]]
    wanted: Stage | None = None  # the type that an include asks for
    depth: int = 0  # of files
    level: int = 0  # of substacks


class _Reader:
    """One run of _pam_init_handlers."""

    def __init__(self, files: Mapping[str, bytes | None], service: str, debian: bool) -> None:
        self._files = files
        self._service = service
        self._debian = debian
        self._has_folder = any(path.startswith((*(f"{folder}/" for folder in FOLDERS),)) for path in files)
        self._lines = 0
        self._rules = 0
        self.own: dict[Stage, list[Rule]] = {stage: [] for stage in Stage}
        self.fallback: dict[Stage, list[Rule]] = {stage: [] for stage in Stage}

    def read(self) -> str | None:
        """None when libpam starts, else why it does not."""
        if not self._has_folder:
            return self._file(PAM_CONF, None) if PAM_CONF in self._files else "there are no PAM files"
        path = self._find(self._service)
        if path is None and not self._debian:
            # a libpam can be built to look into one more folder of its vendor
            raise _UnknownError(f"{FOLDER}/{self._service} is not there, and a folder of the vendor was not seen")
        if path is not None:
            broken = self._file(path, _Spot(self.fallback if self._service == OTHER else self.own))
            if broken is not None:
                return broken
        other = self._find(OTHER)
        if other is not None:
            return self._file(other, _Spot(self.fallback))
        return None if path is not None else f"neither {FOLDER}/{self._service} nor {FOLDER}/{OTHER} is there"

    def _file(self, path: str, spot: _Spot | None) -> str | None:
        data = self._files[path]
        if data is None:
            raise _UnknownError(f"{path} could not be read")
        try:
            self._parse(path, data, spot)
        except _AbortError as error:
            return str(error)
        return None

    def _find(self, name: str, *, included: bool = False) -> str | None:
        """The path of a service's or included file; None when it is not there."""
        folders = FOLDERS[:1] if included and self._debian else FOLDERS
        for folder in ("",) if name.startswith("/") else folders:
            path = normpath(f"{folder}/{name}" if folder else name)
            if path in self._files:
                return path
            if dirname(path) not in FOLDERS:
                raise _UnknownError(f"{path} was not seen")
        return None

    def _parse(self, path: str, data: bytes, spot: _Spot | None) -> None:
        """Read one file; without a spot it is pam.conf, whose rules name their service first."""
        for line in logical(data):
            self._lines += 1
            if self._lines > _LINES_MAX:
                raise _UnknownError(f"{path}: more than {_LINES_MAX:,} lines in all")
            place = f"{path}:{line.number}"
            if isinstance(line, Broken):
                raise _AbortError(f"{place}: the file ends behind a backslash")
            tokens = words(line.text)
            here = spot
            if here is None:
                name = tokens.pop(0).translate(ASCII_LOWER) if tokens else ""
                if name not in (self._service, OTHER) and line.doubt is None:
                    continue
                here = _Spot(self.fallback if name == OTHER else self.own)
            if line.doubt is not None:
                self._doubt(here, here.wanted, place, f"the line has {line.doubt}")
            else:
                self._line(tokens, place, here)

    def _line(self, tokens: list[str], place: str, spot: _Spot) -> None:
        """One rule, as _pam_parse_conf_file takes it apart."""
        word, control, module = (*tokens[:3], *[None] * (3 - len(tokens)))[:3]
        word = (word or "").removeprefix("-").translate(ASCII_LOWER)  # the hyphen is for the log alone
        if self._debian and word == "@include":
            self._include(control, place, spot, spot.wanted, word)
            return
        stage = _STAGES.get(word) or spot.wanted or Stage.AUTH
        why = None if word in _STAGES else "not a rule; expected auth, account, password or session first"
        if spot.wanted is not None and stage is not spot.wanted:
            return
        try:
            table = ALL_BAD if control is None else actions(control)
        except JumpError:
            self._doubt(spot, stage, place, "the jump is longer than a number can be")
            return
        control = (control or "").translate(ASCII_LOWER)
        if control in _INCLUDES:
            if control == _SUBSTACK:
                self._add(spot, stage, Rule(place, Kind.SUBSTACK, spot.level, module=module or "", control=control))
                self._break_off_without_name(module, place, spot, stage)
            self._include(module, place, spot, stage, control)
            return
        if module is None:
            why = why or "not a rule; expected a type, a control and a module"
        kind = Kind.MODULE if why is None else Kind.MUST_FAIL
        self._add(spot, stage, Rule(place, kind, spot.level, table, control, module or "", tuple(tokens[3:]), why))
        self._break_off_without_name(module, place, spot, stage)

    def _break_off_without_name(self, module: str | None, place: str, spot: _Spot, stage: Stage) -> None:
        """Where extract_modulename finds no name the rule is in the list, but half filled."""
        file = "?" if module is None else module.rpartition("/")[2]
        stem = file.rpartition(".")[0] if "." in file else file
        if module is not None and stem in ("", "?"):
            self._doubt(spot, stage, place, "the module has no name")
            raise _AbortError(f"{place}: the module has no name")

    def _include(self, name: str | None, place: str, spot: _Spot, stage: Stage | None, control: str) -> None:
        """Put another file's rules here; a file that is not there or breaks off leaves a rule that fails."""
        try:
            missing = self._splice(name, place, spot, stage, spot.level + (control == _SUBSTACK))
        except _AbortError as error:
            missing = str(error)
        if missing is None:
            return
        if stage is None:
            raise _AbortError(f"{place}: {missing}")
        if control in _INCLUDES:
            self._add(spot, stage, Rule(place, Kind.MUST_FAIL, spot.level, why=missing))
        else:
            # Debian's patch leaves the control of this rule to what stood in memory
            self._doubt(spot, stage, place, missing)

    def _splice(self, name: str | None, place: str, spot: _Spot, stage: Stage | None, level: int) -> str | None:
        """None when done, else why the file cannot be included."""
        if name is None:
            if self._debian:
                raise _UnknownError(f"{place}: an include without a file, on which libpam crashes")
            return "an include without a file"
        if spot.depth + 1 >= _DEPTH_MAX:
            # libpam before 1.6 goes on until the system stops it
            self._doubt(spot, stage, place, f"includes are nested {_DEPTH_MAX} deep")
            return None
        try:
            path = self._find(name, included=True)
        except _UnknownError as error:
            self._doubt(spot, stage, place, str(error))
            return None
        if path is None:
            return f"{name} is not there"
        data = self._files[path]
        if data is None:
            self._doubt(spot, stage, place, f"{path} could not be read")
        else:
            self._parse(path, data, _Spot(spot.into, stage, spot.depth + 1, level))
        return None

    def _doubt(self, spot: _Spot, stage: Stage | None, place: str, why: str) -> None:
        for one in Stage if stage is None else (stage,):
            self._add(spot, one, Rule(place, Kind.DOUBT, spot.level, why=why))

    def _add(self, spot: _Spot, stage: Stage, rule: Rule) -> None:
        self._rules += 1
        if self._rules > _RULES_MAX:
            raise _UnknownError(f"{rule.place}: more than {_RULES_MAX:,} rules in all")
        spot.into[stage].append(rule)
