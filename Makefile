# Every target sets up what it needs in .venv on first use. It takes Python 3.10 or newer, make and git.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test lab build lint clean

demo: $(READY)      ## grade a sample class and show the result
	$(BIN)/autograder demo

test: $(READY)      ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lab: $(READY)       ## JupyterLab on a copy of the students' notebooks (in lab/, your work is never overwritten)
	@mkdir -p lab
	@for lesson in notebooks/*; do test -e lab/$${lesson##*/} || cp -R $$lesson lab/; done
	$(BIN)/jupyter lab --notebook-dir=lab $(if $(filter 0,$(shell id -u)),--allow-root)

build: $(READY)     ## lessons/ to solutions/ and notebooks/
	$(BIN)/autograder build

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/autograder build --check

$(READY): pyproject.toml mlp_helpers/pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -e ./mlp_helpers -e '.[grading,dev]'
	@touch $@

clean:              ## remove what the targets above made, except a class's data
	rm -rf .venv demo .pytest_cache .ruff_cache build *.egg-info mlp_helpers/*.egg-info
