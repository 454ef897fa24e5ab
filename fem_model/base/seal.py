"""Files that carry a checksum of themselves, so that no damage to them goes unnoticed."""

from hashlib import sha256


def sealed(data: bytes) -> bytes:
    """The data with their checksum behind them, as a comment."""
    return data + comment(f"sha256 {sha256(data).hexdigest()}")


def unsealed(data: bytes) -> bytes | None:
    """The sealed data, or None if they were changed."""
    content = data[: len(data) - len(sealed(b""))]
    return content if sealed(content) == data else None


def comment(text: str) -> bytes:
    """Text that readers of .msh files skip."""
    return f"$Comments\n{text}\n$EndComments\n".encode()
