"""The SSH daemons of a host: their version and their settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest

from hygiene.facts.ledger import Ledger
from hygiene.facts.seen import Seen, plain, why_not
from hygiene.model import AreaName, Setting, SettingState
from hygiene.openssh import config, version
from hygiene.openssh.settings import Settings, read_effective, with_sources
from hygiene.openssh.version import Vendor, Version

_SSHD = ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/lib/ssh/sshd", "/usr/bin/sshd")
_VENDORS = {"debian": Vendor.DEBIAN, "raspbian": Vendor.DEBIAN, "ubuntu": Vendor.UBUNTU}
_VENDORS |= dict.fromkeys(("rhel", "centos", "rocky", "almalinux", "fedora", "ol", "amzn"), Vendor.REDHAT)
_QUOTES = str.maketrans("", "", "\"'")
# lists of which only `sshd -T` knows the default: builds differ. Nothing is asked of them yet, so they have no row
# where they are not known, and no gap.
_UNASKED = {"ciphers", "macs", "kexalgorithms", "gssapikexalgorithms", "casignaturealgorithms"}


@dataclass(frozen=True, slots=True)
class Daemon:
    """One sshd: its name in the tables, its version when known, its settings."""

    name: str
    version: Version | None
    settings: Settings

    def rows(self, host: str) -> tuple[Setting, ...]:
        """A row for each line that `sshd -T` would print; what holds outside Match blocks."""
        known = SettingState.UNKNOWN if self.settings.problems else SettingState.EFFECTIVE
        rows = [
            Setting(host, self.name, "*", entry.keyword, entry.value, entry.source, known)
            for entry in self.settings.entries
        ]
        rows += [
            Setting(host, self.name, "*", keyword, "", "", SettingState.UNKNOWN)
            for keyword in self.settings.unresolved
            if keyword not in _UNASKED
        ]
        return tuple(rows)


def daemons(seen: Seen, ledger: Ledger) -> tuple[Daemon, ...]:
    """Give the daemons of the host, `sshd` when there is one only; empty when none is installed."""
    area = AreaName.SSHD
    main = seen.transcript.file("sshd_config", config.MAIN.encode())
    if seen.present(*_SSHD) is False and main is not None and main.status == "absent":
        ledger.absent(area)
        if seen.present("/usr/sbin/dropbear") is not False:
            ledger.partial(area, "the SSH server is dropbear, whose rules this version does not know")
        return ()
    ledger.seen(area)
    known = _version(seen, ledger)
    printed = seen.transcript.all("sshd_t")
    if not printed:
        settings = _from_files(seen, known, "")
        if _own_arguments(seen):
            settings = _unasked(settings)
        return (Daemon("sshd", known, _told(settings, ledger)),)
    return tuple(
        _daemon(seen, ledger, known, plain(frame.path), "sshd" if len(printed) == 1 else plain(frame.path) or "sshd")
        for frame in printed
    )


def _daemon(seen: Seen, ledger: Ledger, known: Version | None, arguments: str, name: str) -> Daemon:
    frame = seen.transcript.file("sshd_t", arguments.encode("utf-8", "surrogateescape"))
    settings = _from_files(seen, known, arguments)
    if frame is not None and frame.status == "rc=0":
        settings = with_sources(read_effective(frame.data), settings)
    elif any(word.startswith("-o") for word in arguments.split()):
        settings = _unasked(settings)
    # else our own resolver answers, and says what it does not know
    return Daemon(name, known, _told(settings, ledger))


def _unasked(settings: Settings) -> Settings:
    reason = "an sshd is started with arguments of its own (-f or -o), and `sshd -T` did not answer for it"
    return replace(settings, problems=(*settings.problems, reason))


def _told(settings: Settings, ledger: Ledger) -> Settings:
    """The same settings, with what is not known of them in the ledger."""
    area = AreaName.SSHD
    for problem in settings.problems:
        ledger.partial(area, f"settings are unknown: {problem}")
    unresolved = [keyword for keyword in settings.unresolved if keyword not in _UNASKED]
    if unresolved and not settings.problems:
        ledger.doubt(area, f"settings whose value is unknown: {', '.join(unresolved)}")
    if settings.has_match:
        ledger.doubt(area, "sshd_config has Match blocks: what holds for single accounts is not resolved yet")
    return settings


def _version(seen: Seen, ledger: Ledger) -> Version | None:
    """The version that decides: given by hand, else the daemon's that answered us, else what is installed."""
    evidence = seen.evidence
    found = version.from_package(evidence.sshd_version) if evidence.sshd_version else None
    found = found or (version.from_banner(evidence.server_version) if evidence.server_version else None)
    found = found or version.from_output(plain(seen.text("sshd_version") or b"")) or _package(seen)
    if found is None:
        ledger.partial(
            AreaName.SSHD,
            "the version of sshd is unknown: a key counts as accepted when any version accepts it"
            + ("; give it with --sshd-version" if evidence.offline else ""),
        )
        return None
    if found.vendor is not None:
        return found
    package = _package(seen)
    return replace(found, vendor=package.vendor if package is not None else _vendor(seen))


