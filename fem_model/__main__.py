"""`python -m fem_model` is the same as `fem-model`."""

from fem_model.cli import main

main()
