"""Studies: many solves for one answer."""
