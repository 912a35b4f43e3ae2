# `make` alone lists what there is. The work is in scripts/, so that it can be read and tried.

.DEFAULT_GOAL := help
.PHONY: help run test test-browsers test-long check lock bench drills pictures try-image

help: ## List the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F '|' '{ printf "%-12s %s\n", $$1, $$2 }'

run: ## Install what is needed, then serve until Ctrl-C; the addresses are printed
	@scripts/run

test: ## Install what the tests need, then lint, types and the whole suite
	@scripts/test

test-browsers: ## The embed on every kind of page in Chromium, Firefox and WebKit; `make test` does a part
	@scripts/test-browsers

test-long: ## Longer histories and bigger crowds than `make test` plays; half an hour
	@scripts/test-long

check: ## The fast part of `make test`, under a minute: no services, no browser
	@scripts/check

lock: ## Write requirements*.txt anew from *.in; UPGRADE=1 takes the newest of everything
	@scripts/lock

bench: ## Time the service beside plain Flask and print the table; about fifteen minutes
	@bench/run

drills: ## Kill, freeze, fill and cut every part under load; some minutes. ARGS="--times 10"
	@scripts/drills $(ARGS)

pictures: ## Photograph the widget in every state and the console, to be looked at
	@scripts/pictures

try-image: ## Execute the Dockerfile without Docker and try what comes out; as root, three minutes
	@scripts/try-image
