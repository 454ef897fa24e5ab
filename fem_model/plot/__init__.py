"""Drawing, below the meshes and the results, known to both."""
