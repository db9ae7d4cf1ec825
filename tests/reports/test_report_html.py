"""The HTML page: its numbers, that no text becomes markup, that nothing is loaded, and a real browser's word for it."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from audits import DEPLOY, HOSTILE, HOSTILE_SUBJECT, OLD, audit_of, finding, verdict
from fleets import OPS, host_facts, password_entries
from hygiene_reports.html_report import HtmlReport
from hygiene_reports.page.figures import Figures, KeyReach, Scores, Spread, figures
from hygiene_reports.page.figures import Path as LoginPath
from hygiene_reports.page.markup import Markup, element, join, prose, text

from hygiene.api import (
    AreaState,
    Audit,
    CheckRun,
    Fleet,
    Medium,
    PasswordList,
    PathVerdict,
    Severity,
    SubjectKind,
    Truth,
)
from hygiene.visible import visible

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
Plant = Callable[..., Fleet]


def page(audit: Audit) -> str:
    return "".join(HtmlReport().render(audit, Medium()))


class Read(HTMLParser):
    """What a browser would see: elements, attributes, and the text outside of the style sheet."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.values: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.values += [value or "" for _, value in attrs]
        if tag not in {"meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


@pytest.fixture
def full(small_audit: Audit, planted: Plant) -> Audit:
    """The small audit on a planted fleet of 40 hosts."""
    return replace(small_audit, fleet=planted(map(host_facts, range(40)), password_entries()))


@pytest.fixture
def hostile(hostile_audit: Audit, planted: Plant) -> Audit:
    hosts = [host_facts(number, HOSTILE_SUBJECT) for number in range(4)]
    return replace(hostile_audit, fleet=planted(hosts, password_entries()))


def test_figures_count_hosts_and_leave_out_what_sshd_refuses(planted: Plant) -> None:
    numbers = figures(planted(map(host_facts, range(40)), password_entries(), auditor=OLD))
    assert numbers == Figures(
        keys=(
            KeyReach(DEPLOY, "deploy@ci", "ssh-ed25519 256", False, False, 40, 0, 0, 40, 4),
            KeyReach(OPS, None, "ssh-ed25519 256", False, False, 4, 1, 1, 5, 3),
            KeyReach(OLD, "backup", "ssh-rsa 2,048", False, True, 0, 0, 0, 20, 2),
        ),
        spread=(
            Spread("1 host", 0, 0),
            Spread("2 to 9", 1, 1),
            Spread("10 to 99", 2, 1),
            Spread("100 to 999", 0, 0),
            Spread("1,000 and more", 0, 0),
        ),
        scores=Scores(
            {
                (0, "<8"): 24,
                (1, "8-11"): 24,
                (1, "<8"): 12,
                (2, "12-14"): 16,
                (2, "<8"): 8,
                (3, "15+"): 8,
                (3, "<8"): 4,
                (4, "15+"): 16,
                (4, "<8"): 8,
            },
            reused=12,
        ),
        paths=(
            LoginPath(PathVerdict.ONE, 1, ("key",), 40, 40),
            LoginPath(PathVerdict.ONE, 1, ("password",), 8, 8),
            LoginPath(PathVerdict.TWO, 2, ("code", "key"), 8, 8),
            LoginPath(PathVerdict.UNKNOWN, None, (), 4, 4),
        ),
        areas={
            "accounts": {AreaState.SEEN: 40},
            "authorized_keys": {AreaState.SEEN: 36, AreaState.PARTIAL: 4},
            "logs": {AreaState.ABSENT: 40},
            "shadow": {AreaState.SEEN: 36, AreaState.UNSEEN: 4},
        },
    )


def test_figures_of_an_empty_fleet_are_empty(planted: Plant) -> None:
    numbers = figures(planted())
    assert (numbers.keys, numbers.paths, numbers.scores, numbers.areas) == ((), (), Scores({}, 0), {})


SAID = {
    "headline": "1 key opens root on 1,001 of 1,034 hosts, 80 tenants",
    "verdict": "Open findings: 1 critical, 2 high, 1 low; 1 waived, 1 in the baseline.",
    "what-is-missing-stands-at-the-top": "Not the whole picture: 21 of 1,034 hosts were not seen, "
    "12 were seen only in part, "
    "4 gaps are listed below, 1 check crashed, 1 check could not be asked.",
    "coverage": "4 refused our login or showed another host key",
    "title-of-a-check": "One key opens root on many hosts",
    "why": "Whoever has it has all of it.",
    "what-to-do": "Remove it, then rotate what it opened.",
    "places-are-a-sample": "1,001 places, the first 2 of them",
    "controls": "NIST SP 800-53 r5 AC-6; PCI DSS 4.0.1 8.6.1",
    "gap": "keys come from AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys",
    "accepted-gap": "directory accounts (sss) are not listed",
    "who-ran-what": "auditor@console, hygiene 0.1.0",
    "with-which-policy": "hygiene.toml (SHA-256 fcde2b2edba56bf4)",
    "what-was-excluded": "lab-08 and 3 more",
    "a-check-that-crashed": "ValueError: bad row",
    "login-paths": "a password alone",
    "accounts-and-roots-by-weakest-way": "one factor2,4101,001",
    "what-is-never-two": "What is unknown may be anything: it never counts as two.",
    "why-ways-are-unknown": "pam_sss of /etc/pam.d/common-auth:20 asks a directory156",
    "what-a-server-decides": "4 accounts and 1 root are that weak only at times: while the server of a token is away",
    "people": "Without a second factor: 2 admins, 31 other people. 17 disabled people left out.",
    "admins-first": "none2310",
    "password-reuse": "12 entries have a password that another has too.",
}


def test_the_page_says_all_that_a_reader_needs(full: Audit) -> None:
    read = Read(page(full)).text
    assert {what: said for what, said in SAID.items() if said not in read} == {}


def test_the_page_is_the_same_each_time(full: Audit) -> None:
    assert page(full) == page(full)


def test_the_page_loads_nothing_and_allows_only_its_own_style(full: Audit) -> None:
    source = page(full)
    style = re.search(r"<style>(.*?)</style>", source, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert source.index("Content-Security-Policy") < source.index("<style>")
    assert f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{digest}&#x27;;" in source
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    read = Read(source)
    assert read.elements.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "base", "form"})
    assert {name for tag, name in read.attributes if name in {"src", "style", "srcset", "data"}} == set()
    assert {name for tag, name in read.attributes if name == "href" and tag != "a"} == set()
    assert all(value.startswith("#") for value in re.findall(r'href="([^"]*)"', source))


