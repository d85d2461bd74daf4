"""Benchmarks: what a decision costs in time and memory, against straightforward ways to compute the same."""
