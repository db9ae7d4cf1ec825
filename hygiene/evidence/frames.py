"""The collector's stream, decoded: one Frame for each file or table that a host gave.

The stream is 7-bit text. Its grammar stands at the head of collector.sh; in short: `@HYG1 NONCE ...`, then frames
(`@T` text items, `@B` files, `@K` key files; base64 in lines that start with a blank; closed by `@E`), notes (`@N`),
`@SUM` and `@END`. What stands before the first line (a greeting) or after the last is ignored; anything else in
between breaks the stream there.

Kinds of frames (`path` is as the host names it, from its root; `data` is the file's text unless said otherwise):

    os-release, machine-id, hostname, nsswitch    path: the file (machine-id also /var/lib/dbus/machine-id)
    boot-id, uname       one line, no path; only from a running host
    sysctl               lines `NAME VALUE`, no path: fs.protected_symlinks, from a running Linux
    owners               path as given with -O: the mtree file or tar listing that overrides owners and modes
    passwd, group        field 2 as below; passwd without its field 5 (the person's name)
    nsspasswd            passwd lines, no path: directory accounts that own a folder in /home (by getent). Only where
                         nsswitch names a directory; other accounts of it are not known
    shadow               /etc/shadow or /etc/master.passwd (this one with its own ten fields); field 2 as below
    sudoers              /etc/sudoers (absent too), /usr/local/etc/sudoers, /etc/sudoers-rs, and what they include,
                         level after level (a file in an included folder only when sudo reads such a name)
    doas                 /etc/doas.conf, /usr/local/etc/doas.conf; only when there
    sshd_config          /etc/ssh/sshd_config (absent too), that of each listener's -f, the ones of /usr/etc and
                         /usr/local/etc, and what their Include lines name, level after level, four at most
    unit                 how sshd is started: in the folders of systemd.unit(5) the units ssh.service, sshd.service,
                         ssh@.service, ssh.socket, ..., others with ssh in their name that mention sshd, the *.conf of
                         their .d folders; /etc/inetd.conf (the lines with sshd), /etc/xinetd.d/ssh*. Comments are
                         `#`, lines with secrets and lines of other services `hyg:dropped LENGTH`. A masked unit is
                         `notregular` (or `absent`) with a link in `symlinks`; of a folder that is a link to one before
                         it, nothing is said again
    sshd_env             /etc/default/ssh, /etc/sysconfig/sshd, /etc/conf.d/sshd, what EnvironmentFile= of the units
                         names, /etc/crypto-policies/back-ends/opensshserver.config; only when there
    sshd_package         path: the package database; Status:, Version:, Architecture: lines (dpkg), P: V: A: (apk),
                         Version: [EPOCH:]VERSION-RELEASE (rpm, from a running host only)
    sshd_binary          path: the program; the version that stands in it (`OpenSSH_9.2p1 Debian-2+deb12u7`), where no
                         package database answers
    sshd_version         path: the program; all that `sshd -V` printed (8.4 names its version in a usage text)
    sshd_t               path: the arguments of a listener (`-f X -p 22`), often empty: its -f, -o and -p as ps shows
                         them (words behind one belong to it); what `sshd -T` printed with them; status `rc=0`,
                         `rc=255`, ...; only from a running host, as root
    sshd_t_err           the same path and status; its standard error
    sshd_tc              path: the arguments of a listener, one blank (also behind none), `-C`, one blank, and
                         `user=U,host=H,addr=A,laddr=L,lport=P[,rdomain=R]`; what `sshd -T` printed with them. One
                         for each combination of Match lines (of all files together) that an account and a source fit,
                         at most 64; only where there is a Match line other than `Match all`. An account whose name has
                         a comma cannot be asked about
    sshd_tc_err          the same path and status; its standard error
    ps                   ps's head line and the lines of ssh daemons, no path
    pam                  files of /etc/pam.d, /usr/lib/pam.d, /usr/local/etc/pam.d, /etc/pam.conf, and those that they
                         include by a path: comments are `#` (over 1,022 bytes, which libpam before 1.6 cuts,
                         `hyg:dropped LENGTH`), and the values of password=, secret=, key=, token= and the like are
                         `REDACTED` (but not the path behind secret= of pam_google_authenticator)
    pam_modules          path: a folder where a libpam looks for modules, those that are there; names, one a line
    pamconf              access.conf, time.conf, sepermit.conf and faillock.conf of /etc/security, /etc/login.defs,
                         /etc/shells (absent too), the same below /usr/etc, /etc/security/access.d/*.conf, where
                         a rule names pam_securetty /etc/securetty, and what
                         arguments of pam_access, pam_time, pam_listfile, pam_faillock and pam_sepermit name: comments
                         are `#` (long ones `hyg:dropped LENGTH`), and so dropped are lines as in passwd, with hashes
                         or keys. Of a file that only pam_localuser names: of each line `NAME:`. Settings and maps of
                         modules that ask for tokens: see below
    hostkey_pub          /etc/ssh/*.pub, and X.pub of each `HostKey X`; lines that are no key lines as in `filtered`
    akeys                every file that AuthorizedKeysFile may name for an account, absent ones too; see below
    principals           every file that AuthorizedPrincipalsFile may name for an account, absent ones too; see below
    trust                files that TrustedUserCAKeys and RevokedKeys name; a relative name lies in the root folder
    key_uses             lines `USER SHA256:FINGERPRINT ADDRESS FIRST LAST COUNT`, times in seconds since 1970; only
                         when asked for; see below
    digests              whether digests of password hashes could be made (`ok`, `noprogram`); path: the program. Only
                         when the collector got a key for them
    digest               path: a number, one of those in field 2 of passwd and shadow; one line with the SHA-256 of
                         KEY:HASH, as the program prints it
    logs_since           lines `FIRST LAST SOURCE`: the times of the first and last line of sshd in the journal or in a
                         log file with its rotated parts
    private_keys, meta, links, symlinks, shells, exists, dirs, enrolments, conf_times
                         tables without a path: see hygiene.evidence.tables

Only where a line of sshd's configuration turns on hostbased, gssapi-with-mic or passwords of Kerberos:

    equiv                /etc/hosts.equiv, /etc/ssh/shosts.equiv, .shosts and .rhosts of every home, absent ones too
    khosts               /etc/ssh/ssh_known_hosts, ssh_known_hosts2; .ssh/known_hosts and known_hosts2 of every home for
                         which one of the files above may name a host; without comments
    keytab               /etc/krb5.keytab: whether it is there; never its content
    krb5conf             /etc/krb5.conf and what it includes: sections, and the keys that decide which ticket opens
                         which account (`KEY = ?` where the value has other than plain characters); other lines are `#`
    k5login              .k5login of every home, absent ones too; a line without a realm is `#`

In these, lines stay where they are, each up to a NUL; comments, and lines that do nothing for sshd, are `#`; what can
be no such line is `hyg:dropped LENGTH`, and so is all of a file in a home that is neither the account's nor to be read
by everybody.

Field 2 (the password): `x` or empty in passwd and group; otherwise, and always in shadow, `STATE,SCHEME,COST`, with
`,NUMBER` behind it where the hash of an account has a `digest`. STATE is
`empty`, `set`, `locked-hash` (a hash behind `!`), `locked-none` (`!`, `!!`, `!*`) or `star` (`*` and all else that no
password could match); SCHEME `6`, `y`,
`2b`, `des`, `bsdi`, `unknown`, ... or empty; COST `rounds=5000`, `10`, `j9T`, ... or empty; with `star` they tell of a
hash behind `*LOCKED*` or `*LK*`. A line that does not belong
into its file is `hyg:dropped LENGTH`.

Statuses: `ok`; `filtered` (akeys and trust: lines that are no key lines are `hyg:dropped LENGTH`, comments are `#`, and
line numbers stay); `absent`; `unreadable`; `notregular`; `toolarge`; `notvisited` (on a network file system);
`badlink` (links in a circle, or to a name that is not followed); `changed` (it changed while it was read: data is
empty); `unknown` (no answer). With any but the first two, data is empty.

pam and pamconf end without a line end where the file does; a line with a NUL is `hyg:dropped LENGTH`. In a `filtered`
file of keys or principals a NUL is shown, with nothing behind it.

pamconf of modules that ask for tokens holds lines written anew from what was understood; comments are `#`, and so is
what the module passes over or what is of no interest; `hyg:dropped LENGTH` is what it may read in some other way;
`REDACTED` a value that is secret or looks odd. They are collected where a rule of any service names the module, by the
path that the module would open (with `//` where it makes one), and `enrolments` tells whose they are:
    pam_oath: usersfile= with ${USER} and ${HOME} replaced; `TYPE USER PINFLAG`, PINFLAG `-`, `+` or `set`
    pam_u2f: authfile=, else ~/.config/Yubico/u2f_keys; `USER:` and of each key, behind another colon but for the
        first, its flags: `+presence+pin`, `-` for none, `?` for what is no key. /etc/security/pam_u2f.conf and conf=
    pam_yubico: authfile=, else ~/.yubico/authorized_yubikeys; `USER:`
    pam_duo: conf=, else /etc/duo/pam_duo.conf and /etc/security/pam_duo.conf; `NAME = VALUE`
    pam_radius_auth: conf=, else /etc/pam_radius_auth.conf, /etc/raddb/server and /etc/pam_radius.conf; `server`
    pam_sss: /etc/sssd/sssd.conf and /etc/sssd/conf.d/*.conf; sections, and services, domains, the id_, auth_ and
        access_provider, pam_cert_auth, pam_passkey_auth, and how [prompting/...] prompts
    pam_krb5: /etc/krb5.conf; `default_realm = X`. pam_winbind: /etc/security/pam_winbind.conf
USER is always an account of passwd or nsspasswd: lines of others are `#`. A user's own file that is not there has no
frame: `enrolments` says so.

What a configuration names is collected wherever it stands: outside and inside of Match blocks, in every file seen, and
in options -o of a listener, a unit or an environment file (whose -f files are sshd_config frames too).

akeys: the patterns are those of the configuration, and always .ssh/authorized_keys and .ssh/authorized_keys2, with ~
(root's home, or ~NAME) and %u %h %U %% expanded; a relative one lies under the home (which has lost its trailing
slashes). Transcript.file() finds a frame by that path, also when a folder on the way is a link. A path without any
frame was not looked at: it is unknown, not absent.

principals: found and expanded in the same way. Lines stay where they are, each up to a `#` (which is told), with the
CR that it has; what can be no principal with options before it is `hyg:dropped LENGTH`, and the file `filtered`. Of a
file in a home folder, or behind a link, nothing else leaves when it is neither the account's own nor to be read by all.
key_uses: the lines `Accepted publickey for ...` (and `Partial`) of sshd, at most 20,000 of account, key and address; a
certificate counts once for its key and once for its authority. Read are the newest 200,000 lines that root's sshd wrote
to the journal (60 s), then /var/log/auth.log, secure and messages with their rotated parts (also .gz), newest first,
64 MB in all, and of each only what is older than what was read before. A time without a year has that of its file
(modified when its last line was written), one less for each turn of the year behind it; a time without a zone is taken
in the zone that the host has now, in an offline root as UTC. Behind a part that cannot be read, or has an unknown
compression, older ones are not read (a note). In log files anybody who may log on the host can write such a line.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from hygiene.evidence.cksum import cksum

MAX_STREAM_BYTES = 64 * 1024 * 1024  # the collector stops at half of it
_NONCE = re.compile(r"[A-Za-z0-9]{16,64}")
_NUMBER = rb"(0|[1-9][0-9]{0,11})"
_END = re.compile(
    rb"@SUM " + _NUMBER + rb" " + _NUMBER + rb"\n@END ([A-Za-z0-9]++) " + rb" ".join([_NUMBER] * 3) + rb"\n"
)
_ITEM = re.compile(rb"([a-z][a-z0-9_-]{0,30}) ([a-z=0-9?]{1,20}) ([0-9]{1,9}) ?")
_MARK = re.compile(rb"^hyg:file \.(.*)\n", re.MULTILINE)
_FILE = re.compile(rb"([0-9]{1,10}) ([0-9]{1,12}) \.?")
# no line of a file leaves that starts with `hyg:`, so these are the collector's own
_NUL = re.compile(rb"^hyg:nul (.*)$", re.MULTILINE)
_UNENDED = b"\nhyg:unended\n"


@dataclass(frozen=True, slots=True)
class Frame:
    """One file or table of a host; the docstring of this module says what each kind holds."""

    kind: str
    path: bytes
    status: str
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the collector did not look at: becomes a gap of that area."""

    area: str
    word: str
    detail: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """All that can be read from a stream; when not `complete`, the frames that were closed before it broke."""

    complete: bool
    problem: str  # why not complete, for a person; else empty
    version: int = 0
    time: datetime | None = None  # the host's clock when it began
    uid: int | None = None  # with which the collector ran
    mode: str = ""  # `streamed`, `installed`, `offline`
    root: str = ""
    frames: tuple[Frame, ...] = ()
    notes: tuple[Note, ...] = ()
    links: Mapping[bytes, bytes] = field(default_factory=lambda: MappingProxyType({}), repr=False)  # path -> real path
    index: Mapping[tuple[str, bytes], Frame] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def all(self, kind: str) -> tuple[Frame, ...]:
        """The frames of a kind, in the order of the stream."""
        return tuple(frame for frame in self.frames if frame.kind == kind)

    def first(self, kind: str) -> Frame | None:
        """The first frame of a kind."""
        return next((frame for frame in self.frames if frame.kind == kind), None)

    def file(self, kind: str, path: bytes) -> Frame | None:
        """The frame of a file by the path under which it was looked for, or by the one that its links lead to."""
        found = self.index.get((kind, path))
        if found is None and path in self.links:
            found = self.index.get((kind, self.links[path]))
        return found


