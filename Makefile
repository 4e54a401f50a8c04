# Everything one runs here, on Linux with Python 3.11 to 3.13. Nothing has to be done before: each target makes .venv what
# the lock says, which takes no time where it is already. Outside this folder only the caches of pip and uv are written.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
PYTHON := .venv/bin/python

# uv asks no host but the package index for anything, and trusts whom the system trusts: a company's proxy has its own authority.
export UV_PYTHON_DOWNLOADS := never
AUTHORITIES := $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt))
ifneq ($(AUTHORITIES),)
export UV_SYSTEM_CERTS := 1
export PIP_CERT ?= $(AUTHORITIES)
endif
ifneq ($(PIP_INDEX_URL),)
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

# Where there is no home to write to, the caches lie here.
CACHES := $(or $(XDG_CACHE_HOME),$(if $(HOME),$(HOME)/.cache))
ifneq ($(shell test -n "$(CACHES)" && mkdir -p "$(CACHES)" 2>/dev/null && test -w "$(CACHES)" && echo yes),yes)
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
endif

export PEOPLE ARGS
# With PHONE=1 the form and the mailbox are reachable from the network this machine is in.
export MYBUDDY_LOCAL_PHONE := $(PHONE)
# With WATCH=1 a Prometheus with the rules of every installation watches it.
export MYBUDDY_LOCAL_WATCH := $(WATCH)

.PHONY: help
help: ## Shows this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: .kafka .cache/kernels ## A whole round with the example people, or those of PEOPLE=file; PHONE=1: try it on a phone; WATCH=1: with Prometheus
	@$(PYTHON) -m deploy.local.demo $${PEOPLE:+--people "$$PEOPLE"}

.PHONY: dev
dev: .kafka .cache/kernels ## Runs everything on this machine until Ctrl-C; PHONE=1: for a phone beside it too; WATCH=1: with Prometheus
	@$(PYTHON) -m deploy.local up

.PHONY: test
test: .kafka .browser .prometheus .cache/kernels ## All tests, by three WORKERS with a stack each; ARGS="services/geo -x" goes to pytest
	@$(PYTHON) -m pytest -n $(or $(WORKERS),3) --dist loadfile --no-loadscope-reorder $$ARGS

.PHONY: check
check: .venv-ready ## Everything that is checked without running the services
	@$(PYTHON) -m deploy.checks

.PHONY: check-ops
check-ops: .venv-ready ## Metrics, alerts, dashboards and Kubernetes manifests; fetches promtool and amtool where there are none
	@$(PYTHON) -m deploy.local.prometheus
	@$(PYTHON) -m deploy.checks --ops

.PHONY: format
format: .venv-ready ## Brings the code into its form
	@$(PYTHON) -m ruff check --fix --quiet . ; $(PYTHON) -m ruff format .

.PHONY: i18n-check
i18n-check: .venv-ready ## Are all texts there in every language?
	@$(PYTHON) -m shared.web.check

.PHONY: preview
preview: .venv-ready ## Every text in its place, for translators: build/preview/<language>.html; ARGS=uk makes one language
	@$(PYTHON) -m shared.web.preview $$ARGS

.PHONY: mails
mails: .venv-ready ## Every mail in every language, as text and as HTML, side by side: build/mails/index.html
	@$(PYTHON) -m shared.web.mails

.PHONY: regions-check
regions-check: .venv-ready ## Are the region files in order? ARGS=folder looks at others than deploy/regions
	@$(PYTHON) -m deploy.checks.regions $$ARGS

.PHONY: screenshots
screenshots: .kafka browser .cache/kernels ## Pictures of the pages, in a real browser
	@$(PYTHON) -m deploy.local.screenshots

.PHONY: bench
bench: .cache/kernels ## Measures the matching beside other solvers, in five minutes; FULL=1: all sizes, most of an hour
	@$(PYTHON) -m tests.load.engine $(if $(FULL),--full)

.PHONY: bench-pipeline
bench-pipeline: .kafka .cache/kernels ## Measures the way from sign-up to mail
	@$(PYTHON) -m tests.load.pipeline

.PHONY: bench-signup
bench-signup: .kafka ## Measures how fast the form is shown and taken, and whether anything is lost
	@$(PYTHON) -m tests.load.signup

.PHONY: bench-enumeration
bench-enumeration: .kafka ## Can a stranger measure from the time of an answer who is registered?
	@$(PYTHON) -m tests.load.enumeration

.PHONY: bench-mail
bench-mail: .venv-ready ## Measures how many mails a process makes and hands over; FULL=1: to 10,000 people
	@$(PYTHON) -m tests.load.mail $(if $(FULL),--full)

.PHONY: bench-repair
bench-repair: .kafka .cache/kernels ## Measures how long somebody whose pair fell through waits for the next question
	@$(PYTHON) -m tests.load.repair

.PHONY: bench-close
bench-close: .kafka .cache/kernels ## Measures how long a closed round of 10,000 people waits until matching knows all of them
	@$(PYTHON) -m tests.load.closing

.PHONY: bench-scaling
bench-scaling: .kafka .cache/kernels ## Measures what a second and a third process of geo and of notification bring
	@$(PYTHON) -m tests.load.scaling

.PHONY: doctor
doctor: .venv-ready ## Which Kafka, PostgreSQL, Java, browser and Prometheus are used here, and why
	@$(PYTHON) -m deploy.local.doctor

.PHONY: browser
browser: .venv-ready ## Finds a browser for tests and pictures; as root on Debian, installs one where there is none
	@$(PYTHON) -m deploy.checks.browser

.PHONY: lock
lock: .venv-ready ## Writes locks/ from pyproject.toml, keeping versions; ARGS=--upgrade takes newer ones
	@$(PYTHON) -m deploy.checks.locks --write $$ARGS

.PHONY: clean
clean: ## Removes all that was made here, .venv and downloads too
	rm -rf .venv .cache build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: .venv-ready
.venv-ready:
	@locks/install

# Two at once would let Java learn the same twice.
.PHONY: .kafka
.kafka: .venv-ready
	@mkdir -p .cache && flock .cache/kafka.lock $(PYTHON) -m deploy.local.prepare

# The engine's kernels are compiled once, which takes a minute. Numba looks at a kernel's own file only, so all are made
# anew when one changes.
.cache/kernels: $(wildcard services/matching/engine/*.py) | .venv-ready
	@mkdir -p .cache
	@rm -f services/matching/engine/__pycache__/*.nb?
	@$(PYTHON) -m services.matching.engine warm && touch $@

# Tests without a browser or Prometheus are still worth running: those that need one fail by themselves.
.PHONY: .browser
.browser: .venv-ready
	@$(PYTHON) -m deploy.checks.browser || true

.PHONY: .prometheus
.prometheus: .venv-ready
	@$(PYTHON) -m deploy.local.prometheus || true
