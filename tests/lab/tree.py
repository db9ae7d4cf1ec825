"""The Debian tree that every host of the lab stands on: downloaded and unpacked once, kept in the tests' own cache.

Packages come from the machine's own sources, with apt's state in the cache, so that the machine's package lists and
package database are neither used nor touched. The tree's own dpkg then configures them inside the tree (install.py), so
/etc/passwd, the PAM files, sudoers and sshd_config are what Debian's maintainer scripts make of them, not our copy.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PACKAGES = (
    "?essential",
    "usr-is-merged",
    "openssh-server",
    "openssh-client",
    "sudo",
    "libpam-runtime",
    "login",
    "passwd",
    "procps",
    "iproute2",
    "openssl",
    "whois",  # mkpasswd: hashes of every scheme
)
_KEYRINGS = """\
Types: deb
URIs: http://deb.debian.org/debian
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
_CAP_SYS_ADMIN = 21  # linux/capability.h
_INSTALLS = re.compile(r"^Inst (\S+) (?:\[\S+\] )?\((\S+) [^\[]*\[(\w+)\]\)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which packages of which release. `sources` is a deb822 file for apt; None: the sources of this machine."""

    release: str
    packages: tuple[str, ...] = PACKAGES
    sources: str | None = None
    ubuntu: bool = False  # `{keyring}` in the sources stands for a file with Ubuntu's archive keys
    merged: bool = True  # /bin, /sbin and /lib are links into /usr, as in Debian since 12 and Ubuntu since 20.04

    @property
    def stem(self) -> str:
        """The part of a tree's name that changes when the same packages would give another tree."""
        told = hashlib.sha256("\0".join((*self.packages, self.sources or "")).encode())
        told.update(b"" if self.merged else b"not merged")
        told.update(Path(__file__).with_name("install.py").read_bytes())
        return f"{self.release}-{os.uname().machine}-{told.hexdigest()[:12]}"


class LabError(Exception):
    """The lab cannot be built or does not answer; the message says what was tried and what it needs."""


def why_no_lab() -> str | None:
    """What this run lacks for real daemons, in words that complete "they need ..."; None when nothing."""
    if sys.platform != "linux":
        return "Linux"
    if os.geteuid() != 0:
        return "root: run the tests as root, or with sudo"
    status = Path("/proc/self/status").read_text()
    capabilities = int(re.search(r"^CapEff:\s*(\w+)", status, re.MULTILINE)[1], 16)
    if not capabilities >> _CAP_SYS_ADMIN & 1:
        return "the right to make namespaces (CAP_SYS_ADMIN), which this container does not have"
    if not _newest(this_release(), cache_root()) and not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return "apt, to download Debian's OpenSSH packages"
    return None


def cache_root() -> Path:
    """Where trees and packages are kept: $HYGIENE_LAB_CACHE, else .cache/lab in the checkout."""
    override = os.environ.get("HYGIENE_LAB_CACHE")
    return Path(override) if override else Path(__file__).resolve().parents[2] / ".cache" / "lab"


def this_release() -> Recipe:
    """The recipe for the release that this machine runs."""
    found = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.MULTILINE)
    return Recipe(found[1] if found else "unknown")


def ensure_tree(recipe: Recipe | None = None, cache: Path | None = None) -> Path:
    """The unpacked tree, built on the first call; later calls only look it up and need no network.

    A tree is complete or absent: it is built under another name and renamed. Two test runs at once build it once.
    """
    recipe, cache = recipe or this_release(), cache or cache_root()
    # 0700: the tree holds set-uid programs of a distribution that nobody updates there
    cache.mkdir(parents=True, exist_ok=True)
    cache.chmod(0o700)
    # a tree that is there is complete: nobody waits for one of another release that is being built
    if found := _newest(recipe, cache):
        return found
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _newest(recipe, cache) or _build(recipe, cache)


def _newest(recipe: Recipe, cache: Path) -> Path | None:
    trees = sorted(cache.glob(f"{recipe.stem}-*"), key=lambda path: path.stat().st_mtime_ns)
    return trees[-1] if trees else None


