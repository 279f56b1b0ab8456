# `make run` serves a demonstration, `make test` tries everything; both first fill .venv, once, from the hashed
# requirements. uv is quick; where it cannot reach an index that only pip is configured for, pip takes the same hashes.
PYTHON = .venv/bin/python
PIP = python3 -m pip --quiet --python $(PYTHON) install
UV = .venv/bin/uv --quiet pip
COMPILE = $(UV) compile --universal --generate-hashes --no-header --no-annotate pyproject.toml $(UPGRADE)

.PHONY: run test lock screenshots
run: .venv/run
	.venv/bin/loyalty demo

test: .venv/test
	$(PYTHON) -m pytest -n auto --maxprocesses 4

# Every page, at both widths, in both themes and languages, into ./screenshots; look at them.
screenshots: .venv/test
	$(PYTHON) -m tests.browser.screenshots screenshots

# After a change of dependencies; `make lock UPGRADE=--upgrade` takes newer versions.
lock: .venv/bin/uv
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --output-file requirements-test.txt --extra test

.venv/bin/uv:
	python3 -m venv --without-pip .venv
	$(PIP) uv==0.13.9 || ($(PYTHON) -m ensurepip && $(PYTHON) -m pip install uv==0.13.9)

define install
	$(UV) sync --python $(PYTHON) --compile-bytecode --require-hashes $< || $(PIP) --require-hashes -r $<
	$(UV) install --python $(PYTHON) --no-deps -e . || $(PIP) --no-deps -e .
	touch .venv/run $@
endef

.venv/run: requirements.txt pyproject.toml hatch_build.py | .venv/bin/uv
	rm -f .venv/test
	$(install)

.venv/test: requirements-test.txt pyproject.toml hatch_build.py | .venv/bin/uv
	$(install)
