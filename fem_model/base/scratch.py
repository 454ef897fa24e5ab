"""Temporary folders, gone after use; where there is no room for one, the error says what to do."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fem_model.base.atomic import writing
from fem_model.base.errors import OutputError

ADVICE = "TMPDIR can name another temporary folder"


@contextmanager
def scratch() -> Iterator[Path]:
    """A temporary folder within this. OutputError if none can be made."""
    with ExitStack() as stack:
        try:
            folder = TemporaryDirectory(prefix="fem-model-", ignore_cleanup_errors=True)
            name = stack.enter_context(folder)
        except OSError as error:
            reason = ": ".join(filter(None, (error.filename, error.strerror)))
            raise OutputError(f"no temporary folder can be made ({reason}). {ADVICE}") from error
        yield Path(name)


@contextmanager
def filling(path: Path) -> Iterator[None]:
    """OutputError, with what to do, for a file of a temporary folder that cannot be written within this."""
    try:
        with writing(path):
            yield
    except OutputError as error:
        raise OutputError(f"{error}. {ADVICE}") from error
