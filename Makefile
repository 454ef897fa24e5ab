# `make demo` and `make test` work from a clean clone: .ci/python finds or makes the Python they need.
export OMP_NUM_THREADS = 1
unexport PYTHONDONTWRITEBYTECODE # modules are compiled once, not by each process that the tests start
RUN = sh .ci/python
WORKERS = auto # of `make test`: as many as there are cores; 0: all in the process of pytest

.DEFAULT_GOAL = help
.PHONY: help setup demo test test-slow test-share faults bench lint docs constraints clean

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*##/\1 #/p' $(MAKEFILE_LIST) | while IFS='#' read -r name text; do printf '  make %-12s%s\n' "$$name" "$$text"; done

setup:  ## find or make the Python environment (the other targets do it as well)
	@$(RUN) -c 'import sys; print("ready:", sys.executable)'

demo:  ## run the quickstart case and draw its figures
	@$(RUN) -m fem_model run runs/quickstart/case.toml --force

test:  ## run the fast tests, on all cores; WORKERS=0 runs them in one process
	@$(RUN) -m pytest tests --ignore tests/parallel -n $(WORKERS) --dist loadfile --max-worker-restart 0; status=$$?; \
	    $(RUN) -m pytest tests/parallel && exit $$status  # these start ranks of their own

test-slow:  ## run the tests that take minutes
	@$(RUN) -m pytest tests -m slow

test-share:  ## run a tenth of those, for 5 minutes at most: another tenth for each commit
	@$(RUN) -m pytest tests -m slow -rs --minutes 5 \
	    --share $$(git rev-list --count HEAD 2>/dev/null || date +%j)/10

faults:  ## kill 200 runs and sweeps and let them go on: some 25 minutes; KILLS=N for fewer
	@$(RUN) -m tests.faults --kills $(or $(KILLS),200)

bench:  ## measure what runs cost, beside others, into docs/benchmarks.md: most of an hour; PART=NAME for one part
	@$(RUN) -m tests.benchmarks $(PART)

lint:  ## check style and types
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy

docs:  ## write the table of columns, docs/series.md, anew
	@$(RUN) -m fem_model.record.observables.table > docs/series.md

constraints:  ## resolve constraints.txt anew (needs uv)
	env -u UV_FIND_LINKS uv pip compile -q pyproject.toml --universal --python-version 3.12 --all-extras --upgrade \
	    --no-header --no-annotate --no-emit-index-url --no-emit-find-links -o constraints.txt

clean:  ## remove .venv and caches; results and meshes stay
	rm -rf .venv .ci/.ready .pytest_cache .mypy_cache .ruff_cache build *.egg-info
	find fem_model tests -name __pycache__ -prune -exec rm -rf {} +
