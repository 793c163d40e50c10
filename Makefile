.DEFAULT_GOAL := help
.PHONY: help setup build check test demo demo-swarm bench clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

setup: ## install what everything below needs (Debian packages, npm packages), and build
	@tools/setup.sh --test

build: ## compile into dist/
	@npm run -s build

check: ## format, lint, types, import direction, dead exports
	@npm run -s check

test: setup ## everything: check, unit tests, kernel tests, end-to-end tests (as root)
	@node tools/test.mjs

demo: ## a tour on this machine, which is left as it was (as root); KEEP=1 leaves it running
	@tools/setup.sh
	@node tools/demo.mjs

demo-swarm: ## a tour of a swarm of three nodes on this machine (as root); KEEP=1 leaves it running
	@tools/setup.sh --demo-swarm
	@node tools/demo-swarm.mjs

bench: setup ## measure against Docker and docker-compose, side by side
	@node --conditions=source --import ./tools/run-typescript.mjs bench/main.ts

clean: ## remove what was built
	rm -rf dist