def test_hostile_text_is_text_and_adds_no_element_and_no_attribute(full: Audit, hostile: Audit) -> None:
    plain, read = Read(page(full)), Read(page(hostile))
    assert read.elements <= plain.elements
    assert {(tag, name) for tag, name in read.attributes if (tag, name) not in plain.attributes} == set()
    for hostile_text in HOSTILE:
        assert visible(hostile_text) in read.text
    assert [c for c in read.text if visible(c) != c and c != "\n"] == []
    assert [value for value in read.values if visible(value) != value] == []


def test_findings_beyond_the_most_are_left_out_and_said_so(planted: Plant) -> None:
    found = tuple(
        verdict(finding("weak-key", severity, SubjectKind.HOST, f"{severity}-{n}", f"message {severity} {n}", bits=1))
        for severity in (Severity.LOW, Severity.HIGH)
        for n in range(300)
    )
    audit = audit_of(found, checks=(CheckRun("weak-key", "Weak keys", "ran"),), fleet=planted())
    read = Read(page(audit)).text
    assert "100 of 600 findings are left out here, the least severe. The JSON report has all of them." in read
    assert "message high 299" in read
    assert ("message low 199" in read, "message low 200" in read) == (True, False)
    assert "Low (300)" in read


def test_lists_are_told_with_who_can_read_them(hostile_audit: Audit, planted: Plant) -> None:
    def listed(name: str, kind: str, mode: str | None, readers: str | None, encrypted: Truth) -> PasswordList:
        return PasswordList(name, f"/srv/{name}", kind, 1300, 1234, 2, "utf-8", mode, readers, encrypted, True)

    fleet = planted(
        lists=[
            listed("a<b>.csv", "CSV", "0644", "everybody", Truth.NO),
            listed("pipe", "XLSX", None, None, Truth.NO),
            listed("safe.xlsx", "XLSX", "0600", None, Truth.NO),
            listed("vault.kdbx", "KDBX 4", "0640", "group staff", Truth.YES),
        ]
    )
    read = Read(page(replace(hostile_audit, fleet=fleet))).text
    for said in (
        "4 files of passwords or hashes, 1 of them readable by others and not encrypted.",
        "a<b>.csvCSV1,2342noeverybody0",
        "pipeXLSX1,2342nono file0",
        "safe.xlsxXLSX1,2342noits owner0",
        "vault.kdbxKDBX 41,2342yesgroup staff0",
    ):
        assert said in read


