"""What the collector asks sshd for when Match blocks tell accounts and sources apart: one call for each difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from hygiene.collect import script
from hygiene.evidence.frames import Frame, Transcript

from .disk import AWKS, collect, installed, make, with_awk

PASSWD = (
    "root:x:0:0::/root:/bin/sh\nann:x:1:100::/home/ann:/bin/sh\nbea:x:2:100::/home/bea:/bin/sh\n"
    "c y:x:3:100::/home/cy:/bin/sh\nc,y:x:6:100::/:/bin/sh\n"
    "adm-dee:x:4:200::/home/dee:/bin/sh\nadm-eve:x:5:100::/home/eve:/bin/sh\n"
)
GROUP = "root:x:0:\nusers:x:100:\nsftp:x:200:bea\nalias:x:200:adm-eve\nfar:x:300:nobody\n"
BASE = "192.0.2.77"


def echoing(text: bytes) -> bytes:
    """The script, made to echo instead of asking an sshd, and to do so for a folder."""
    for old, new in ((b'if (LIVE && SSHD != "" && ROOTUID)', b"if (1)"), (b'e=$(" SSHD " -T"', b'e=$(echo -T"')):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def asked(folder: Path, config: str, text: bytes | None = None, passwd: str = PASSWD) -> Transcript:
    root = make(folder, {"/etc/passwd": passwd, "/etc/group": GROUP, "/etc/ssh/sshd_config": config})
    return collect(root, text=echoing(text or script.text()))


def specs(found: Transcript) -> list[str]:
    """The -C of every call, without what is the same in all of them."""
    frames = found.all("sshd_tc")
    assert all(frame.status == "rc=0" and frame.data == b"-T " + frame.path.lstrip() + b"\n" for frame in frames)
    assert [frame.path for frame in found.all("sshd_tc_err")] == [frame.path for frame in frames]
    short = []
    for frame in frames:
        arguments, _, spec = frame.path.decode().rpartition(" -C ")
        assert arguments == ""
        fields = dict(field.split("=", 1) for field in spec.split(","))
        usual = {"host": fields["addr"], "addr": BASE, "laddr": "192.0.2.1", "lport": "22"}
        short.append(" ".join(value for name, value in fields.items() if usual.get(name) != value))
    return short


CONFIGS = [
    pytest.param("PermitRootLogin no\nMatch all\n  X11Forwarding no\n", [], id="nothing to tell apart"),
    pytest.param("Match User root\n", ["root", "ann"], id="one account and the others"),
    pytest.param("Match User a*,!ann\n", ["root", "adm-dee"], id="a negated pattern"),
    pytest.param("Match User=root\n", ["root", "ann"], id="equals sign"),
    pytest.param('Match User "root,ann" # User bea\n', ["root", "bea"], id="quotes and a comment"),
    pytest.param("Match User ?oot\nMatch User roo?\n", ["root", "ann"], id="two lines of the same effect"),
    pytest.param("Match Group sftp\n", ["root", "bea"], id="group by its members"),
    pytest.param("Match Group alias\n", ["root"], id="a second name of a group counts for nothing"),
    pytest.param("Match Group sftp,!users\n", ["root", "adm-dee"], id="a negated group wins"),
    pytest.param("Match Group users User bea\n", ["root", "bea"], id="both criteria of a line"),
    pytest.param("Match User c?y\n", ["root", "c y"], id="a name with a blank"),
    pytest.param("Match User c,y\n", ["root"], id="a name that would be two criteria"),
    pytest.param("Match Address 10.1.0.0/16\n", ["root", "root 10.1.0.0"], id="a network"),
    pytest.param(
        "Match Address 10.0.0.0/8\nMatch Address 10.0.0.0/16\nMatch Address 10.255.255.255\n",
        ["root", "root 10.0.0.0", "root 10.255.255.255", "root 10.1.0.0"],
        id="networks inside each other",
    ),
    pytest.param("Match Address 192.0.2.0/24\n", ["root", "root 192.0.1.255"], id="a network that holds our outside"),
    pytest.param("Match Address *,!10.*\n", ["root", "root 10.1.1.1"], id="address patterns"),
    pytest.param("Match Address 2001:db8::/32\n", ["root", "root 2001:db8::"], id="IPv6"),
    pytest.param("Match User root Address 10.0.0.0/8\n", ["root", "root 10.0.0.0"], id="only with this account"),
    pytest.param("Match Host *.example.org\n", ["root", "root x.example.org"], id="host name"),
    pytest.param("Match LocalPort 2222\n", ["root", "root 2222"], id="local port"),
    pytest.param("Match LocalPort 22\n", ["root", "root 2"], id="the usual local port"),
    pytest.param("Match LocalAddress 10.1.1.1\n", ["root", "root 10.1.1.1"], id="local address"),
    pytest.param("Match RDomain blue\n", ["root", "root blue"], id="routing domain"),
    pytest.param("Match invalid-user\n", ["root"], id="no account is an invalid user"),
    pytest.param("Match Exec /bin/true\n", ["root"], id="a criterion that is none"),
]


@pytest.mark.parametrize(("config", "said"), CONFIGS)
def test_one_call_for_each_difference(tmp_path: Path, config: str, said: list[str]) -> None:
    assert specs(asked(tmp_path, config)) == said


TOGETHER = "".join(str(param.values[0]) for param in CONFIGS if "Address" in str(param.values[0]))


@pytest.mark.parametrize("awk", AWKS)
def test_the_same_calls_under_every_awk(tmp_path: Path, awk: str) -> None:
    if not installed(AWKS[awk].split()[0]):
        pytest.skip(f"{AWKS[awk]} is not installed here")
    config = TOGETHER + "Match User a*,!ann Group sftp\n"
    found = asked(tmp_path / "root", config, with_awk(AWKS[awk], tmp_path / "bin"))
    said = specs(found)
    assert said == specs(asked(tmp_path / "again", config))
    assert {"root", "adm-dee", "root 10.255.255.255", "root 2001:db8::"} <= set(said)
    assert found.notes == ()


def test_at_most_64_calls(tmp_path: Path) -> None:
    names = [f"user{number}" for number in range(100)]
    passwd = "".join(f"{name}:x:{1000 + number}:100::/:/bin/sh\n" for number, name in enumerate(names))
    found = asked(tmp_path, "".join(f"Match User {name}\n" for name in names), passwd=passwd)
    assert specs(found) == names[:64]
    # the files say all of it: what is not asked is not compared, and nothing is missing
    assert found.notes == ()


def test_names_that_an_ordinary_host_has(tmp_path: Path) -> None:
    """Groups with blanks, accounts of a domain: asked about as they are, and nothing is said to be missing."""
    names = ["ann@example.org", "DOM\\sue", "dee+x", "o'eve", "$(id)", "gr\u00fcn", "pc$", "a=b"]
    root = make(
        tmp_path,
        {
            "/etc/passwd": "root:x:0:0::/root:/bin/sh\n"
            + "".join(f"{name}:x:{1000 + at}:100::/:/bin/sh\n" for at, name in enumerate(names)),
            "/etc/group": "root:x:0:\n"
            + "".join(f"domain users{at}:x:{2000 + at}:{name}\n" for at, name in enumerate(names)),
            "/etc/ssh/sshd_config": "".join(f'Match Group "domain users{at}"\n' for at in range(len(names))),
        },
    )
    found = collect(root, text=echoing(script.text()))
    assert specs(found) == ["root", *names]
    assert found.notes == ()


def test_sshd_is_asked_before_any_match_line(tmp_path: Path) -> None:
    assert asked(tmp_path, "Match User c*\n").first("sshd_t") == Frame("sshd_t", b"", "rc=0", b"-T\n")
