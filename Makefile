# make demo    a breached fleet on this machine, audited over real SSH, and its report
# make test    all tests (as root also against real OpenSSH daemons in namespaces), under 10 minutes
# make check   format, lint, types, tests: what has to be green before a commit lands
# make bench   speed and memory, each beside a peer measured in the same run
# make prove   the long suites, whole; their figures stand in docs/
.PHONY: setup demo test check format lint types bench prove lock pages

PY = .venv/bin/python

setup:
	@.ci/setup

demo: setup
	@$(PY) -m hygiene demo; code=$$?; \
	if [ $$code = 10 ]; then echo "hygiene demo ended with exit code 10: findings at or above high, as planted."; else exit $$code; fi

test: setup
	$(PY) -m pytest -n auto --dist loadfile $(ARGS)

check: setup lint types test

format: setup
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

lint: setup
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

types: setup
	$(PY) -m mypy

bench: setup
	@for bench in bench/*.py; do $(PY) $$bench || exit 1; done

prove: setup
	$(PY) -m pytest -n auto --dist loadfile -m "" $(ARGS)

# pages that are made from the code; a test holds them current
pages: setup
	$(PY) -m hygiene.registry checks/README.md

# renew the pinned versions of everything that development takes
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --group dev --extra all pyproject.toml -o .ci/requirements.txt
