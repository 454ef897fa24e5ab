"""Work of the commands once their words are read."""
