"""Owners of an unpacked image: from mtree files and tar listings as the real programs write them."""

from __future__ import annotations

import pytest

from hygiene.facts.owners import Owner, parse


@pytest.mark.parametrize(
    ("listing", "owners"),
    [
        pytest.param(
            b"#mtree\n. type=dir mode=0755 uid=0 gid=0\n./etc/shadow type=file mode=0640 uid=0 gid=42 size=3\n",
            {b"/": Owner(0, 0, 0o755), b"/etc/shadow": Owner(0, 42, 0o640)},
            id="full paths",
        ),
        pytest.param(
            b"#mtree\n/set type=file uid=0 gid=0 mode=0644\n.   type=dir mode=0755\n    etc type=dir mode=0755\n"
            b"        passwd\n        shadow  mode=0600 gid=42\n    ..\n    home type=dir mode=0755\n"
            b"        bob type=dir uid=1000 gid=1000 mode=0700\n        ..\n    ..\n..\n",
            {
                b"/": Owner(0, 0, 0o755),
                b"/etc": Owner(0, 0, 0o755),
                b"/etc/passwd": Owner(0, 0, 0o644),
                b"/etc/shadow": Owner(0, 42, 0o600),
                b"/home": Owner(0, 0, 0o755),
                b"/home/bob": Owner(1000, 1000, 0o700),
            },
            id="folders entered and left, with /set",
        ),
        pytest.param(
            b"#mtree\n/set uid=5\n/unset uid\n./a\\040b mode=0600 gid=1 \\\n  uid=7\n./c\n",
            {b"/a b": Owner(7, 1, 0o600), b"/c": Owner(None, None, None)},
            id="escapes, continued lines, and what is not said",
        ),
        pytest.param(
            b"-rw-r----- 0/42       1234 2026-01-02 03:04 ./etc/shadow\n"
            b"drwxr-xr-x 1000/1000      0 2026-01-02 03:04 ./home/bob/\n"
            b"lrwxrwxrwx 0/0            0 2026-01-02 03:04 ./bin -> usr/bin\n"
            b"-rwsr-xr-x 0/0        99999 2026-01-02 03:04 usr/bin/sudo\n",
            {
                b"/etc/shadow": Owner(0, 42, 0o640),
                b"/home/bob": Owner(1000, 1000, 0o755),
                b"/bin": Owner(0, 0, 0o777),
                b"/usr/bin/sudo": Owner(0, 0, 0o4755),
            },
            id="tar -tv --numeric-owner",
        ),
        pytest.param(
            b"hrw-r----- 0/42 0 2026-01-02 03:04 ./etc/gshadow link to ./etc/shadow\n"
            b"crw-rw-rw- 0/0 1,3 2026-01-02 03:04 ./dev/null\n"
            b"-rw-r--r--+ 0/0 3 2026-01-02 03:04 ./a\\nb\\\\c\\303\\274\n",
            {
                b"/etc/gshadow": Owner(0, 42, 0o640),
                b"/dev/null": Owner(0, 0, 0o666),
                b"/a\nb\\c\xc3\xbc": Owner(0, 0, 0o644),
            },
            id="tar: hard links, devices, access lists and escapes",
        ),
        pytest.param(
            b"#mtree\netc/passwd uid=1 gid=1 mode=0644\n/etc/group uid=2 gid=2 mode=0644\n"
            b"./etc/ssh/ uid=3 gid=3 mode=0755\n./.ssh/x uid=4 gid=4 mode=0600\n",
            {
                b"/etc/passwd": Owner(1, 1, 0o644),
                b"/etc/group": Owner(2, 2, 0o644),
                b"/etc/ssh": Owner(3, 3, 0o755),
                b"/.ssh/x": Owner(4, 4, 0o600),
            },
            id="paths however they begin and end",
        ),
        pytest.param(
            b"#mtree\n/set uid=x gid=99999999999 mode=0888\n./a\n./b uid=-1 mode=u+rwx gid=\n",
            {b"/a": Owner(None, None, None), b"/b": Owner(None, None, None)},
            id="numbers that are none",
        ),
        pytest.param(
            b"#mtree\n./etc/shadow mode=0600 uid=0 gid=0\n./etc/shadow mode=0644 uid=5 gid=5\n",
            {b"/etc/shadow": Owner(5, 5, 0o644)},
            id="the last entry of a path holds, as when it is unpacked",
        ),
        pytest.param(
            b"#mtree\n/set type=dir uid=0 gid=0 mode=0755\n" + b"d" * 3000 + b"\n" + b"e" * 3000 + b"\n./etc uid=1\n",
            {b"/" + b"d" * 3000: Owner(0, 0, 0o755)},
            id="a path that no file system has ends the reading",
        ),
        pytest.param(b"-rw-r--r-- root/shadow 12 2026-01-02 03:04 ./etc/shadow\n", {}, id="names are no numbers"),
        pytest.param(b"\x00\xff garbage\n#mtree?\n", {}, id="neither"),
        pytest.param(b"", {}, id="empty"),
    ],
)
def test_owners(listing: bytes, owners: dict[bytes, Owner]) -> None:
    assert parse(listing) == owners


def test_a_long_list_is_read_in_linear_time() -> None:
    """Folders in folders, and a `/set` of many words: what a list can say grows with its length, no faster."""
    words = b" ".join(b"k%d=v" % number for number in range(20_000))
    deep = b"".join(b"d type=dir\n" for _ in range(20_000))
    many = b"".join(b"./f%d uid=1 gid=1 mode=0644\n" % number for number in range(20_000))
    assert len(parse(b"#mtree\n/set " + words + b"\n" + many)) == 20_000
    assert len(parse(b"#mtree\n" + deep)) == 2_048
