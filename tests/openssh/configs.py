"""Configurations of sshd: files that both the resolver and a real `sshd -T` read."""

from __future__ import annotations

import posixpath
import random

Tree = dict[str, bytes]  # by path

MAIN = "sshd_config"
# values of the file alone, without what is a default
SINGLE: dict[str, bytes] = {
    "empty": b"",
    "comments-and-blanks": b"# a\n\n   # b\n\t\n\r\n",
    "first-value-wins": b"PermitRootLogin yes\nPermitRootLogin no\nUsePAM no\nUsePAM yes\n",
    "keyword-in-any-case": b"PERMITROOTLOGIN no\npasswordauthentication NO\nUsePam Yes\n",
    "equals-signs": b"PermitRootLogin=no\nUsePAM = yes\nX11Forwarding= yes\nMaxAuthTries =3\nAllowUsers=a=b c\n",
    "quotes": b'"PermitRootLogin" "no"\nAllowUsers "a b" c\\ d "e\\"f" \'g h\'\nBanner "/etc/my banner"\n',
    "trailing-comment": b"PermitRootLogin no # yes\nAllowUsers a b # c d\nDenyUsers x#y\n",
    "blank-ends": b"  PermitRootLogin no \t\r\n\tUsePAM yes\f\n",
    "prohibit-password": b"PermitRootLogin prohibit-password\n",
    "without-password": b"PermitRootLogin without-password\n",
    "forced-commands-only": b"PermitRootLogin forced-commands-only\n",
    "old-names": (
        b"ChallengeResponseAuthentication no\nPubkeyAcceptedKeyTypes ssh-ed25519,rsa-sha2-512\n"
        b"HostbasedAcceptedKeyTypes ssh-ed25519\nKeepAlive no\n"
    ),
    "skey": b"SkeyAuthentication no\n",
    "dsa-authentication-is-another-name": b"DSAAuthentication no\n",
    "without-effect": b"UsePrivilegeSeparation yes\nProtocol 2\nServerKeyBits 1024\nUseLogin no\n",
    "ports": b"Port 22\nPort 2222\nport 2200\n",
    "addresses": b"ListenAddress 127.0.0.1\nListenAddress [::1]:2200\nListenAddress ::1\nPort 22\nPort 23\n",
    "address-family": b"AddressFamily inet\nPort 24\n",
    "host-keys": b"HostKey /etc/ssh/ssh_host_ed25519_key\nHostKey /etc/ssh/other\n",
    "accept-env": b"AcceptEnv LANG LC_*\nAcceptEnv FOO\n",
    "set-env": b'SetEnv A=1 B="x y"\nSetEnv C=2\n',
    "allow-and-deny": b"AllowUsers a b\nAllowUsers c@10.0.0.0/8\nDenyGroups x z\nAllowGroups w\nDenyUsers q\n",
    "key-files": b"AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u\nAuthorizedKeysFile none\n",
    "key-files-none": b"AuthorizedKeysFile none\n",
    "key-command": b'AuthorizedKeysCommand /usr/bin/x %u "a"\nAuthorizedKeysCommandUser nobody\n',
    "times": b"LoginGraceTime 2m\nClientAliveInterval 1h30m\nClientAliveCountMax 0\n",
    "startups": b"MaxStartups 5\nMaxStartups 10:50:60\n",
    "limits": b"MaxSessions 0\nMaxAuthTries 2\nPerSourceMaxStartups 3\n",
    "rekey": b"RekeyLimit 1G 1h\n",
    "rekey-default": b"RekeyLimit default none\n",
    "ip-qos": b"IPQoS af21\nIPQoS cs1 cs2\n",
    "logging": b"LogLevel debug\nSyslogFacility authpriv\nLogVerbose kex.c:*:1000 packet.c:*\n",
    "masks": b"StreamLocalBindMask 0117\nStreamLocalBindMask 177\nFingerprintHash md5\nPerSourceNetBlockSize 24:56\n",
    "forwarding": (
        b"AllowTcpForwarding ALL\nAllowStreamLocalForwarding local\nGatewayPorts clientspecified\n"
        b"PermitOpen host:22 *:80\nPermitListen 8080 localhost:33\nX11UseLocalhost no\nPermitTunnel ethernet\n"
    ),
    "permit-open-none": b"PermitOpen none\nPermitListen any\nPermitOpen host:1\n",
    "user-environment": b"PermitUserEnvironment LANG,LC_*\n",
    "compression": b"Compression delayed\n",
    "raw-values": b'ForceCommand /bin/x "a b" # no\nVersionAddendum foo bar # baz\nBanner /etc/issue.net\n',
    "none-values": b"ForceCommand none\nVersionAddendum none\nBanner none\nTrustedUserCAKeys none\nRevokedKeys none\n",
    "key-options": b"PubkeyAuthOptions verify-required touch-required\nRequiredRSASize 2048\n",
    "methods": b"AuthenticationMethods publickey,password publickey,keyboard-interactive\n",
    "methods-any": b"AuthenticationMethods any\n",
    "algorithms-added": b"PubkeyAcceptedAlgorithms +ssh-rsa,ssh-dss\n",
    "algorithms-taken-away": b"PubkeyAcceptedAlgorithms -ssh-ed25519*,ecdsa-*\nHostKeyAlgorithms ^rsa-sha2-512\n",
    "algorithms-by-pattern": b"PubkeyAcceptedAlgorithms rsa-*,ssh-ed25519\nHostbasedAcceptedAlgorithms *-cert-*\n",
    "ciphers": b"Ciphers aes256-ctr,aes128-ctr\nMACs hmac-sha2-256\nKexAlgorithms curve25519-sha256\n",
    "subsystem": b'Subsystem sftp /usr/lib/openssh/sftp-server -l INFO "-f x"\n',
    "chroot": b"ChrootDirectory %h\nPidFile none\nXAuthLocation /bin/xauth\nHostKeyAgent SSH_AUTH_SOCK\n",
    "channel-timeout": b"ChannelTimeout session:*=5m x11-connection=1m\nUnusedConnectionTimeout 5m\n",
    "unused-connection-none": b"UnusedConnectionTimeout none\n",
    "gssapi": b"GSSAPIAuthentication yes\nKerberosAuthentication yes\nGSSAPIKeyExchange yes\n",
    "rhosts": b"IgnoreRhosts shosts-only\nHostbasedAuthentication yes\nIgnoreUserKnownHosts yes\n",
    "debian-banner": b"DebianBanner no\n",
    "match-user": b"Match User bob\nPasswordAuthentication no\nX11Forwarding yes\n",
    "match-all-ends-a-block": b"Match User bob\nPasswordAuthentication no\nMatch all\nX11Forwarding yes\n",
}
# {} is where the files lie
TREES: dict[str, Tree] = {
    "include-glob": {
        MAIN: b"Include {}/d/*.conf\nPermitRootLogin no\nUsePAM yes\n",
        "d/20.conf": b"PermitRootLogin yes\nPasswordAuthentication yes\n",
        "d/10.conf": b"PasswordAuthentication no\n",
        "d/.hidden.conf": b"X11Forwarding yes\n",
        "d/other": b"X11Forwarding yes\n",
    },
    "include-behind": {
        MAIN: b"PermitRootLogin no\nInclude {}/a\nUsePAM yes\n",
        "a": b"PermitRootLogin yes\nUsePAM no\n",
    },
    "include-several": {MAIN: b'Include "{}/b" {}/a {}/[cd]?\n', "a": b"Port 1\n", "b": b"Port 2\n", "c1": b"Port 3\n"},
    "include-in-include": {MAIN: b"Include {}/a\n", "a": b"Include {}/b\nUsePAM no\n", "b": b"UsePAM yes\n"},
    "include-of-nothing": {MAIN: b"Include {}/*.none\nUsePAM yes\n"},
    "include-in-folders": {MAIN: b"Include {}/*/x.conf\n", "p/x.conf": b"UsePAM yes\n", "o/x.conf": b"UsePAM no\n"},
    "include-in-a-match": {
        MAIN: b"Match User bob\nInclude {}/a\nMatch all\nX11Forwarding yes\n",
        "a": b"PasswordAuthentication no\nMatch all\nPermitTTY no\n",
    },
    "match-ends-with-its-file": {
        MAIN: b"Include {}/a\nPasswordAuthentication no\n",
        "a": b"Match User bob\nX11Forwarding yes\n",
    },
}
REFUSED: dict[str, tuple[bytes, str]] = {
    "unknown-keyword": (b"PermitRotLogin no\n", 'the keyword "permitrotlogin" is not known'),
    "no-value": (b"UsePAM yes\nPermitRootLogin\n", 'there is no argument behind "PermitRootLogin"'),
    "bad-value": (
        b"PermitRootLogin maybe\n",
        'the value is "maybe", not one of without-password, prohibit-password, forced-commands-only, yes, no',
    ),
    "two-values": (b"PermitRootLogin no yes\n", "there are extra arguments at the end of the line"),
    "open-quote": (b'Banner "/etc/issue\n', "a quote is not closed"),
    "bad-time": (b"LoginGraceTime 2x\n", 'the value is "2x", not a time'),
    "bad-number": (b"MaxAuthTries many\n", 'the value is "many", not a number'),
    "bad-port": (b"Port 70000\n", 'the value is "70000", not a port'),
    "command-not-absolute": (b"AuthorizedKeysCommand bin/x\n", "the command is not an absolute path"),
    "command-without-user": (b"AuthorizedKeysCommand /bin/x\n", "AuthorizedKeysCommand is set without"),
    "methods-that-are-off": (b"AuthenticationMethods publickey,hostbased\n", "no list of AuthenticationMethods has"),
    "empty-list": (b"AuthorizedKeysFile\n", 'there is no argument behind "AuthorizedKeysFile"'),
}


