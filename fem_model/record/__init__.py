"""What a run leaves behind: measures, series, fields, checkpoints, manifest."""
