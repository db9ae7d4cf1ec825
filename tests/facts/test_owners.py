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
        pytest.param(b"-rw-r--r-- root/shadow 12 2026-01-02 03:04 ./etc/shadow\n", {}, id="names are no numbers"),
        pytest.param(b"\x00\xff garbage\n#mtree?\n", {}, id="neither"),
        pytest.param(b"", {}, id="empty"),
    ],
)
def test_owners(listing: bytes, owners: dict[bytes, Owner]) -> None:
    assert parse(listing) == owners
