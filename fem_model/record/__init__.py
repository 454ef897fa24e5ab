"""Results of a run: measures, series, fields, checkpoints, manifest."""