def _package(seen: Seen) -> Version | None:
    for line in plain(seen.text("sshd_package") or b"").splitlines():
        label, colon, value = line.partition(":")
        if colon and label in ("Version", "V"):
            return version.from_package(value.strip())
    return None


def _vendor(seen: Seen) -> Vendor | None:
    """Whose builds the system takes, by ID and ID_LIKE of os-release(5); None when it does not say."""
    fields = dict(line.partition("=")[::2] for line in plain(seen.text("os-release") or b"").splitlines())
    systems = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".translate(_QUOTES).lower().split()
    return next((_VENDORS[system] for system in systems if system in _VENDORS), Vendor.OTHER if systems else None)


def _from_files(seen: Seen, known: Version | None, arguments: str) -> Settings:
    words = arguments.split()
    options = {word[:2]: word[2:] or following for word, following in zip_longest(words, words[1:], fillvalue="")}
    main = options.get("-f", config.MAIN)
    frame = seen.transcript.file("sshd_config", main.encode("utf-8", "surrogateescape"))
    if frame is None or frame.status not in ("ok", "absent"):
        return Settings((), None, (), (f"{main} {why_not(frame)}",))
    files, listings = _tree(seen)
    if frame.status == "absent":
        files = {**files, main: b""}
    return config.resolve(files, listings, known, main)


def _own_arguments(seen: Seen) -> bool:
    """True when a listener runs, or would be started, with -f or -o: the usual files alone do not tell what holds."""
    if seen.transcript.first("ps") is not None:
        head, *lines = [line.split() for line in plain(seen.text("ps") or b"").splitlines()] or [[]]
        user = head.index("USER") if "USER" in head else None
        # a process of anybody may call itself sshd
        lines = [words for words in lines if user is None or words[user : user + 1] == ["root"]]
        lines = [words for words in lines if any(word.rstrip(":").endswith("sshd") for word in words)]
    else:
        started = b"\n".join(frame.data for frame in seen.transcript.all("sshd_env"))
        lines = [
            re.split(r"[\s\"'=]+", line) for line in plain(started).splitlines() if not line.lstrip().startswith("#")
        ]
    return any(word[:2] in ("-f", "-o") for words in lines for word in words)


def _tree(seen: Seen) -> tuple[Mapping[str, bytes | None], Mapping[str, tuple[str, ...] | None]]:
    """Files and folder listings of the configuration, as the resolver wants them."""
    files: dict[str, bytes | None] = {}
    names: dict[str, list[str]] = {}
    absent: set[str] = set()
    for frame in seen.transcript.all("sshd_config"):
        folder, _, name = plain(frame.path).rpartition("/")
        if frame.status == "absent":
            # not there: whoever asks for it must learn that, and not that its folder is unknown. Of a stream that
            # was cut we cannot know what else the folder holds.
            if seen.transcript.complete:
                absent.add(folder)
            continue
        files[plain(frame.path)] = frame.data if frame.status == "ok" else None
        names.setdefault(folder, []).append(name)
    listings: dict[str, tuple[str, ...] | None] = {folder: tuple(names.get(folder, ())) for folder in absent}
    for path, state in seen.folders.items():
        folder = plain(path)
        if state == "ok":
            listings[folder] = tuple(names.get(folder, ()))
        else:
            listings[folder] = () if state in ("absent", "notdirectory") else None
    return files, listings
