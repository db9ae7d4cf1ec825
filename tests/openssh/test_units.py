"""What systemd's units say of how sshd is started."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hygiene.openssh.units import Started, started

# as Debian 12 ships it, the lines that matter
DEBIAN = b"""\
[Unit]
Description=OpenBSD Secure Shell server
[Service]
EnvironmentFile=-/etc/default/ssh
ExecStartPre=/usr/sbin/sshd -t
ExecStart=/usr/sbin/sshd -D $SSHD_OPTS
ExecReload=/usr/sbin/sshd -t
[Install]
WantedBy=multi-user.target
"""
# as Red Hat 8 ships it
REDHAT = b"""\
[Service]
EnvironmentFile=-/etc/crypto-policies/back-ends/opensshserver.config
EnvironmentFile=-/etc/sysconfig/sshd
ExecStart=/usr/sbin/sshd -D $OPTIONS $CRYPTO_POLICY
"""
SSH = "/usr/lib/systemd/system/ssh.service"


@pytest.mark.parametrize(
    ("files", "environments", "expected"),
    [
        pytest.param({SSH: DEBIAN}, {}, [Started("ssh.service", ("-D",))], id="no environment file: no options"),
        pytest.param(
            {SSH: DEBIAN},
            {"/etc/default/ssh": b"# SSHD_OPTS=-p 1\nSSHD_OPTS='-p 2222 -o PermitRootLogin=yes'\n"},
            [Started("ssh.service", ("-D", "-p", "2222", "-o", "PermitRootLogin=yes"))],
            id="a variable alone becomes several words",
        ),
        pytest.param(
            {SSH: DEBIAN},
            {"/etc/default/ssh": None},
            [Started("ssh.service", ("-D",), ("SSHD_OPTS",))],
            id="an environment file that could not be read",
        ),
        pytest.param(
            {"/usr/lib/systemd/system/sshd.service": REDHAT},
            {
                "/etc/crypto-policies/back-ends/opensshserver.config": b"CRYPTO_POLICY='-oCiphers=a,b -oMACs=c'\n",
                "/etc/sysconfig/sshd": b'OPTIONS="-u0"\n',
            },
            [Started("sshd.service", ("-D", "-u0", "-oCiphers=a,b", "-oMACs=c"))],
            id="a crypto policy on the command line",
        ),
        pytest.param(
            {
                SSH: DEBIAN,
                "/etc/systemd/system/ssh.service.d/b.conf": b"[Service]\nExecStart=\nExecStart=/sbin/sshd -D -f /b\n",
                "/usr/lib/systemd/system/ssh.service.d/a.conf": b"[Service]\nExecStart=/usr/sbin/sshd -D -f /a\n",
            },
            {},
            [Started("ssh.service", ("-D", "-f", "/b"))],
            id="an empty value drops what stood before, drop-ins by name",
        ),
        pytest.param(
            {SSH: DEBIAN, "/etc/systemd/system/ssh.service": b"[Service]\nExecStart=-/opt/sbin/sshd -D -f /own\n"},
            {},
            [Started("ssh.service", ("-D", "-f", "/own"))],
            id="a unit of /etc replaces that of the package",
        ),
        pytest.param(
            {SSH: DEBIAN, "/etc/systemd/system/ssh.service": b""}, {}, [], id="masked: a link to the null device"
        ),
        pytest.param(
            {
                "/etc/systemd/system/admin-ssh.service": (
                    b'[Service]\nEnvironment="WHERE=/etc/ssh/admin conf" PORT=22\n'
                    b"ExecStart=/usr/sbin/sshd -D \\\n  # not a part of it\n -f ${WHERE} -p ${PORT}00\n"
                )
            },
            {},
            [Started("admin-ssh.service", ("-D", "-f", "/etc/ssh/admin conf", "-p", "2200"))],
            id="a variable in braces stays one word; lines go on",
        ),
        pytest.param(
            {"/etc/systemd/system/other.service": b"[Service]\nExecStart=/usr/bin/sshdx -D\nExecStart=/bin/sh sshd\n"},
            {},
            [],
            id="other programs",
        ),
        pytest.param(
            {"/etc/systemd/system/ssh.service": b"[Service]\nExecStart=/usr/sbin/sshd 'open\n[[[\n=\n" + b"\\\n" * 9},
            {},
            [Started("ssh.service", ("open",))],
            id="damaged files",
        ),
        pytest.param({"/etc/systemd/system/ssh.socket": b"[Socket]\nListenStream=22\n"}, {}, [], id="a socket"),
    ],
)
def test_started(files: Mapping[str, bytes], environments: Mapping[str, bytes | None], expected: list[Started]) -> None:
    assert list(started(files, environments)) == expected
