"""Critical current density of a pellet, from its flaws up."""
