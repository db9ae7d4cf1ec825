"""A list with planted findings, a list of breached passwords and files of hashes, made from a seed, with the truth."""

from __future__ import annotations

import csv
import hashlib
import itertools
import random
import string
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hygiene.passwords.defaults.pairs import vendor_defaults
from passwords.hashes_made import made
from passwords.similars import Made, entries

_ALPHABET = string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_{|}~"
_NOISE = 100_000  # breached passwords that nobody here has
_HOSTS = ("web1", "db1", "mail1", "old1")
# those that are tried on all hashes at once, or quickly; the others are dear, and opened by an entry of their user
_CHEAP = ("nt", "sha1", "salted-sha1", "nt", "sha1", "salted-sha1", "des")
_DEAR = ("md5", "sha256crypt", "sha512crypt", "bcrypt", "yescrypt", "apr1", "argon2")

Pair = tuple[int, int]


@dataclass(slots=True)
class Planted:
    """Files, and what is true of their rows; a row is counted as a person does, 2 is the first below the header."""

    list: Path
    breached: Path
    hashes: dict[str, Path]  # by host
    equal: set[Pair] = field(default_factory=set)
    similar: set[Pair] = field(default_factory=set)
    known: set[int] = field(default_factory=set)  # rows with a breached password
    delivered: set[int] = field(default_factory=set)  # rows with a vendor's default
    opened: set[tuple[int, str, str]] = field(default_factory=set)  # row, host, account


def plant(folder: Path, seed: int, rows: int) -> Planted:
    """Make the files; about so many rows."""
    rng = random.Random(seed)
    people = [*_similar(seed, rows), *_groups(rng, rows // 40), *_defaults(rng, max(20, min(120, rows // 100)))]
    # devices have no user
    people += [_person("", _random(rng), f"device{number}") for number in range(rows - len(people))]
    rng.shuffle(people)
    planted = Planted(folder / "passwords.csv", folder / "breached.txt", {})
    with planted.list.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(("Benutzer", "Kennwort", "System", "Kunde"))
        table.writerows((one.account, one.password, one.system, one.tenant or "") for one in people)
    by_password: dict[str, list[int]] = defaultdict(list)
    for row, one in enumerate(people, 2):
        by_password[one.password].append(row)
    planted.equal = pairs(by_password.values())
    planted.similar = pairs(_sets((row, one.planted) for row, one in enumerate(people, 2)))
    delivered = vendor_defaults()
    planted.delivered = {
        row
        for row, one in enumerate(people, 2)
        if one.password in delivered.alone or (one.account.casefold(), one.password) in delivered.pairs
    }
    leaked = set(rng.sample(sorted(by_password), rows // 20))
    planted.known = {row for password in leaked for row in by_password[password]}
    digests = {hashlib.sha1(text.encode()).hexdigest().upper() for text in leaked}
    digests |= {hashlib.sha1(b"noise %d" % number).hexdigest().upper() for number in range(_NOISE)}
    planted.breached.write_text("".join(f"{digest}:{rng.randint(1, 99)}\n" for digest in sorted(digests)))
    _hashes(folder, rng, people, by_password, planted)
    return planted


def pairs(sets: Iterable[Sequence[int]]) -> set[Pair]:
    """Each two rows of a set, the lower one first."""
    return {pair for rows in sets for pair in itertools.combinations(sorted(rows), 2)}


def _sets(numbered: Iterable[tuple[int, int | None]]) -> Iterable[list[int]]:
    sets: dict[int, list[int]] = defaultdict(list)
    for row, number in numbered:
        if number is not None:
            sets[number].append(row)
    return sets.values()


def _similar(seed: int, rows: int) -> list[Made]:
    return entries(seed, rows // 50, rows // 5)


def _groups(rng: random.Random, count: int) -> list[Made]:
    """One password by two to forty people, most by few."""
    found = []
    for number in range(count):
        password = _random(rng)
        size = 2 + int(39 * rng.random() ** 6)
        found += [_person(f"g{number}-{at}", password) for at in range(size)]
    return found


def _defaults(rng: random.Random, count: int) -> list[Made]:
    """What vendors deliver, and beside each the same password with another user, which none delivers."""
    delivered = vendor_defaults()
    by_user = dict(sorted(delivered.pairs))
    chosen = rng.sample(list(by_user.items()), min(count, len(by_user)))
    found = [_person(user, password, f"d{number}") for number, (user, password) in enumerate(chosen)]
    found += [_person(f"n{number}", password, f"e{number}") for number, (_, password) in enumerate(chosen)]
    return found + [_person(f"a{number}", word) for number, word in enumerate(sorted(delivered.alone))]


def _person(account: str, password: str, system: str | None = None) -> Made:
    return Made(password, account, system or f"host-of-{account}", None, None)


def _random(rng: random.Random) -> str:
    return "".join(rng.choices(_ALPHABET, k=rng.randint(10, 20)))


def _hashes(
    folder: Path, rng: random.Random, people: list[Made], by_password: dict[str, list[int]], planted: Planted
) -> None:
    lines: dict[str, list[str]] = {host: [] for host in _HOSTS}
    passwords = sorted(by_password)
    for number in range(160):
        scheme = rng.choice(_CHEAP)
        password = rng.choice(passwords)
        host, account = _HOSTS[number % len(_HOSTS)], f"h{number}"
        if number % 4 == 3:  # one that no entry has
            password = _random(rng) + "x"
        lines[host].append(_line(account, made(scheme, password)))
        opening = by_password.get(password, [])
        if scheme == "des":  # crypt(5): 8 characters of 7 bits count
            head = _seven_bits(password)
            opening = [row for text, rows in by_password.items() if _seven_bits(text) == head for row in rows]
        planted.opened |= {(row, host, account) for row in opening}
    users = [one for one in people if one.account]
    for number, one in enumerate(rng.sample(users, 60)):
        scheme = _DEAR[number % len(_DEAR)]
        host, account = _HOSTS[number % len(_HOSTS)], one.account
        if any(line.startswith(f"{account}:") for line in lines[host]):
            continue
        password = one.password if number % 4 else one.password + "x"
        lines[host].append(_line(account, made(scheme, password)))
        planted.opened |= {(row, host, account) for row in by_password.get(password, [])}
    for host, some in lines.items():
        planted.hashes[host] = folder / f"shadow-{host}"
        planted.hashes[host].write_text("".join(some))


def _line(account: str, field_: str) -> str:
    return f"{account}:{field_}:19000:0:99999:7:::\n"


def _seven_bits(text: str) -> bytes:
    return bytes(byte & 0x7F for byte in text.encode()[:8])
