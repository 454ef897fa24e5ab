"""Damage to the bytes of a file, as disks, transfers, editors and enemies do it."""

import re
from collections.abc import Callable, Mapping
from random import Random

Damage = Callable[[bytes, Random], bytes]

HEADER = 600
"""Bytes at the beginning in which most headers are."""
WORDS = (0, 1, 2**7, 2**8 - 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**64 - 1)
NUMBERS = (
    "-1",
    "0",
    "1",
    "2",
    "255",
    "65536",
    "2147483647",
    "4294967296",
    "1e308",
    "nan",
    "99999999999999999999",
)


def flipped(data: bytes, random: Random) -> bytes:
    """A few bits the other way."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8, 64))):
        changed[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(changed)


def flipped_header(data: bytes, random: Random) -> bytes:
    """A few bits the other way near the beginning."""
    return flipped(data[:HEADER], random) + data[HEADER:]


def cut(data: bytes, random: Random) -> bytes:
    """The end is missing."""
    return data[: random.randrange(1, len(data))]


def longer(data: bytes, random: Random) -> bytes:
    """Something behind the end."""
    return data + random.randbytes(random.choice((1, 8, 1000)))


def inserted(data: bytes, random: Random) -> bytes:
    """Something in between."""
    place, more = random.randrange(len(data)), random.randbytes(random.choice((1, 4, 16, 300)))
    return data[:place] + more + data[place:]


def removed(data: bytes, random: Random) -> bytes:
    """Something is missing in between."""
    place = random.randrange(len(data))
    return data[:place] + data[place + random.choice((1, 4, 16, 300)) :]


def swapped(data: bytes, random: Random) -> bytes:
    """Two blocks in each other's place."""
    a, b, c = sorted(random.randrange(len(data)) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def repeated(data: bytes, random: Random) -> bytes:
    """A block a second time."""
    a, b = sorted(random.randrange(len(data)) for _ in range(2))
    return data[:b] + data[a:b] + data[b:]


def zeroed(data: bytes, random: Random) -> bytes:
    """A block of nothing, as a disk leaves it that was not written to."""
    a = random.randrange(len(data))
    return data[:a] + bytes(len(data[a : a + 512])) + data[a + 512 :]


def edited(data: bytes, random: Random) -> bytes:
    """Another number in the text; without one, another word of four or eight bytes."""
    found = [match.span() for match in re.finditer(rb"(?<![\w.])-?\d+(\.\d*)?(?![\w.])", data[: 50 * HEADER])]
    early = [span for span in found if span[1] < HEADER]
    if not found:
        return worded(data, random)
    start, end = random.choice(early if early and random.random() < 0.7 else found)
    return data[:start] + random.choice(NUMBERS).encode() + data[end:]


def worded(data: bytes, random: Random) -> bytes:
    """An extreme value in place of four or eight bytes near the beginning."""
    size = random.choice((4, 8))
    place = (
        random.randrange(max(1, min(len(data), HEADER) - size))
        // random.choice((1, 4))
        * random.choice((1, 4))
    )
    order = random.choice(("little", "big"))
    word = (random.choice(WORDS) % 256**size).to_bytes(size, order)  # type: ignore[arg-type]
    return (data[:place] + word + data[place + size :])[: max(len(data), place + size)]


DAMAGES: Mapping[str, Damage] = {
    damage.__name__: damage
    for damage in (
        flipped,
        flipped_header,
        cut,
        longer,
        inserted,
        removed,
        swapped,
        repeated,
        zeroed,
        edited,
        worded,
    )
}


def damaged(data: bytes, random: Random) -> tuple[str, bytes]:
    """The names of one or two kinds of damage, and the data with them."""
    names = random.choices(list(DAMAGES), k=random.choice((1, 1, 1, 2)))
    for name in names:
        data = DAMAGES[name](data, random) or b"\0"
    return "+".join(names), data
