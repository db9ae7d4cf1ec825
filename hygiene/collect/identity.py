"""The keys with which a run logs in: from key files or from an agent, loaded once.

A host is offered at most three keys on one connection, since sshd counts each refused one against us
(MaxAuthTries, PerSourcePenalties). No password is ever sent.
"""

from __future__ import annotations

import copy
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from hygiene.errors import InputError
from hygiene.openssh.keys import fingerprint

MOST_KEYS = 3
_LARGEST_KEY_FILE = 1 << 20
# RFC 7468 and the older Proc-Type header
_ENCRYPTED = b"ENCRYPTED"


class PassphraseNeededError(InputError):
    """A key file is encrypted and no passphrase was given."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One key that can be offered to a host."""

    fingerprint: str  # `SHA256:...` of the key, a certificate's own key too
    source: str  # the file, or `agent`
    _pair: asyncssh.SSHKeyPair = field(repr=False, compare=False)

    def for_one_login(self) -> asyncssh.SSHKeyPair:
        """The key pair for one connection: it is told there which signature to make, so it is not shared."""
        return copy.copy(self._pair)

    def is_of(self, blob: bytes) -> bool:
        """Whether this is the key, or the certificate, with this public part."""
        return bool(self._pair.public_data == blob)

    async def sign(self, algorithm: str, data: bytes) -> bytes:
        """Sign with one of the key's algorithms; ValueError when it, or its agent, does not."""
        pair = self.for_one_login()
        pair.set_sig_algorithm(algorithm.encode())
        if isinstance(pair, asyncssh.agent.SSHAgentKeyPair):
            return await pair.sign_async(data)
        return pair.sign(data)


def from_file(path: Path, passphrase: bytes | None = None) -> tuple[Identity, ...]:
    """Load a private key file; with a certificate beside it (`FILE-cert.pub`) that is offered first.

    Raises PassphraseNeededError for an encrypted key without a passphrase, InputError for anything else.
    """
    try:
        status = path.stat()
        if status.st_size > _LARGEST_KEY_FILE:
            raise InputError(f"{path}: {status.st_size:,} bytes is no private key; name a private key file with --key")
        # as ssh does (sshkey_perm_ok): a key that others can read is no secret
        if status.st_uid == os.getuid() and status.st_mode & 0o077:
            raise InputError(
                f"{path}: mode {status.st_mode & 0o7777:04o} lets others read this private key; chmod 600 it"
            )
        encrypted = _ENCRYPTED in path.read_bytes()
        pairs = asyncssh.load_keypairs([str(path)], passphrase)
    except OSError as error:
        raise InputError(
            f"{path}: cannot read the private key: {error.strerror}; check the path given with --key"
        ) from error
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        # the errors of the library are not passed on: which one it is depends on the bytes a wrong passphrase gives
        if passphrase is None and "assphrase" in str(error):
            raise PassphraseNeededError(
                f"{path}: the private key is encrypted; give its passphrase with --passphrase-file, or use an agent"
            ) from error
        if "bcrypt" in str(error):
            raise InputError(f"{path}: opening this encrypted key needs the package bcrypt; or use an agent") from error
        if passphrase is not None and (encrypted or isinstance(error, asyncssh.KeyEncryptionError)):
            raise InputError(f"{path}: the passphrase does not open this private key") from error
        raise InputError(
            f"{path}: not a private key that can be used (OpenSSH, PEM and PKCS#8 files can be read)"
        ) from error
    if not pairs:
        raise InputError(f"{path}: holds no private key")
    return tuple(_identity(pair, str(path)) for pair in pairs)


@asynccontextmanager
async def from_agent(socket_path: str) -> AsyncIterator[tuple[Identity, ...]]:
    """The keys that an agent holds, in its order, for as long as the block is open.

    An InputError says that the agent does not answer.
    """
    try:
        agent = await asyncssh.connect_agent(socket_path)
        pairs: Sequence[asyncssh.SSHKeyPair] = await agent.get_keys()
    except (OSError, ValueError) as error:
        raise InputError(
            f"{socket_path}: the agent does not answer; start it, or name a key with --key FILE"
        ) from error
    async with agent:
        yield tuple(_identity(pair, "agent") for pair in pairs)


def _identity(pair: asyncssh.SSHKeyPair, source: str) -> Identity:
    return Identity(fingerprint(pair.key_public_data), source, pair)
