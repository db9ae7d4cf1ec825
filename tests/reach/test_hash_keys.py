"""Hosts and lists whose hashes could not be compared, because their digests have other keys or none."""

from __future__ import annotations

import pytest

from hygiene.reach.hash_keys import incomparable
from hygiene.testing.planting import planted, rows_of


@pytest.mark.parametrize(
    ("rows", "reasons"),
    [
        pytest.param("hosts: host=web1", [], id="no hash"),
        pytest.param("host_hashes: host=web{1..3} digest=aa digest_key=77", [], id="one key"),
        pytest.param(
            "host_hashes: host=web{1..3} digest=aa digest_key=77\nhost_hashes: host=web4 scheme= cost= state=none",
            [],
            id="what is no hash needs no digest",
        ),
        pytest.param(
            "host_hashes: host=web{1..3} digest=aa digest_key=77\nhost_hashes: host=web4 digest_key=88",
            [],
            id="a host that made none is a gap of its own",
        ),
        pytest.param(
            """
            host_hashes: host=web{1..3} digest=aa digest_key=88
            host_hashes: host=web{4..5} digest=aa digest_key=77
            host_hashes: host=web6 digest=aa digest_key=66
            list_hashes: list=old.shadow digest=aa digest_key=55
            """,
            [
                (
                    "hashes of 3 hosts and 1 list have digests of another key than those of 3 hosts, and were not"
                    " compared with these; name a file with digest_key in the policy and read all of them anew with"
                    " --fresh"
                )
            ],
            id="the key of most hosts first",
        ),
        pytest.param(
            "host_hashes: host=web1 digest=aa digest_key=77\nlist_hashes: list=a digest=aa digest_key=77",
            [],
            id="a list",
        ),
        pytest.param(
            "host_hashes: host=web{1..2}\nhost_hashes: host=web3 digest=aa digest_key=77",
            [
                (
                    "hashes of 2 hosts have no digest, since they were read by an earlier version, and were not"
                    " compared; read them anew with --fresh"
                )
            ],
            id="read before digests were made",
        ),
    ],
)
def test_reasons(rows: str, reasons: list[str]) -> None:
    with planted(rows_of(rows)) as fleet:
        assert list(incomparable(fleet)) == reasons
