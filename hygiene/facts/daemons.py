"""The SSH daemons of a host: how each was started, its version and its settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hygiene.evidence import tables
from hygiene.evidence.frames import Frame
from hygiene.facts.ledger import Ledger
from hygiene.facts.release import release
from hygiene.facts.seen import Seen, plain, why_not
from hygiene.model import AreaName
from hygiene.openssh import config, units
from hygiene.openssh.config import Config
from hygiene.openssh.settings import Settings, read_effective, with_sources
from hygiene.openssh.version import Version

_SSHD = ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/lib/ssh/sshd", "/usr/bin/sshd")
# of these only `sshd -T` knows the default, since builds differ, and who gets in does not hang on them: where they are
# not known they have no row, and no gap
UNASKED = frozenset({"ciphers", "macs", "kexalgorithms", "gssapikexalgorithms", "pidfile", "xauthlocation", "ipqos"})
UNASKED |= {"compression", "sshdsessionpath", "sshdauthpath", "agentsocketpath"}
_ELAPSED = re.compile(r"(?:(\d{1,6})-)?(?:(\d{1,2}):)?(\d{1,2}):(\d{2})")
_TAKES_VALUE = "bcCEfghkoptu"  # getopt in main() of sshd.c
_LATE_S = 2  # ps counts whole seconds, and so does a file's time


@dataclass(frozen=True, slots=True)
class Daemon:
    """One sshd."""

    name: str  # in the tables
    arguments: tuple[str, ...]  # those that decide: -f, -o, -p and the like
    version: Version | None  # None: not known
    config: Config
    settings: Settings  # what holds outside every Match block, as `sshd -T` printed it where it could
    pending: str | None = None  # the file that was changed after the daemon last read its configuration


def daemons(seen: Seen, ledger: Ledger) -> tuple[Daemon, ...]:
    """Give the daemons of the host, `sshd` when there is one only; empty when none is installed."""
    area = AreaName.SSHD
    main = seen.transcript.file("sshd_config", config.MAIN.encode())
    if seen.present(*_SSHD) is False and (main is None or main.status == "absent"):
        ledger.absent(area)
        if seen.present("/usr/sbin/dropbear") is not False:
            ledger.partial(area, "the SSH server is dropbear, whose settings this version does not read")
        return ()
    ledger.seen(area)
    known = release(seen, ledger)
    started = _started(seen, ledger)
    found = [_daemon(seen, known, arguments) for arguments in started]
    names = _names(found)
    for name, daemon in zip(names, found, strict=True):
        _tell(daemon.settings, ledger, name if len(found) > 1 else None)
    return tuple(replace(daemon, name=name) for name, daemon in zip(names, found, strict=True))


def frame_arguments(frame: Frame) -> tuple[str, ...]:
    """The arguments of a daemon that the path of a frame holds."""
    words = plain(frame.path).split()
    return _deciding(words[: words.index("-C")] if "-C" in words else words)


# ---------------------------------------------------------------- which there are


def _started(seen: Seen, ledger: Ledger) -> tuple[tuple[str, ...], ...]:
    """The arguments of each daemon: of those that run, else of those that systemd would start."""
    asked = [frame_arguments(frame) for frame in seen.transcript.all("sshd_t")]
    running = [_deciding(words) for words, _ in _listeners(seen)]
    if asked or running:
        return tuple(dict.fromkeys((*asked, *running)))
    texts = {plain(frame.path): frame.data for frame in seen.transcript.all("unit") if frame.status == "ok"}
    environments = {
        plain(frame.path): frame.data if frame.status == "ok" else None
        for kind in ("sshd_env", "sshd_config")
        for frame in seen.transcript.all(kind)
        if frame.status != "absent"
    }
    found: dict[tuple[str, ...], None] = {}
    for unit in units.started(texts, environments):
        if unit.unknown:
            reason = f"{unit.unit} starts sshd with ${unit.unknown[0]}, whose file could not be read"
            ledger.partial(AreaName.SSHD, reason)
        found.setdefault(_deciding(unit.arguments))
    return tuple(found) or (_deciding(units.of_environments(environments)),)


def _listeners(seen: Seen) -> Iterator[tuple[list[str], int | None]]:
    """Arguments of each sshd that listens, and the seconds for which it has run; only root's are believed."""
    lines = plain(seen.text("ps") or b"").splitlines()
    if not lines:
        return
    head = lines[0].split()
    user = head.index("USER") if "USER" in head else None
    elapsed = head.index("ELAPSED") if "ELAPSED" in head else None
    command = next((head.index(name) for name in ("COMMAND", "CMD", "ARGS") if name in head), None)
    for line in lines[1:]:
        words = line.split()
        if command is None or len(words) <= command or (user is not None and words[user] != "root"):
            continue
        name, arguments = words[command], words[command + 1 :]
        if name == "sshd:":  # a title: `sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups`
            if "[listener]" not in arguments:
                continue
            arguments = arguments[1 : arguments.index("[listener]")]
        elif not re.search(r"(?:^|/)sshd$", name) or "-i" in arguments:
            continue
        yield arguments, _seconds(words[elapsed]) if elapsed is not None else None


