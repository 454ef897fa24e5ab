"""What a run leaves behind: measures, series, fields, checkpoints, manifest."""

import fem_model._mpi_first  # noqa: F401
