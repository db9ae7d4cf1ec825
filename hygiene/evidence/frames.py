"""What a collector's stream says, decoded: one Frame for each file or table that a host gave.

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

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType


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
