"""Damaged files of every kind that is read, from seeds: python -m tests.fuzz --count 2000 --seed 1"""
