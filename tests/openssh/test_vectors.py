"""OpenSSH's own vectors, run through our parsers: keys, certificates, options.

They come from the regress folder of the source package, which apt fetches; nothing of them is kept here.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from lab.tree import why_no_lab

from hygiene.openssh import certificates, keys
from hygiene.openssh.authorized_keys import parse
from hygiene.openssh.certificates import Kind
from hygiene.openssh.options import NONE, Options
from hygiene.openssh.version import Version
from hygiene.openssh.wire import string

from .material import ED_LINE
from .source import vectors

_KEYS = ("regress/unittests/sshkey/testdata/", "regress/misc/fuzz-harness/testdata/")
_OPTIONS = "regress/unittests/authopt/"
LAST_WITH_DSA = Version(9, 7)
# one by default; older and newer ones in `make prove`
SUITES = [
    pytest.param("bookworm"),
    pytest.param("bullseye", marks=pytest.mark.prove),
    pytest.param("trixie", marks=pytest.mark.prove),
]


@pytest.fixture(scope="module", params=SUITES)
def source(request: pytest.FixtureRequest) -> Mapping[str, bytes]:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        pytest.skip(f"the source package of OpenSSH needs {why_no_lab() or 'apt'}")
    return vectors(request.param, *_KEYS, _OPTIONS)


def test_public_keys_and_certificates(source: Mapping[str, bytes], tmp_path: Path) -> None:
    lines = {path: data for path, data in source.items() if path.endswith(".pub") and ".param." not in path}
    assert len(lines) > 15
    for path, data in lines.items():
        (line,) = parse(data, LAST_WITH_DSA if b"ssh-dss" in data else None)
        assert line.key is not None, path
        said = source.get(path.removesuffix(".pub") + ".fp")
        expected = said.decode().strip() if said is not None else _listed(tmp_path, data)
        assert (path, line.key.fingerprint) == (path, expected)
        token = data.split()[1]
        if line.key.is_certificate:
            certificate = certificates.decode(keys.unbase64(token))
            assert (path, certificate.is_signed() is not False) == (path, True)
            assert certificate.key.fingerprint == expected
            assert line.dead == "a certificate in this file lets nobody in"
        else:
            assert (path, line.dead, line.marks) == (path, None, ())


def _listed(tmp_path: Path, data: bytes) -> str:
    """The fingerprint by ssh-keygen, where the source has no file with it."""
    file = tmp_path / "key.pub"
    file.write_bytes(data)
    done = subprocess.run(["ssh-keygen", "-lf", file], capture_output=True, text=True, check=True)
    return done.stdout.split()[1]


_PERMITS = {
    "agentfwd": "permit-agent-forwarding",
    "portfwd": "permit-port-forwarding",
    "pty": "permit-pty",
    "user_rc": "permit-user-rc",
    "x11fwd": "permit-X11-forwarding",
}


def test_certificates_hold_what_their_names_say(source: Mapping[str, bytes]) -> None:
    found = {
        Path(path).stem: certificates.decode(keys.unbase64(data.split()[1]))
        for path, data in source.items()
        if path.endswith(".cert")
    }
    assert len(found) > 15
    everything = frozenset(_PERMITS.values())
    for name, certificate in found.items():
        kind, _, what = name.partition("_")
        permits = frozenset(name for name, _ in certificate.extensions)
        expected = {
            "no": everything - {_PERMITS.get(what, "")} if what != "permit" else frozenset(),
            "only": frozenset({_PERMITS.get(what, "")}),
            "host": frozenset(),
        }.get(kind, everything)
        assert (name, permits) == (name, expected)
        assert (name, certificate.is_signed()) == (name, True)
        assert (certificate.serial, certificate.key_id, certificate.principals) == (1, "user", ("user",))
        assert certificate.kind is (Kind.HOST if name == "host" else Kind.USER)
    assert found["force_command"].option("force-command") == "foo"
    assert found["sourceaddr"].option("source-address") == "127.0.0.1/32,::1/128"
    assert found["bad_sourceaddr"].option("source-address") == "xxxxx"
    assert found["unknown_critical"].critical_options == (("blah", string(b"foo")),)


_FIELDS = {
    "permit_port_forwarding_flag": "port_forwarding",
    "permit_agent_forwarding_flag": "agent_forwarding",
    "permit_x11_forwarding_flag": "x11_forwarding",
    "permit_pty_flag": "pty",
    "permit_user_rc": "user_rc",
    "cert_authority": "cert_authority",
    "cert_principals": "principals",
    "force_command": "command",
    "required_from_host_keys": "from_patterns",
    "env": "environment",
    "permitopen": "permitopen",
}
_TEXT = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'


def test_options_of_the_unit_tests(source: Mapping[str, bytes]) -> None:
    code = source[f"{_OPTIONS}tests.c"].decode()
    code = code[code.index("test_authkeys_parse(void)") : code.index("test_cert_parse(void)")]
    cases = 0
    for match in re.finditer(rf"\tFAIL_TEST\({_TEXT},\s*{_TEXT}\);", code):
        text = ast.literal_eval(match[2])
        if not text.endswith(","):  # the end of the text is the error there, and a blank follows in a line
            cases += 1
            assert (text, _read(text)) == (text, None)
    for match in re.finditer(rf"\tFLAG_TEST\({_TEXT}, (\w+), ([01])\);", code):
        cases += 1
        _agree(ast.literal_eval(match[1]), match[2], match[3] == "1")
    for match in re.finditer(rf"\tSTRING_TEST\({_TEXT}, (\w+), {_TEXT}\);", code):
        cases += 1
        name, value = ast.literal_eval(match[1]), ast.literal_eval(match[3])
        more = "cert-authority," if name == "principals" else ""
        _agree(f'{more}{name}="{value}"', match[2], value if name == "command" else tuple(value.split(",")))
    for match in re.finditer(rf"\tARRAY_TEST\({_TEXT},\s*{_TEXT},\s*(\w+), \w+, {_TEXT}\);", code):
        cases += 1
        _agree(ast.literal_eval(match[2]), match[3], tuple(ast.literal_eval(match[4]).split(",")))
    assert cases >= 28


def _agree(text: str, variable: str, value: object) -> None:
    for options in (text, f"restrict,{text}"):
        read = _read(options)
        assert read is not None, options
        assert (options, getattr(read, _FIELDS[variable])) == (options, value)


def _read(text: str) -> Options | None:
    """The options of a living line; None when sshd refuses it."""
    (line,) = parse(text.encode() + b" " + ED_LINE, Version(9, 2)) if text else parse(ED_LINE, Version(9, 2))
    assert line.options.texts or line.options == NONE
    return line.options if line.dead is None else None
