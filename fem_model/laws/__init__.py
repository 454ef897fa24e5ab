"""Laws of the physics as functions of numbers, arrays and UFL expressions. No PETSc."""
