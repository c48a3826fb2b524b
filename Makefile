# make demo    the whole story on the bundled samples
# make test    everything that must hold: format, lint, types, walls, SQL, tests
# make soak    nights killed at sixty random moments, and attribution of 100,000 events and many
#              more random worlds; make test has the short forms
# make bench   ingest against its peers, ratios in one run
# make bench-attribution   the models from nothing at 1 and 3 million events, and one night more
# make format  put code and SQL into the house style
# make docs    write the generated pages of docs/ again
# make lock    requirements.lock again, with the newest releases that pyproject.toml allows
# make clean   remove what the others made
#
# Needs Python >= 3.11 and make. Everything else goes into $(VENV), made once.
# Another interpreter: make test PYTHON=python3.12

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# The stamp is written last and named after what the environment was made from: the lock
# and the place. A changed lock, a moved checkout or a half-made environment has none.
STATE := $(shell { cat requirements.lock 2>&1; echo "$(CURDIR)"; } | cksum | cut -d ' ' -f 1)
STAMP := $(VENV)/.made-from-$(STATE)
# An interpreter that is gone (upgraded system) also means: make it again.
$(shell $(BIN)/python -c '' 2>/dev/null || rm -f $(STAMP))

.PHONY: demo test soak bench bench-attribution bench-least-privilege format docs lock clean venv

demo: $(STAMP)
	@$(BIN)/rolecall demo

test: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/sqlfluff lint queries
	$(BIN)/pytest -n 2 --dist worksteal

soak: $(STAMP)
	ROLECALL_SOAK_KILLS=$${ROLECALL_SOAK_KILLS:-60} $(BIN)/pytest -n 2 tests/soak tests/lake tests/lake_s3
	ROLECALL_TEST_EVENTS=100000 ROLECALL_TEST_EXAMPLES=25 \
		$(BIN)/pytest -n 2 --dist worksteal tests/attribution

bench: $(STAMP)
	@$(BIN)/python -m benchmarks

bench-attribution: $(STAMP)
	@$(BIN)/python -m benchmarks.attribution

bench-least-privilege: $(STAMP)
	@$(BIN)/python -m benchmarks.least_privilege

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix queries

docs: $(STAMP)
	$(BIN)/python -m tools.reference

lock:
	$(PYTHON) -m venv --clear .venv-lock
	.venv-lock/bin/pip install --quiet pip-tools
	CUSTOM_COMPILE_COMMAND="make lock" .venv-lock/bin/pip-compile --quiet --upgrade \
		--extra dev --allow-unsafe --strip-extras --no-emit-options --no-annotate \
		--output-file requirements.lock pyproject.toml
	rm -rf .venv-lock

# Only the environment, for scripts.
venv: $(STAMP)

clean:
	rm -rf $(VENV) .venv-* .bench build dist .*_cache .hypothesis

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "rolecall needs Python 3.11 or newer, and $(PYTHON) is" \
		"$$($(PYTHON) --version 2>&1). Try: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "Making $(VENV) (once, about a minute) …" >&2
	@$(PYTHON) -m venv --clear $(VENV) || \
		{ echo "Python could not make $(VENV); on Debian and Ubuntu: apt install python3-venv" >&2; \
		exit 1; }
	@$(BIN)/python -m pip install -qq --no-deps -r requirements.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@
