"""Files that are never seen half written: write aside, flush to disk, rename."""

import json
import os
from pathlib import Path


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` as a whole."""
    aside = path.with_name(f".{path.name}.part")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def write_text(path: Path, text: str) -> None:
    """Replace `path` as a whole, UTF-8."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: object) -> None:
    """Replace `path` as a whole with indented JSON."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
