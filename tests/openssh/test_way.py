"""walk: the way to a file is that of the kernel, links and all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from hygiene.openssh.way import Component, Fault, Kind, Way, walk

from .trees import tree

LINKS = {
    "/home/ann/.ssh/keys": "f 0600 1000 1000",
    "/home/ann/.ssh/relative": "l 1000 1000 keys",
    "/home/ann/.ssh/up": "l 1000 1000 ../../bob/keys",
    "/home/ann/.ssh/above-all": "l 1000 1000 ../../../../../../etc/keys",
    "/home/ann/.ssh/absolute": "l 1000 1000 /etc/keys",
    "/home/ann/.ssh/over-two": "l 1000 1000 /srv/first/keys",
    "/home/ann/.ssh/dangling": "l 1000 1000 nothing",
    "/home/ann/.ssh/loop": "l 1000 1000 pool",
    "/home/ann/.ssh/pool": "l 1000 1000 loop",
    "/home/ann/.ssh/empty": "l 1000 1000",
    "/home/ann/.ssh/behind-a-file": "l 1000 1000 keys/x",
    "/home/ann/.ssh/as-a-folder": "l 1000 1000 keys/",
    "/home/bob/keys": "f 0644 1001 1001",
    "/etc/keys": "f 0644 0 0",
    "/srv/first": "l 0 0 /srv/second",
    "/srv/second/keys": "f 0644 0 0",
    "/srv/veiled": "unseen",
    "/home/eve": "l 0 0 /srv/homes/eve",
    "/srv/homes/eve/.ssh/keys": "f 0600 1002 1002",
}
SSH = ("/", "/home", "/home/ann", "/home/ann/.ssh")
# by path: the folders entered, in turn, and where the way ends
ENDS: dict[str, tuple[tuple[str, ...], str | tuple[str, Fault]]] = {
    "/home/ann/.ssh/keys": (SSH, "/home/ann/.ssh/keys"),
    "//home///ann/./.ssh/keys": ((*SSH[:3], "/home/ann", *SSH[3:]), "/home/ann/.ssh/keys"),
    "home/ann/.ssh/keys": (SSH, "/home/ann/.ssh/keys"),
    "/home/ann/.ssh/relative": ((*SSH, SSH[-1]), "/home/ann/.ssh/keys"),
    "/home/ann/.ssh/up": ((*SSH, SSH[-1], "/home/ann", "/home", "/home/bob"), "/home/bob/keys"),
    "/home/ann/.ssh/above-all": (
        (*SSH, *reversed(SSH), "/", "/", "/", "/etc"),
        "/etc/keys",
    ),
    "/home/ann/.ssh/absolute": ((*SSH, "/", "/etc"), "/etc/keys"),
    "/home/ann/.ssh/over-two": ((*SSH, "/", "/srv", "/", "/srv", "/srv/second"), "/srv/second/keys"),
    "/home/ann/.ssh/dangling": ((*SSH, SSH[-1]), ("/home/ann/.ssh/nothing", Fault.ABSENT)),
    "/home/ann/.ssh/behind-a-file": ((*SSH, SSH[-1]), ("/home/ann/.ssh/keys", Fault.NOT_A_DIRECTORY)),
    "/home/ann/.ssh/as-a-folder": ((*SSH, SSH[-1]), ("/home/ann/.ssh/keys", Fault.NOT_A_DIRECTORY)),
    "/home/ann/.ssh/keys/": (SSH, ("/home/ann/.ssh/keys", Fault.NOT_A_DIRECTORY)),
    "/home/eve/.ssh/keys": (
        ("/", "/home", "/", "/srv", "/srv/homes", "/srv/homes/eve", "/srv/homes/eve/.ssh"),
        "/srv/homes/eve/.ssh/keys",
    ),
    "/": ((), "/"),
}


@pytest.mark.parametrize("path", ENDS)
def test_walk(path: str) -> None:
    way = walk(path, tree(LINKS))
    entered, end = ENDS[path]
    assert tuple(step.folder.path for step in way.steps) == entered
    assert (way.fault or way.real) == end
    assert way.unseen is None
    if way.end is not None:
        above = [str(parent) for parent in reversed(Path(way.end.path).parents)]
        assert [parent.path for parent in way.parents] == above


def test_a_loop_ends_after_forty_links() -> None:
    chain = {f"/l{number}": f"l 0 0 l{number + 1}" for number in range(41)} | {"/l41": "f 0644 0 0"}
    assert walk("/l1", tree(chain)).real == "/l41"
    assert walk("/l0", tree(chain)).fault == ("/l0", Fault.LOOP)
    path = "/home/ann/.ssh/loop"
    assert walk(path, tree(LINKS)).fault == (path, Fault.LOOP)


def test_what_was_not_seen_ends_the_walk() -> None:
    way = walk("/srv/veiled/keys", tree(LINKS))
    assert (way.unseen, way.end, way.fault) == ("/srv/veiled", None, None)
    assert [step.folder.path for step in way.steps] == ["/", "/srv"]
    assert walk("/home/ann/.ssh/empty", tree(LINKS)).unseen == "/home/ann/.ssh/empty"
    assert walk("/x", lambda _path: None) == Way("/x", unseen="/")


def test_names_and_paths_have_an_end() -> None:
    assert walk("/" + "a" * 255, tree({})).fault == ("/" + "a" * 255, Fault.ABSENT)
    assert walk("/" + "a" * 256, tree({})).fault == (f"/{'a' * 39}...", Fault.TOO_LONG)
    assert walk("/" + "\u00e4" * 128, tree({})).fault == (f"/{chr(0xE4) * 39}...", Fault.TOO_LONG)
    assert walk("/a" * 2047, tree({})).fault == ("/a", Fault.ABSENT)
    assert walk("/a" * 2048, tree({})).fault == (f"{'/a' * 20}...", Fault.TOO_LONG)
    assert walk("/l", tree({"/l": "l 0 0 " + "a/" * 2048})).fault == ("/l", Fault.TOO_LONG)


def test_the_kernel_walks_so(tmp_path: Path) -> None:
    """The same links in a real file system: open(2) finds the same files, and fails where we do."""
    inside: Mapping[str, str] = {
        path: text for path, text in LINKS.items() if text != "unseen" and path != "/home/ann/.ssh/empty"
    }
    for path, text in inside.items():
        place = tmp_path / path[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("f"):
            place.touch()
        else:
            target = text.split()[3]
            place.symlink_to(str(tmp_path) + target if target.startswith("/") else target)
    nodes = {str(tmp_path) + path: _below(text, str(tmp_path)) for path, text in inside.items()}
    look = tree(nodes)
    for path in inside:
        way = walk(str(tmp_path) + path, look)
        assert way.real == _opened(str(tmp_path) + path), path


def _opened(path: str) -> str | None:
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return str(Path(f"/proc/self/fd/{file}").readlink())
    finally:
        os.close(file)


def _below(text: str, root: str) -> str:
    return text.replace(" /", f" {root}/")


def test_a_look_is_asked_for_real_paths_alone() -> None:
    asked = []
    inner = tree(LINKS)

    def look(path: str) -> Component | None:
        asked.append(path)
        return inner(path)

    walk("/home/eve/.ssh/keys", look)
    assert asked == [
        "/",
        "/home",
        "/home/eve",
        "/srv",
        "/srv/homes",
        "/srv/homes/eve",
        "/srv/homes/eve/.ssh",
        "/srv/homes/eve/.ssh/keys",
    ]
    assert inner("/home/eve") == Component("/home/eve", Kind.LINK, 0o777, 0, 0, "/srv/homes/eve")
