"""What a run leaves behind: measures, series, fields, checkpoints, manifest."""

import fem_model._dolfinx_first  # noqa: F401
