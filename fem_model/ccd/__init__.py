"""Critical current density: from the flaws of a patch to a whole electrode, and beside measured values."""