def _build(recipe: Recipe, cache: Path) -> Path:
    folder = cache / "apt" / recipe.release
    apt = _configure_apt(recipe, folder)
    _run(apt, "apt-get", "-q", "update")
    wanted = sorted(_INSTALLS.findall(_run(apt, "apt-get", "-q", "-s", "install", *recipe.packages)))
    _run(apt, "apt-get", "-q", "-y", "--download-only", "install", *recipe.packages)
    archives = folder / "cache" / "archives"
    # apt writes the colon of an epoch as %3a
    packages = [archives / f"{name}_{version.replace(':', '%3a')}_{arch}.deb" for name, version, arch in wanted]
    missing = [path.name for path in packages if not path.is_file()]
    if missing or not packages:
        raise LabError(f"{archives}: apt said it downloaded {missing or 'the packages'}, but they are not there")
    versions = hashlib.sha256("\n".join(path.name for path in packages).encode()).hexdigest()[:12]
    for left_over in cache.glob("building-*"):  # of a run that was killed; the lock says that none is at work
        shutil.rmtree(left_over)
    building = cache / f"building-{os.getpid()}"
    building.mkdir()
    building.chmod(0o755)  # the hosts' root folder has this mode, and sshd's StrictModes looks at it
    layout = "merged" if recipe.merged else "split"
    try:
        _run(apt, sys.executable, "-m", f"{__package__}.install", layout, str(building), *map(str, packages))
    except LabError:
        shutil.rmtree(building)
        raise
    return building.rename(cache / f"{recipe.stem}-{versions}")


def _configure_apt(recipe: Recipe, folder: Path) -> dict[str, str]:
    """The environment for an apt that keeps its state in `folder`, and takes proxies and keys from the machine."""
    for part in ("state/lists/partial", "cache/archives/partial", "sources"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"LC_ALL": "C", "PYTHONPATH": str(package_parent())}
    # only what apt needs to fetch: hooks of the machine that run on update or install stay out
    lines = [line for line in _run(environment, "apt-config", "dump").splitlines() if line.startswith("Acquire::")]
    lines += [
        'Dir::Etc::main "/dev/null";',
        'Dir::Etc::parts "/dev/null";',
        f'Dir::State "{folder}/state";',
        'Dir::State::status "/dev/null";',
        f'Dir::Cache "{folder}/cache";',
        'APT::Sandbox::User "root";',
        'APT::Install-Recommends "0";',
        'Acquire::Languages "none";',
    ]
    if recipe.sources is not None:
        sources = recipe.sources
        if recipe.ubuntu:
            sources = sources.replace("{keyring}", str(_ubuntu_keyring(folder.parent / "keyrings")))
        (folder / "sources" / "release.sources").write_text(sources)
        lines += ['Dir::Etc::sourcelist "/dev/null";', f'Dir::Etc::sourceparts "{folder}/sources";']
    (folder / "apt.conf").write_text("".join(f"{line}\n" for line in lines))
    return environment | {"APT_CONFIG": str(folder / "apt.conf")}


def _ubuntu_keyring(folder: Path) -> Path:
    """The keys of Ubuntu's archive: this machine's, else from the package in which Debian hands them on and signs."""
    place = Path("usr/share/keyrings/ubuntu-archive-keyring.gpg")
    if (Path("/") / place).is_file():
        return Path("/") / place
    if not (folder / place).is_file():
        apt = _configure_apt(Recipe("keyrings", (), _KEYRINGS), folder)
        _run(apt, "apt-get", "-q", "update")
        _run(apt, "apt-get", "-q", "-y", "--download-only", "install", "ubuntu-keyring")
        (package,) = (folder / "cache" / "archives").glob("ubuntu-keyring_*.deb")
        _run(apt, "dpkg-deb", "-x", str(package), str(folder))
    return folder / place


def package_parent() -> Path:
    """The folder from which this package is imported, for programs that are started from it."""
    return Path(__file__).resolve().parents[len(__package__.split("."))]


def _run(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-15:]
        raise LabError(
            "\n".join(
                [f"{' '.join(command[:4])}: exit {done.returncode}; building the tests' Debian tree failed:", *said]
            )
        )
    return done.stdout
