# Every target sets up what it needs in .venv on first use. It takes Python 3.10 or newer, make and git.
PYTHON ?= python3
PORT ?= 8866
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test test-browser lab slides build lint clean

demo: $(READY)      ## grade a sample class and show the result
	$(BIN)/autograder demo

test: $(READY)      ## all tests; those in a browser last and alone, for they look at a clock
	$(BIN)/python -m pytest -n 2 --dist loadgroup --ignore=tests/browser
	$(MAKE) test-browser

test-browser: $(READY)  ## those in a real browser
	$(BIN)/python -m pytest tests/browser

lab: $(READY)       ## JupyterLab on a copy of the students' notebooks (in lab/, your work is never overwritten)
	@mkdir -p lab
	@for lesson in notebooks/*; do test -e lab/$${lesson##*/} || cp -R $$lesson lab/; done
	$(BIN)/jupyter lab --notebook-dir=lab $(if $(filter 0,$(shell id -u)),--allow-root)

slides: $(READY)    ## all demos on one page, for a lecture
	@echo "The slides are at http://127.0.0.1:$(PORT) until you press Ctrl-C."
	@JUPYTER_PATH=$(CURDIR)/autograder/templates JUPYTER_CONFIG_PATH=$(CURDIR)/autograder/templates/voila \
		$(BIN)/voila slides/slides.ipynb --port=$(PORT)

build: $(READY)     ## lessons/ to solutions/, notebooks/ and slides/
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
