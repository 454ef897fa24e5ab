"""The physics: kinetics, the diffuse interface, and the model that adds them up. No solver, no file."""