def decode(stream: bytes, nonce: str) -> Transcript:
    """Read a collector's stream; never raises, whatever the bytes.

    Complete means: begun and ended with this nonce, every line between as the grammar wants it, and counts and
    checksum as the last lines say.
    """
    if not _NONCE.fullmatch(nonce):
        return Transcript(False, "no nonce to check the answer against")
    if len(stream) > MAX_STREAM_BYTES:
        return Transcript(False, f"the answer is over {MAX_STREAM_BYTES:,} bytes")
    mark = b"@HYG1 " + nonce.encode() + b" "
    start = 0 if stream.startswith(mark) else stream.find(b"\n" + mark) + 1
    if start == 0 and not stream.startswith(mark):
        return Transcript(False, "the collector's first line is missing" if stream else "the host sent nothing")
    return _Reader(stream, start, nonce).read()


class _Reader:
    """One pass over a stream; `problem` is set where it breaks."""

    def __init__(self, stream: bytes, start: int, nonce: str) -> None:
        self.stream = stream
        self.start = start
        self.nonce = nonce.encode()
        self.hex = False
        self.problem = ""
        self.count = 0
        self.frames: list[Frame] = []
        self.notes: list[Note] = []

    def read(self) -> Transcript:
        end = self.stream.find(b"\n", self.start)
        if end < 0:
            return Transcript(False, "the stream breaks off in its first line")
        head = dict(
            word.partition("=")[::2] for word in self.stream[self.start : end].decode("ascii", "replace").split(" ")[2:]
        )
        self.hex = head.get("enc") == "hex"
        if head.get("v") != "1":
            self.problem = "the collector is of another version"
        else:
            self._lines(end + 1)
        links = _pairs(next((f.data for f in self.frames if f.kind == "links"), b""))
        index: dict[tuple[str, bytes], Frame] = {}
        for frame in self.frames:
            index.setdefault((frame.kind, frame.path), frame)
        return Transcript(
            complete=not self.problem,
            problem=self.problem,
            version=_number(head.get("v")) or 0,
            time=_time(_number(head.get("t"))),
            uid=_number(head.get("uid")),
            mode=head.get("mode", ""),
            root=head.get("root", ""),
            frames=tuple(self.frames),
            notes=tuple(self.notes),
            links=MappingProxyType(links),
            index=MappingProxyType(index),
        )

    def _lines(self, at: int) -> None:
        stream = self.stream
        while True:
            end = stream.find(b"\n", at)
            if end < 0:
                self.problem = "the stream breaks off before its last line"
                return
            tag = stream[at : at + 2]
            if tag == b"@N":
                self._note(stream[at:end])
                at = end + 1
            elif tag in (b"@T", b"@B", b"@K"):
                kind = stream[at + 3 : end].decode("ascii", "replace")
                close = stream.find(b"\n@", end)
                if close < 0 or stream[close : close + 4] != b"\n@E\n":
                    self.problem = "the stream breaks off inside a frame" if close < 0 else "a frame is not closed"
                    return
                data = self._data(stream[end:close])
                if data is None:
                    self.problem = "a frame holds something that is no data"
                    return
                self.count += 1
                if not self._frame(tag, kind, data):
                    self.problem = "a frame's items do not add up"
                    return
                at = close + 4
            elif stream.startswith(b"@SUM ", at):
                self._end(at)
                return
            else:
                self.problem = (
                    "the answer went over the collector's limit"
                    if stream.startswith(b"@CUT\n", at)
                    else "something else stands between the frames"
                )
                return

    def _end(self, at: int) -> None:
        match = _END.match(self.stream, at)
        if match is None:
            self.problem = "the stream breaks off before its last line"
            return
        crc, size, nonce, frames, lines, total = match.groups()
        body = self.stream[self.start : at]
        if nonce != self.nonce:
            self.problem = "the last line is another run's"
        elif (int(frames), int(lines), int(total), int(size)) != (self.count, body.count(b"\n"), len(body), len(body)):
            self.problem = "the counts in the last line are not those of the stream"
        elif int(crc) != cksum(body):
            self.problem = "the checksum is not that of the stream"

    def _data(self, chunk: bytes) -> bytes | None:
        """Decode data lines: `chunk` starts with the line end before the first and lacks the last's."""
        if chunk.count(b"\n") != chunk.count(b"\n "):
            return None
        try:
            if self.hex:
                return bytes.fromhex(chunk.decode("ascii"))
            return binascii.a2b_base64(chunk.replace(b"\n ", b""), strict_mode=True) if chunk else b""
        except ValueError:  # also binascii.Error and UnicodeDecodeError
            return None

    def _note(self, line: bytes) -> None:
        words = line.decode("ascii", "replace").split(" ", 3)
        if len(words) >= 3:
            self.notes.append(Note(words[1], words[2], words[3] if len(words) > 3 else ""))

    def _frame(self, tag: bytes, kind: str, data: bytes) -> bool:
        if tag != b"@T":
            self.frames.extend(_files(kind, data, marked=tag == b"@K"))
            return True
        at, found = 0, []
        while at < len(data):
            end = data.find(b"\n", at)
            match = _ITEM.match(data, at, end) if end >= 0 else None
            if match is None:
                return False
            begin = at = end + 1
            for _ in range(int(match[3])):
                at = data.find(b"\n", at) + 1
                if at == 0:
                    return False
            kind = match[1].decode()
            found.append(Frame(kind, data[match.end() : end], match[2].decode(), _as_it_was(kind, data[begin:at])))
        self.frames += found
        return True


