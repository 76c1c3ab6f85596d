"""Benchmarks: each module runs work of the product and its yardstick interleaved, and gives rows of one table.

A module here has `def run() -> list[Row]`. `make bench` runs them all, `make bench ARGS=audited_writers` one of them.
None is a test: a shared machine's figures are to be read, not asserted.
"""
