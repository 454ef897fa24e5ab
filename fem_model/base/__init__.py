"""Parts that know nothing of the project: errors, units, files, the log, the machine."""
