"""The run: the loop over time and what it moves."""