def test_an_audit_without_hosts_and_findings_reads_well(planted: Plant) -> None:
    audit = audit_of(checks=(CheckRun("password-weak", "Weak passwords", "ran"),), lists=("a.csv",), fleet=planted())
    read = Read(page(audit)).text
    for said in (
        "No findings at or above low in 1 list; no host was in scope",
        "Open findings: none open.",
        "No host was in scope.",
        "No finding is open.",
        "No gap was recorded.",
    ):
        assert said in read
    assert "What opens if one key is stolen" not in read
    assert "The weakest way in" not in read
    assert "Second factors of people" not in read
    assert "Password lists" not in read


@pytest.mark.parametrize(
    ("made", "markup"),
    [
        pytest.param(
            text("<a href=\"x\" b='y'>&\x1b"), "&lt;a href=&quot;x&quot; b=&#x27;y&#x27;&gt;&amp;\\x1b", id="text"
        ),
        pytest.param(element("p", "<", element("b", "&")), "<p>&lt;<b>&amp;</b></p>", id="text-in-elements"),
        pytest.param(
            element("p", class_='"x', aria_label="y"), '<p class="&quot;x" aria-label="y"></p>', id="attributes"
        ),
        pytest.param(join("<", Markup("<i></i>")), "&lt;<i></i>", id="joined"),
        pytest.param(
            prose("One `a<b`\nline.\n\n- first\n  goes on\n- `x`\n\n    code <\n\nodd ` tick"),
            "<p>One <code>a&lt;b</code> line.</p><ul><li>first goes on</li><li><code>x</code></li></ul>"
            "<pre>code &lt;</pre><p>odd ` tick</p>",
            id="the-pages-of-checks",
        ),
    ],
)
def test_markup(made: Markup, markup: str) -> None:
    assert made == markup


# ---------------------------------------------------------------- a real browser


@pytest.fixture
def browse(tmp_path: Path) -> Iterator[Callable[[str], tuple[str, list[str]]]]:
    """Give a function that opens a page in Chromium and gives its DOM as text and what its console said."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: the page was not opened in a browser")

    def open_page(source: str) -> tuple[str, list[str]]:
        path = tmp_path / "report.html"
        path.write_text(source, encoding="utf-8")
        ran = subprocess.run(
            [
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--enable-logging=stderr",
                f"--user-data-dir={tmp_path / 'profile'}",
                "--dump-dom",
                path.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return ran.stdout, [line for line in ran.stderr.splitlines() if "CONSOLE" in line]

    return open_page


def test_the_browser_tells_what_a_page_may_not_do(browse: Callable[[str], tuple[str, list[str]]], full: Audit) -> None:
    """The positive control: what the page of a careless writer would do is refused, and seen here."""
    planted_in = page(full).replace("</h1>", "</h1><script>document.title='x'</script><img src=x onerror=alert(1)>", 1)
    _, console = browse(planted_in)
    assert any("Content Security Policy" in line for line in console)


@pytest.mark.parametrize("which", ["full", "hostile"])
def test_the_browser_has_nothing_to_complain_of(
    browse: Callable[[str], tuple[str, list[str]]], which: str, request: pytest.FixtureRequest
) -> None:
    source = page(request.getfixturevalue(which))
    dom, console = browse(source)
    assert console == []
    # the browser's tree is the one that was written: nothing was repaired, nothing became an element
    assert Read(dom).elements == Read(source).elements
    assert Read(dom).text.split() == Read(source).text.split()
