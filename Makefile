# make demo   rehearse the whole programme and serve it (SERVE=0: stop when ready; FRESH=1: start anew; PORT=8000)
# make test   set up, check and test everything
# make bench  measurements (ONLY="pages …"; PEERS=1 installs R from Debian to measure beside; ATTUNEMENT_PEERS, ATTUNEMENT_PEER_CIN and ATTUNEMENT_PEER_ACRO name where other peers are); make calibrate simulates error rates; make faults breaks things on purpose; make lock writes the lock files anew (needs uv)
SHELL := /bin/sh
unexport PYTHONDONTWRITEBYTECODE # what is imported is compiled once and kept
BIN := .venv/bin
SERVE ?= 1
PORT ?= 8000
FAMILIES ?= 252
.PHONY: demo test bench calibrate faults lock clean ready

ready:
	@build_tools/setup.sh

demo: ready
	@$(BIN)/attunement demo --project "$(CURDIR)" --port $(PORT) --families $(FAMILIES) $(if $(FRESH),--fresh) $(if $(filter 0,$(SERVE)),--no-serve)

test: ready
	@build_tools/test.sh

bench: ready
	@$(BIN)/python -m benches $(ONLY)

# Long runs that break things on purpose.
faults: ready
	@$(BIN)/python -m tests.faults.allocation_kills 5000
	@$(BIN)/python -m tests.faults.serving_kills 200
	@$(BIN)/python -m tests.faults.cut_logs 2000
	@$(BIN)/python -m tests.faults.full_disk 200
	@$(BIN)/python -m tests.faults.real_time_order 10
	@ATTUNEMENT_STEPS=50000 $(BIN)/python -m pytest -n 2 tests/journey/test_scheme_life.py
	@ATTUNEMENT_KILLS=20 $(BIN)/python -m pytest tests/faults/test_power_cuts.py
	@$(BIN)/python -m tests.allocation.edits 1000
	@$(BIN)/python -m tests.family_lives 50000
	@$(BIN)/python -m tests.faults.reminder_kills 200
	@$(BIN)/python -m tests.faults.films 1000
	@$(BIN)/python -m tests.faults.real_scanner
	@$(BIN)/python -m tests.risk_sequences 10000
	@$(BIN)/python -m tests.browser.kills 200
	@$(BIN)/python -m benches.film_cuts
	@$(BIN)/python -m benches.film_mutants
	@$(BIN)/python -m tests.records.mutants 150
	@$(BIN)/python -m tests.impact.odd_data 300
	@$(BIN)/python -m tests.impact.odd_questions

# The error rates and coverage of the primary analysis, by simulation.
calibrate: ready
	@$(BIN)/python -m benches.calibrate
	@$(BIN)/python -m tests.records.random_histories 10000 1
	@$(BIN)/python -m tests.disclosure.random_tables 1000 11
	@$(BIN)/python -m tests.cost.known_truth 2000

lock:
	@build_tools/lock.sh

clean:
	rm -rf .venv node_modules src/attunement/web/static/built
