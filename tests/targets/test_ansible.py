"""Ansible inventories, INI and YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from hygiene.errors import InventoryError
from hygiene.model import Target
from hygiene.targets.ansible import parse
from hygiene.targets.reading import Problems


def read(text: str, name: str = "h.ini", folder: Path | None = None) -> tuple[list[Target], list[str]]:
    problems = Problems()
    return parse(text, name, problems, folder), problems.shown


def rows(targets: list[Target]) -> list[tuple[str, str, int, str | None, str | None, tuple[str, ...]]]:
    return [(t.host, t.address, t.port, t.user, t.tenant, t.tags) for t in targets]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("web1\n", [("web1", "web1", 22, None, None, ())], id="ungrouped"),
        pytest.param(
            "[web]\nfront ansible_host=192.0.2.1 ansible_port=2222 ansible_user=ops hygiene_tenant=acme # x\n",
            [("front", "192.0.2.1", 2222, "ops", "acme", ("web",))],
            id="host-variables",
        ),
        pytest.param(
            "[web]\nfront ansible_host='192.0.2.1' hygiene_tenant=\"Acme Ltd\"\n",
            [("front", "192.0.2.1", 22, None, "Acme Ltd", ("web",))],
            id="quoted-values",
        ),
        pytest.param(
            "a ansible_host=192.0.2.1 ansible_ssh_host=192.0.2.2\n",
            [("a", "192.0.2.2", 22, None, None, ())],
            id="old-name-wins",
        ),
        pytest.param("web1:2222\n", [("web1", "web1", 2222, None, None, ())], id="port-behind-the-name"),
        pytest.param("[2001:db8::1]:2222\n", [("2001:db8::1", "2001:db8::1", 2222, None, None, ())], id="ipv6-port"),
        pytest.param("2001:db8::1\n", [("2001:db8::1", "2001:db8::1", 22, None, None, ())], id="ipv6-bare"),
        pytest.param("[2001:db8::1]\n", [("2001:db8::1", "2001:db8::1", 22, None, None, ())], id="ipv6-no-section"),
        pytest.param(
            "w[08:10].x:24\n",
            [(f"w{n}.x", f"w{n}.x", 24, None, None, ()) for n in ("08", "09", "10")],
            id="range-with-zeros",
        ),
        pytest.param("db[a:c]\n", [(f"db{n}", f"db{n}", 22, None, None, ()) for n in "abc"], id="range-of-letters"),
        pytest.param(
            "r[1:2]n[0:4:2]\n",
            [(f"r{r}n{n}", f"r{r}n{n}", 22, None, None, ()) for r in (1, 2) for n in (0, 2, 4)],
            id="two-ranges-and-a-step",
        ),
        pytest.param("r[:1]\n", [(f"r{n}", f"r{n}", 22, None, None, ()) for n in (0, 1)], id="range-from-nothing"),
        pytest.param(
            "[a]\nw\n[b:children]\na\n[c:children]\nb\n[all:vars]\nansible_user=ops\n",
            [("w", "w", 22, "ops", None, ("a", "b", "c"))],
            id="parents-are-tags-all-is-not",
        ),
        pytest.param(
            "[kid:vars]\nhygiene_tenant=kid\n[kid]\nw\n[top:children]\nkid\n[top:vars]\nhygiene_tenant=top\n",
            [("w", "w", 22, None, "kid", ("kid", "top"))],
            id="child-overrides-parent",
        ),
        pytest.param(
            "[a]\nw\n[b]\nw\n[a:vars]\nhygiene_tenant=a\n[b:vars]\nhygiene_tenant=b\n",
            [("w", "w", 22, None, "b", ("a", "b"))],
            id="same-depth-last-name-wins",
        ),
        pytest.param(
            "[a]\nw\n[b]\nw\n[a:vars]\nhygiene_tenant=a\nansible_group_priority=9\n[b:vars]\nhygiene_tenant=b\n",
            [("w", "w", 22, None, "a", ("a", "b"))],
            id="priority",
        ),
        pytest.param(
            "[a]\nw hygiene_tenant=own\n[a:vars]\nhygiene_tenant = 'a' # c\n",
            [("w", "w", 22, None, "own", ("a",))],
            id="host-over-group",
        ),
        pytest.param(
            "[a]\nw\n[a:vars]\nansible_host={{ inventory_hostname }}.{{ zone }}\nzone=example.com\n",
            [("w", "w.example.com", 22, None, None, ("a",))],
            id="plain-references",
        ),
        pytest.param(
            "localhost ansible_connection=local\nwin ansible_connection=winrm\nl ansible_connection=ssh\n",
            [
                ("localhost", "localhost", 22, None, None, ("connection-local",)),
                ("win", "win", 22, None, None, ("connection-winrm",)),
                ("l", "l", 22, None, None, ()),
            ],
            id="other-connections-are-named-and-kept",
        ),
        pytest.param("[web] # front\n; old\nw\n", [("w", "w", 22, None, None, ("web",))], id="comments"),
    ],
)
def test_ini(text: str, expected: list[tuple[object, ...]]) -> None:
    targets, problems = read(text)
    assert (rows(targets), problems) == (expected, [])


def test_place_is_where_a_host_is_named_first() -> None:
    assert [t.place for t in read("\nw\n[a]\nw x=1\nv\n")[0]] == ["h.ini:2", "h.ini:5"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(
            "[a:kids]\n", ["h.ini:1: 'a:kids': a section is [group], [group:children] or [group:vars]"], id="kind"
        ),
        pytest.param("[a\n", ["h.ini:1: '[a': expected [group], [group:children] or [group:vars]"], id="open-section"),
        pytest.param(
            "[a:children]\nb\n",
            ["h.ini:2: group 'b' is defined nowhere; add its section, or mend the name"],
            id="child",
        ),
        pytest.param(
            "[b:vars]\nx=1\n",
            ["h.ini:1: group 'b' is defined nowhere; add its section, or mend the name"],
            id="vars-only",
        ),
        pytest.param(
            "w hunter2\n",
            ["h.ini:1: word 2 is not key=value; expected host key=value ..."],
            id="a-word-is-not-repeated",
        ),
        pytest.param("w x='hunter2\n", ["h.ini:1: No closing quotation"], id="quote-left-open"),
        pytest.param("w[1:3\n", ["h.ini:1: 'w[1:3': expected a range like [01:50] or [a:f]"], id="range-left-open"),
        pytest.param(
            "w[3:1]\n",
            ["h.ini:1: 'w[3:1]': [3:1] is no range; expected [01:50], [a:f] or [1:9:2]"],
            id="range-backwards",
        ),
        pytest.param(
            "w[01:100]\n", ["h.ini:1: 'w[01:100]': both ends of [01:100] need the same number of digits"], id="widths"
        ),
        pytest.param(
            "w[0:99999999]\n",
            ["h.ini:1: 'w[0:99999999]' stands for more than 1,000,000 hosts; shorten the range"],
            id="huge-range",
        ),
        pytest.param(
            "w[0:9999][0:9999][0:9999]\n",
            ["h.ini:1: 'w[0:9999][0:9999][0:9999]' stands for more than 1,000,000 hosts; shorten the range"],
            id="huge-product",
        ),
        pytest.param(
            "w ansible_host={{lookup('env','X')}}\n",
            [
                (
                    "h.ini:1: ansible_host is a template that needs Ansible; write its value, or make a list with "
                    "ansible-inventory"
                ),
            ],
            id="template",
        ),
        pytest.param(
            "w a={{b}} b={{a}} ansible_host={{a}}\n",
            [
                (
                    "h.ini:1: ansible_host is a template that needs Ansible; write its value, or make a list with "
                    "ansible-inventory"
                ),
            ],
            id="references-in-a-circle",
        ),
        pytest.param("w ansible_port=ssh\n", ["h.ini:1: port 'ssh' is not a number from 1 to 65535"], id="port"),
    ],
)
def test_bad_ini(text: str, shown: list[str]) -> None:
    assert read(text)[1] == shown


def test_groups_in_a_circle() -> None:
    with pytest.raises(InventoryError, match=r"^h\.ini: groups contain each other: .*; take one .* out$"):
        read("[a:children]\nb\n[b:children]\na\n")


YAML = """\
all:
  vars: {ansible_user: ops}
  hosts:
    solo:
  children:
    web:
      hosts:
        web[01:02].example.com: {ansible_port: 2222}
        front:
          ansible_host: 192.0.2.9
          ansible_password: !vault |
            $ANSIBLE_VAULT;1.1;AES256
            6162
      vars:
        hygiene_tenant: acme
      children:
        web_eu: {hosts: {front: {}}}
