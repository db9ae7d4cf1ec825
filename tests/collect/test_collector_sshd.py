"""What the collector brings of how sshd is started and set up: units, arguments, programs, links, versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from hygiene.evidence import tables
from hygiene.evidence.frames import Frame, Transcript

from .disk import AWKS, Link, collect, installed, make, snapshot, with_awk
from .test_collector import KEY

UNIT = (
    "[Service]\nEnvironmentFile=-/etc/default/ssh\nEnvironmentFile=-/etc/ssh/sshd.env\n"
    "ExecStart=/usr/sbin/sshd -D -o \\\n  AuthorizedKeysFile=/etc/ssh/unit/%u $SSHD_OPTS\n"
    "Environment=DB_PASSWORD=CANARY\n# CANARY comment\n"
)
DROP_IN = (
    '[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -Df/etc/ssh/other_config -o "TrustedUserCAKeys /etc/ssh/unit_ca"\n'
)
ROOT: dict[str, str | bytes | Link | int] = {
    "/etc/passwd": "root:x:0:0::/root:/bin/sh\nann:x:1:1::/home/ann:/bin/sh\n",
    "/etc/ssh/sshd_config": (
        "AuthorizedKeysFile ~/.ssh/roots ~ann/anns 'quo ted/%u' esc\\ aped\n"
        "AuthorizedKeysCommand /opt/bin/keys %u %k\nAuthorizedKeysCommandUser nobody\n"
        'Match User ann\n  AuthorizedPrincipalsCommand "/opt/my bin/principals" %i\n'
        "  RevokedKeys /etc/ssh/r1 /etc/ssh/r2\n"
        "TrustedUserCAKeys relative_ca\n"
    ),
    "/etc/ssh/other_config": "PermitRootLogin no\n",
    "/etc/ssh/sshd.env": "SSHD_OPTS='-o AuthorizedKeysFile=/etc/ssh/env/%u'\n",
    "/etc/default/ssh": "# -o AuthorizedKeysFile=/no/comment\nexport SSHD_OPTS=-oRevokedKeys=/etc/ssh/env_revoked\n",
    "/etc/sysconfig/sshd": "OPTIONS=\n",
    "/etc/crypto-policies/back-ends/opensshserver.config": "CRYPTO_POLICY='-oCiphers=aes256-ctr'\n",
    "/lib": Link("usr/lib"),
    "/usr/lib/systemd/system/ssh.service": UNIT,
    "/usr/lib/systemd/system/ssh.socket": "[Socket]\nListenStream=22\n",
    "/usr/lib/systemd/system/rescue-ssh.target": "[Unit]\n",
    "/usr/lib/systemd/system/ssh-agent.service": "[Service]\nExecStart=/usr/bin/ssh-agent\n",
    "/usr/lib/systemd/system/my-ssh.service": "[Service]\nExecStart=/opt/sbin/sshd -D\n",
    "/etc/systemd/system/ssh.service.d/local.conf": DROP_IN,
    "/etc/systemd/system/ssh.service.d/notes.txt": "CANARY",
    "/etc/systemd/system/sshd.service": Link("/lib/systemd/system/ssh.service"),
    "/etc/systemd/system/sshd.socket": Link("/dev/null"),
    "/etc/inetd.conf": "# CANARY\nftp stream tcp nowait root /sbin/CANARY\nssh stream tcp nowait root sshd -i\n",
    "/etc/xinetd.d/ssh": "service ssh\n{\n\tserver = /usr/sbin/sshd\n\tserver_args = -i -o UsePAM=no\n}\n",
    "/opt/my bin/principals": "#!/bin/sh\n",
    "/opt/bin": Link("../srv/tools"),
    "/srv/tools/keys": "#!/bin/sh\n",
    "/usr/sbin/sshd": b"\x7fELF\0OpenSSH_6.6.1*\0OpenSSH_9.2\0OpenSSH_9.2p1 Debian-2+deb12u7\0OpenSSH_9.2p1\0CANARY",
    "/root/.ssh/roots": f"{KEY} a\n",
    "/home/ann/anns": f"{KEY} b\n",
    "/root/quo ted/root": f"{KEY} c\n",
    "/home/ann/esc aped": f"{KEY} d\n",
    "/etc/ssh/unit/ann": f"{KEY} e\n",
    "/etc/ssh/env/root": f"{KEY} f\n",
    **{f"/{name}": f"{KEY}\n" for name in ("etc/ssh/r1", "etc/ssh/r2", "etc/ssh/env_revoked", "etc/ssh/unit_ca")},
    "/relative_ca": f"{KEY}\n",
}
FRAMES = [
    Frame("unit", b"/etc/systemd/system/ssh.service.d/local.conf", "ok", DROP_IN.encode()),
    Frame(
        "unit",
        b"/etc/systemd/system/sshd.service",
        "ok",
        UNIT.replace("Environment=DB_PASSWORD=CANARY", "hyg:dropped 30").replace("# CANARY comment", "#").encode(),
    ),
    Frame("unit", b"/etc/systemd/system/sshd.socket", "absent"),
    Frame("unit", b"/usr/lib/systemd/system/my-ssh.service", "ok", b"[Service]\nExecStart=/opt/sbin/sshd -D\n"),
    Frame(
        "unit",
        b"/usr/lib/systemd/system/ssh.service",
        "ok",
        UNIT.replace("Environment=DB_PASSWORD=CANARY", "hyg:dropped 30").replace("# CANARY comment", "#").encode(),
    ),
    Frame("unit", b"/usr/lib/systemd/system/ssh.socket", "ok", b"[Socket]\nListenStream=22\n"),
    Frame(
        "unit",
        b"/etc/inetd.conf",
        "ok",
        b"#\nhyg:dropped 39\nssh stream tcp nowait root sshd -i\n",
    ),
    Frame("unit", b"/etc/xinetd.d/ssh", "ok", str(ROOT["/etc/xinetd.d/ssh"]).encode()),
    *(
        Frame("sshd_env", path.encode(), "ok", str(ROOT[path]).encode())
        for path in (
            "/etc/sysconfig/sshd",
            "/etc/default/ssh",
            "/etc/crypto-policies/back-ends/opensshserver.config",
            "/etc/ssh/sshd.env",
        )
    ),
    Frame("sshd_config", b"/etc/ssh/other_config", "ok", b"PermitRootLogin no\n"),
    Frame("sshd_config", b"/etc/ssh/sshd_config", "ok", str(ROOT["/etc/ssh/sshd_config"]).encode()),
    Frame("sshd_binary", b"/usr/sbin/sshd", "ok", b"OpenSSH_9.2p1 Debian-2+deb12u7\n"),
]


@pytest.fixture(scope="module", params=AWKS)
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Transcript:
    if not installed(AWKS[request.param].split()[0]):
        pytest.skip(f"{AWKS[request.param]} is not installed here")
    root = make(tmp_path_factory.mktemp("root"), ROOT)
    (root / "usr/sbin/sshd").chmod(0o755)
    before = snapshot(root)
    found = collect(root, text=with_awk(AWKS[request.param], tmp_path_factory.mktemp("bin")))
    assert snapshot(root) == before
    return found


def test_how_sshd_is_started(found: Transcript) -> None:
    assert [
        frame for frame in found.frames if frame.kind in {"unit", "sshd_env", "sshd_config", "sshd_binary"}
    ] == FRAMES
    assert found.notes == ()


def test_what_is_named_on_a_command_line_counts_like_the_configuration(found: Transcript) -> None:
    """Also what stands in a unit, its drop-in or an environment file, and in a Match block."""
    assert {frame.path for frame in found.all("akeys") if frame.status == "ok"} == {
        b"/root/.ssh/roots",
        b"/home/ann/anns",
        b"/root/quo ted/root",
        b"/home/ann/esc aped",
        b"/etc/ssh/unit/ann",
        b"/etc/ssh/env/root",
    }
    assert {frame.path: frame.status for frame in found.all("trust")} == {
        b"/etc/ssh/r1": "ok",
        b"/etc/ssh/r2": "ok",
        b"/etc/ssh/env_revoked": "ok",
        b"/etc/ssh/unit_ca": "ok",
        b"/relative_ca": "ok",
    }


def test_every_step_of_a_way_is_told(found: Transcript) -> None:
    """Folders and files in `meta`, links in `symlinks`: of the path as it is named, and of where it leads."""
    metas, links = tables.metas(found), tables.symlinks(found)
    assert {path for path in metas if path.startswith((b"/opt", b"/srv"))} == {
        b"/opt",
        b"/opt/my bin",
        b"/opt/my bin/principals",
        b"/srv",
        b"/srv/tools",
        b"/srv/tools/keys",
    }
    assert links == {
        b"/lib": b"usr/lib",
        b"/opt/bin": b"../srv/tools",
        b"/etc/systemd/system/sshd.service": b"/lib/systemd/system/ssh.service",
        b"/etc/systemd/system/sshd.socket": b"/dev/null",
    }
    exists = tables.states(found, "exists")
    assert (exists[b"/opt/bin/keys"], exists[b"/opt/my bin/principals"]) == ("present", "present")
    assert b"CANARY" not in b"".join(frame.data for frame in found.frames)


def test_links_that_lead_nowhere(tmp_path: Path) -> None:
    """A loop, a device, a target with characters that are not followed: told as they are, and nothing hangs."""
    root = make(
        tmp_path,
        {
            "/etc/passwd": "".join(f"{name}:x:1:1::/{name}:/bin/sh\n" for name in "abc"),
            "/a/.ssh": Link("../a/.ssh"),
            "/b/.ssh/authorized_keys": Link("/dev/zero"),
            "/c/.ssh/authorized_keys": Link("o dd"),
            "/c/.ssh/o dd": KEY,
        },
    )
    found = collect(root)
    assert tables.symlinks(found) == {
        b"/a/.ssh": b"../a/.ssh",
        b"/b/.ssh/authorized_keys": b"/dev/zero",
        b"/c/.ssh/authorized_keys": b"",
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"\0OpenSSH_8.7p1\0OpenSSH_8.7\0", b"OpenSSH_8.7p1\n", id="no vendor's name"),
        pytest.param(b"\0OpenSSH_3.*\0OpenSSH_7.0*,OpenSSH_7.1*\0", None, id="patterns of other versions only"),
        pytest.param(b"#!/bin/sh\n", None, id="no version"),
    ],
)
def test_version_inside_the_program(tmp_path: Path, content: bytes, said: bytes | None) -> None:
    root = make(tmp_path, {"/etc/passwd": "", "/usr/sbin/sshd": content})
    (root / "usr/sbin/sshd").chmod(0o755)
    frame = collect(root).first("sshd_binary")
    assert (frame.data if frame else None) == said


def test_a_package_database_comes_before_the_program(tmp_path: Path) -> None:
    root = make(
        tmp_path,
        {
            "/usr/sbin/sshd": b"OpenSSH_9.2p1",
            "/lib/apk/db/installed": "P:openssh-server\nV:9.7_p1-r4\nA:x86_64\n\n",
        },
    )
    (root / "usr/sbin/sshd").chmod(0o755)
    found = collect(root)
    assert found.first("sshd_binary") is None
    package = found.first("sshd_package")
    assert package is not None
    assert package.data == b"P:openssh-server\nV:9.7_p1-r4\nA:x86_64\n"


@pytest.mark.parametrize(
    ("said", "version"),
    [
        pytest.param(
            "openssh-server (none):8.7p1-38.el9\\nopenssh (none):8.7p1-38.el9", b"8.7p1-38.el9", id="no epoch"
        ),
        pytest.param("openssh-server 1:9.6p1-1~rc1", b"1:9.6p1-1~rc1", id="epoch"),
        pytest.param(
            "package openssh-server is not installed\\nopenssh 0:9.6p1-2", b"0:9.6p1-2", id="only one package"
        ),
        pytest.param("package openssh-server is not installed", None, id="not installed"),
        pytest.param("openssh-server $(id)", None, id="something else"),
    ],
)
def test_asks_rpm_on_a_running_host_and_never_as_root(tmp_path: Path, said: str, version: bytes | None) -> None:
    folder = tmp_path / "bin"
    text = with_awk("awk", folder)
    (folder / "awk").unlink()
    for name, program in {
        "rpm": f"[ $# = 5 ] && [ -n \"$NOT_ROOT\" ] && printf '{said}\\n'",
        "setpriv": '[ "$1" = --reuid=65534 ] || exit 1; shift 3; NOT_ROOT=yes exec "$@"',
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{program}\n")
        (folder / name).chmod(0o755)
    for old, new in ((b'if (LIVE && (isdir("/var/lib/rpm")', b'if ((isdir("/var/lib/rpm")'), (b"(ROOTUID ?", b"(1 ?")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    found = collect(make(tmp_path / "root", {"/var/lib/rpm": 0o755}), text=text).first("sshd_package")
    assert (found.path if found else None) == (b"/var/lib/rpm" if version else None)
    assert (found.data if found else None) == (b"Version: " + version + b"\n" if version else None)


def test_units_that_cannot_be_listed_are_said_so(tmp_path: Path) -> None:
    root = make(tmp_path, {"/etc/systemd/system": "a file", "/run/systemd/system": Link("system")})
    found = collect(root)
    assert {path: state for path, state in tables.states(found, "dirs").items() if b"systemd" in path} == {
        b"/etc/systemd/system": "notdirectory",
        b"/run/systemd/system": "badlink",
        b"/usr/lib/systemd/system": "absent",
        b"/lib/systemd/system": "absent",
    }


def test_revoked_keys_come_whole(tmp_path: Path) -> None:
    """A key revocation list is binary and may be large; of several files each is brought, lists of keys too."""
    lists = {"krl": b"SSHKRL\n\0" + bytes(range(256)) * 8000, "text": f"{KEY}\n# why\n".encode() * 5000, "empty": b""}
    lists["huge"] = b"SSHKRL\n\0" + b"x" * (4 << 20)
    root = make(
        tmp_path,
        {
            "/etc/ssh/sshd_config": "Match all\nRevokedKeys " + " ".join(f"/etc/{name}" for name in lists) + "\n",
            **{f"/etc/{name}": data for name, data in lists.items()},
        },
    )
    assert {frame.path: (frame.status, frame.data) for frame in collect(root).all("trust")} == {
        b"/etc/krl": ("ok", lists["krl"]),
        b"/etc/text": ("ok", lists["text"]),
        b"/etc/empty": ("ok", b""),
        b"/etc/huge": ("toolarge", b""),
    }
