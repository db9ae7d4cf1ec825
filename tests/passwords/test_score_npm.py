"""Scores beside the first zxcvbn, the one in JavaScript, where node is there."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path

import pytest

from hygiene.passwords.score.l33t import SIGNS
from hygiene.passwords.score.reference import CAP, guesses, zxcvbn_score
from passwords.samples import varied

PACKAGE = "zxcvbn@4.4.2"
# it takes the clock's year for the present, the Python package always 2017
ASK = """
Date.prototype.getFullYear = () => 2017;
const zxcvbn = require(process.argv[1]);
const passwords = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const answers = passwords.map(password => { const r = zxcvbn(password); return [r.guesses_log10, r.score]; });
console.log(JSON.stringify(answers));
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not there")
    folder = tmp_path_factory.mktemp("npm")
    installed = subprocess.run(["npm", "install", "--silent", PACKAGE], cwd=folder, capture_output=True)
    if installed.returncode:
        pytest.skip(f"npm cannot install {PACKAGE} here")
    return folder / "node_modules" / "zxcvbn"


@pytest.mark.prove
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("seed", range(61, 66))
def test_guesses_and_scores(package: Path, seed: int) -> None:
    # JavaScript counts half characters beyond the first 65,536, and takes seconds for many l33t signs
    passwords = [
        password
        for password in varied(seed, 2_000, longest=30)
        if max(password) < "\ud800" and len(SIGNS.intersection(password)) <= 6
    ]
    ran = subprocess.run(["node", "-e", ASK, package], input=json.dumps(passwords), capture_output=True, text=True)
    answers = json.loads(ran.stdout)
    different = []
    for password, (log10, score) in zip(passwords, answers, strict=True):
        mine = guesses(password)
        alike = log10 > 12 - 1e-9 if mine == CAP else abs(math.log10(mine) - log10) < 1e-9
        if not alike or score != zxcvbn_score(password):
            different.append((ascii(password), math.log10(mine), log10, zxcvbn_score(password), score))
    assert different == []