def _as_it_was(kind: str, lines: bytes) -> bytes:
    """Put back what lines of text cannot carry: a NUL, and a last line without an end."""
    if kind in ("akeys", "trust", "principals"):
        return _NUL.sub(rb"\1\0", lines)
    return lines.removesuffix(_UNENDED) if kind in ("pam", "pamconf") else lines


def _files(kind: str, data: bytes, marked: bool) -> Iterator[Frame]:
    """Take a batch apart: cksum's lines, an empty line, the files."""
    if data.startswith(b"\n"):
        return
    end = data.find(b"\n\n") + 2
    index = [match for line in data[: end - 2].split(b"\n") if (match := _FILE.match(line))] if end > 1 else []
    files = [(match.string[match.end() :], int(match[2]), int(match[1])) for match in index]
    bodies = _by_marks(data, end) if marked else _in_a_row(data, end, [(path, size) for path, size, _ in files])
    for path, size, crc in files:
        body = bodies.get(path, b"")
        if marked and len(body) == size + 1:
            body = body[:-1]  # key files are read line by line: a last line without an end was given one
        good = len(body) == size and cksum(body) == crc
        yield Frame(kind, path, "ok" if good else "changed", body if good else b"")


def _in_a_row(data: bytes, at: int, sizes: list[tuple[bytes, int]]) -> dict[bytes, bytes]:
    bodies = {}
    for path, size in sizes:
        bodies[path] = data[at : at + size]
        at += size
    return bodies


def _by_marks(data: bytes, at: int) -> dict[bytes, bytes]:
    marks = [*_MARK.finditer(data, at)]
    starts = [*(mark.start() for mark in marks), len(data)]
    return {mark[1]: data[mark.end() : end] for mark, end in zip(marks, starts[1:], strict=True)}


def _pairs(data: bytes) -> dict[bytes, bytes]:
    lines = data.split(b"\n")
    return dict(zip(lines[0::2], lines[1::2], strict=False)) if data else {}


def _number(text: str | None) -> int | None:
    return int(text) if text and len(text) < 15 and text.isascii() and text.isdigit() else None


def _time(epoch: int | None) -> datetime | None:
    return datetime.fromtimestamp(epoch, UTC) if epoch is not None and epoch < 253_000_000_000 else None
