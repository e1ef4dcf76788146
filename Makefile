# Every target installs what it needs, can be run again, and works as root and as anybody else.
# The steps are in xtask/; what they install goes through xtask/setup.sh.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run demo test check bench faults build

xtask := cargo run --quiet --package xtask --

help:
	@echo 'make run      build, start a private Postgres, serve http://127.0.0.1:3000'
	@echo 'make demo     the same on a store of its own with a simulated month'
	@echo 'make test     all tests: unit, Postgres, API, Chromium'
	@echo 'make check    format, types, lints; dependencies: unused, bans, licences, sources'
	@echo 'make bench    benchmarks; figures also in target/bench.json'
	@echo 'make faults   servers and Postgres killed, frozen and cut off under load, many times'
	@echo 'make build    dist/tollwarden, one release file'

run:
	@xtask/setup.sh client postgres
	@$(xtask) run

demo:
	@xtask/setup.sh client postgres
	@$(xtask) demo

test:
	@DATABASE_URL= xtask/setup.sh client postgres browser docs readers clock
	@$(xtask) test

check:
	@xtask/setup.sh client end2end deny
	@$(xtask) check

bench:
	@DATABASE_URL= xtask/setup.sh client postgres
	@$(xtask) bench

faults:
	@DATABASE_URL= xtask/setup.sh client postgres clock
	@$(xtask) faults

build:
	@xtask/setup.sh client
	@$(xtask) dist
