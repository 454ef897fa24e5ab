"""The physics, one process a file: its fields, its terms, its rates, and how it moves in time."""
