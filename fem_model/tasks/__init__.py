"""What the commands do once their words are read."""