def _seconds(text: str) -> int | None:
    match = _ELAPSED.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _deciding(words: Sequence[str]) -> tuple[str, ...]:
    """-f, -o, -p and -h with their values, each as two words; the others change nothing of who gets in."""
    found: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if not word.startswith("-"):
            continue
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in _TAKES_VALUE:
                value = letters
                if not value:
                    value = words[at] if at < len(words) else ""
                    at += 1
                while letter == "o" and at < len(words) and not words[at].startswith("-"):
                    value, at = f"{value} {words[at]}", at + 1  # ps does not show quotes
                if letter in "fop":
                    found += (f"-{letter}", value)
                break
    return tuple(found)


def _names(found: Sequence[Daemon]) -> list[str]:
    """`sshd` for the only one; else the configuration file, the port or the arguments that tell it from others."""
    if len(found) == 1:
        return ["sshd"]
    names = []
    for daemon in found:
        options = _pairs(daemon.arguments)
        mains = [_pairs(other.arguments).get("-f", config.MAIN) for other in found]
        main = options.get("-f", config.MAIN)
        if mains.count(main) == 1:
            names.append(main if "-f" in options else "sshd")
        else:
            names.append(f"port {options['-p']}" if "-p" in options else " ".join(daemon.arguments) or "sshd")
    return names if len(set(names)) == len(names) else [" ".join(d.arguments) or "sshd" for d in found]


def _pairs(arguments: Sequence[str]) -> dict[str, str]:
    return dict(zip(arguments[0::2], arguments[1::2], strict=False))


# ---------------------------------------------------------------- one daemon


def _daemon(seen: Seen, known: Version | None, arguments: tuple[str, ...]) -> Daemon:
    options = tuple(
        value if letter == "-o" else f"{letter}{value}"
        for letter, value in zip(arguments[0::2], arguments[1::2], strict=False)
        if letter != "-f"
    )
    main = _pairs(arguments).get("-f", config.MAIN)
    frame = seen.transcript.file("sshd_config", main.encode("utf-8", "surrogateescape"))
    files, listings = _tree(seen)
    if frame is not None and frame.status == "absent":
        files = {**files, main: b""}
    read = config.read(files, listings, known, main, options=options)
    settings = read.settings()
    if frame is None or frame.status not in ("ok", "absent"):
        settings = Settings((), None, (), (f"{main} {why_not(frame)}",))
    printed = next((each for each in seen.transcript.all("sshd_t") if frame_arguments(each) == arguments), None)
    if printed is not None and printed.status == "rc=0":
        settings = _filled(with_sources(read_effective(printed.data), settings), settings)
    return Daemon("", arguments, known, read, settings, _pending(seen, arguments, settings))


def _filled(printed: Settings, files: Settings) -> Settings:
    """What `sshd -T` printed, and of the keywords that it does not print under this name what the files give."""
    if printed.problems:
        return printed
    known = {entry.keyword for entry in printed.entries}
    more = tuple(entry for entry in files.entries if entry.keyword not in known)
    return replace(printed, entries=printed.entries + more)


def _pending(seen: Seen, arguments: tuple[str, ...], settings: Settings) -> str | None:
    """The newest file or folder of the configuration, where it was changed after the daemon read it.

    That was when it started, or wrote its pid file: it does so after SIGHUP too (main() in sshd.c).
    """
    elapsed = [seconds for words, seconds in _listeners(seen) if _deciding(words) == arguments and seconds is not None]
    if seen.offline or not elapsed:
        return None
    times = {plain(path): time for path, time in tables.conf_times(seen.transcript).items()}
    pid_file = settings.path("pidfile") or ""
    read_at = max(int(seen.now.timestamp()) - min(elapsed), times.get(pid_file, 0))
    own = _pairs(arguments).get("-f", config.MAIN)
    read = {plain(frame.path) for frame in seen.transcript.all("sshd_config")}
    known = {own, *read, *(plain(path) for path in seen.folders)}
    others = {config.MAIN, *(_pairs(frame_arguments(frame)).get("-f") for frame in seen.transcript.all("sshd_t"))}
    changed = {path: time for path, time in times.items() if path in known and path not in others - {own}}
    # a file that was put into a folder says more than the folder
    newest = max(changed, key=lambda path: (changed[path], path in read), default=None)
    return newest if newest is not None and changed[newest] > read_at + _LATE_S else None


def _tell(settings: Settings, ledger: Ledger, name: str | None) -> None:
    """Put what is not known of the settings into the ledger."""
    area = AreaName.SSHD
    of = f" of {name}" if name is not None else ""
    for problem in settings.problems:
        ledger.partial(area, f"settings{of} are unknown: {problem}")
    unresolved = [keyword for keyword in settings.unresolved if keyword not in UNASKED]
    if unresolved and not settings.problems:
        ledger.doubt(area, f"settings{of} whose value is unknown: {', '.join(unresolved)}")


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