# lines of these mean something else, or make sshd refuse the file, unless others stand beside them
_NOT_ALONE = ("match", "methods", "dsa", "host-keys", "key-command", "subsystem", "startups")


def generated(number: int) -> bytes:
    """A configuration of some 15 lines out of those above, always the same for a number."""
    chance = random.Random(number)
    lines = [line for name, text in SINGLE.items() if not name.startswith(_NOT_ALONE) for line in text.split(b"\n")]
    return b"\n".join(chance.sample(lines, 15)) + b"\n"


def all_trees() -> dict[str, Tree]:
    """Every configuration that sshd takes, by name."""
    single = {name: {MAIN: text} for name, text in SINGLE.items()}
    return single | TREES | {f"generated-{number}": {MAIN: generated(number)} for number in range(30)}


def place(name: str, tree: Tree) -> Tree:
    """The files of a configuration at their full paths."""
    folder = f"/srv/cases/{name}"
    return {f"{folder}/{path}": data.replace(b"{}", folder.encode()) for path, data in tree.items()}


def listings(files: Tree) -> dict[str, tuple[str, ...]]:
    """The folders of these files, each with its names."""
    found: dict[str, set[str]] = {}
    for path in files:
        while path != "/":
            folder, name = posixpath.split(path)
            found.setdefault(folder, set()).add(name)
            path = folder
    return {folder: tuple(sorted(names)) for folder, names in found.items()}