"""


def test_yaml() -> None:
    targets, problems = read(YAML, "h.yml")
    assert (targets, problems) == (
        [
            Target("solo", "solo", 22, "ops", None, (), "h.yml:4"),
            Target("web01.example.com", "web01.example.com", 2222, "ops", "acme", ("web",), "h.yml:8"),
            Target("web02.example.com", "web02.example.com", 2222, "ops", "acme", ("web",), "h.yml:8"),
            Target("front", "192.0.2.9", 22, "ops", "acme", ("web", "web_eu"), "h.yml:9"),
        ],
        [],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: {hosts: w}\n", [("w", "w", 22, None, None, ("a",))], id="one-host-as-a-word"),
        pytest.param(
            "a:\n  vars: &v {ansible_port: 24}\n  hosts: {w: {<<: *v, ansible_user: o}}\n",
            [("w", "w", 24, "o", None, ("a",))],
            id="merge-key",
        ),
        pytest.param("{}\n", [], id="empty-mapping"),
        pytest.param("---\n", [], id="empty-document"),
    ],
)
def test_yaml_forms(text: str, expected: list[tuple[object, ...]]) -> None:
    targets, problems = read(text, "h.yaml")
    assert (rows(targets), problems) == (expected, [])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(
            "a:\n  hosts:\n    - w\n",
            ["h.yml:3: expected hosts under `hosts:`; write `name:` without a leading hyphen"],
            id="hosts-as-a-list",
        ),
        pytest.param(
            "a:\n  host: {w: }\n", ["h.yml:2: 'host' in group 'a'; expected hosts, children or vars"], id="unknown-key"
        ),
        pytest.param(
            "a: {hosts: {w: {ansible_host: !vault abc}}}\n",
            ["h.yml:1: ansible_host is encrypted by ansible-vault; write its value in the clear"],
            id="encrypted-address",
        ),
        pytest.param(
            "a: {hosts: {? [w] : }}\n",
            ["h.yml:1: a list or mapping stands where a name was expected"],
            id="key-is-a-list",
        ),
        pytest.param("a: {children: {'': {}}}\n", ["h.yml:1: group '' is empty or holds a blank"], id="no-name"),
    ],
)
def test_bad_yaml(text: str, shown: list[str]) -> None:
    assert read(text, "h.yml")[1] == shown


@pytest.mark.parametrize(
    ("text", "start"),
    [
        pytest.param("a: [\n", "h.yml:2: is not YAML: ", id="left-open"),
        pytest.param("a: *b\n", "h.yml:1: is not YAML: ", id="unknown-alias"),
        pytest.param("a: \x01\n", "h.yml: is not YAML: ", id="control-character"),
        pytest.param("[" * 100_000, "h.yml:1: is nested more than 400 deep", id="deep"),
        pytest.param("plugin: aws_ec2\n", "h.yml:1: configures an inventory plugin", id="plugin"),
        pytest.param(
            "a: &a {hosts: {w: }}\n"
            + "".join(
                f"b{n}: &b{n} {{children: {{x: *{p}, y: *{p}, z: *{p}, v: *{p}, u: *{p}}}}}\n"
                for n, p in enumerate(["a", *(f"b{i}" for i in range(12))])
            ),
            "h.yml: its aliases stand for endlessly many entries",
            id="aliases-of-aliases",
        ),
    ],
)
def test_hostile_yaml(text: str, start: str) -> None:
    with pytest.raises(InventoryError) as caught:
        read(text, "h.yml")
    assert str(caught.value).startswith(start)


def test_bad_yaml_does_not_quote_the_line() -> None:
    with pytest.raises(InventoryError) as caught:
        read("a:\n  vars:\n    ansible_password: hunter2: [\n", "h.yml")
    assert "hunter2" not in str(caught.value)


def test_variable_files(tmp_path: Path) -> None:
    for path, text in {
        "group_vars/all.yml": "hygiene_tenant: everybody\nansible_user: ops\n",
        "group_vars/web/main.yml": "ansible_port: 2222\nlist: [1, 2]\n",
        "group_vars/web/vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
        "group_vars/other.yml": "- not, variables\n",
        "host_vars/w1.example.com": "ansible_host: 192.0.2.1\n",
        "host_vars/w2.example.com.yml": "hygiene_tenant: acme\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    targets, problems = read("[web]\nw[1:2].example.com\n[web:vars]\nhygiene_tenant=inline\n", folder=tmp_path)
    assert (rows(targets), problems) == (
        [
            ("w1.example.com", "192.0.2.1", 2222, "ops", "everybody", ("web",)),
            ("w2.example.com", "w2.example.com", 2222, "ops", "acme", ("web",)),
        ],
        [],
    )


@pytest.mark.parametrize(
    ("text", "host"),
    [
        pytest.param("---\nall: {hosts: {w: }}\n", "w", id="yaml-by-its-start"),
        pytest.param("# c\nall:\n  hosts: {v: }\n", "v", id="yaml-by-its-first-key"),
        pytest.param("u x=1\n", "u", id="ini"),
    ],
)
def test_form_without_extension(text: str, host: str) -> None:
    assert [target.host for target in read(text, "hosts")[0]] == [host]
