"""Time steps of the fields."""
