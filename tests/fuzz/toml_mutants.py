"""Damaged and altered TOML texts: by byte, line, token, value, and by what attackers write."""

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEEDS = [
    path.read_text(encoding="utf-8")
    for path in sorted([*ROOT.glob("runs/*/case.toml"), *ROOT.glob("tests/fuzz/seeds/*.toml")])
]

TOKEN = re.compile(r"""'''.*?'''|"[^"\n]*"|'[^'\n]*'|#[^\n]*|[\w.+-]+|\s+|.""", re.DOTALL)
QUANTITY = re.compile(r'"([-+.\de]+) ([^"\n]*)"')
WORDS = sorted({token for text in SEEDS for token in TOKEN.findall(text) if not token.isspace()})
UNITS = sorted({unit for text in SEEDS for _, unit in QUANTITY.findall(text)})
NUMBERS = [
    *("0", "-1", "1", "2", "0.5", "-0.0", "nan", "inf", "-inf", "true", "false", "3.0", "1_000", "100000000"),
    *("1e300", "-1e300", "1e-300", "1e999", "1e-999", "1e16", "1e-16", "1e6", "1e-6", "0.30000000000000004"),
    *("9223372036854775808", "1" + "0" * 300, "9" * 5000, "0x" + "f" * 99, "1979-05-27", "07:32:00"),
]
HOSTILE = [
    *('""', "[]", "{}", "''", '" "', '"|"', '"a|b"', '"../x"', '"a/b"', '"a\\nb"', '"\\u0000"', '"\\u2028"'),
    *('"\\u001b[31m"', '"é"', '"β-Li3PS4"', '"Li₆PS₅Cl"', f'"{"x" * 300}"', f'"{"x" * 5000}"', '"$x^2$"'),
    *('"[red]"', '"1 m^1e9"', '"9**9**9 m"', '"1 m**9**9"', '"1 m²⁰⁰"', f'"1 {"m*" * 100000}m"', '"٣ um"'),
    *(f'"1 {"(" * 900}m"', '"1e-160 m"', '"1e-300 S/m"', '"1e300 h"', '"nan m"', '"inf s"', '"0x10 m"'),
    *('"1 __import__"', "[" * 3000, "[" * 900 + "]" * 900, "{a=" * 40 + "1" + "}" * 40, "a." * 3000 + "a"),
    *("[[[]]]", "[1, 'a']", '["1 um", 2]', '["1 h"]', "[{}]", "{ a = 1, a = 2 }", '{ x = "y" }'),
    *('"/dev/zero"', f"[{'0, ' * 20000}]"),
]
LINES = [
    *("[drive]", "[[drive]]", "[materials]", '[materials."a\\nb"]', '[materials."a|b"]', "[materials.β]"),
    *("[x]", "x = 1", 'drive.mode = "cycling"', "[solver.petsc]", "[microstructure.contents]", "\x00", "\r"),
    *("[[reactions]]", "[[boundaries]]", "[[microstructure.grains]]", 'title = """a""""'),
    *("time.outputs = 100000000", "drive.repeat = 100000", "drive.cycles = 50000"),
    *('materials.A.sigma = "1e-300 S/m"', '[materials."/etc"]'),
]

Mutation = Callable[[random.Random, str], str]


def mutant(rng: random.Random, seeds: Sequence[str] = SEEDS) -> bytes:
    """A file: one of the seeds, changed one to four times."""
    text = rng.choice(seeds)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        text = rng.choice(MUTATIONS)(rng, text)
    data = text.encode("utf-8", errors="surrogatepass")
    return rng.choice(ENCODINGS)(data) if rng.random() < 0.03 else _damaged(rng, data)


def override(rng: random.Random) -> str:
    """A text for --set: a key, mostly one that there is, and a value."""
    sections = re.findall(r"^\[([^\[\]\n]+)\]", rng.choice(SEEDS), re.MULTILINE) or ["mesh"]
    keys = re.findall(r"(\w+) =", rng.choice(SEEDS))
    key = rng.choice((f"{rng.choice(sections)}.{rng.choice(keys)}", rng.choice(sections), rng.choice(WORDS)))
    value = rng.choice((rng.choice(WORDS), rng.choice(NUMBERS), rng.choice(HOSTILE), _quantity(rng)))
    return f"{key}={value.strip(chr(34)) if rng.random() < 0.5 else value}"[:100_000]


def _damaged(rng: random.Random, data: bytes) -> bytes:
    """Now and then with a byte more, a byte less, another byte, or without its end."""
    at = rng.randrange(len(data) + 1)
    match rng.randrange(20):
        case 0:
            return data[:at] + rng.randbytes(1) + data[at:]
        case 1:
            return data[:at] + data[at + rng.randrange(1, 4) :]
        case 2:
            return data[:at] + rng.randbytes(1) + data[at + 1 :]
        case 3:
            return data[:at]
    return data


def _change_line(rng: random.Random, text: str) -> str:
    """A line taken out, doubled, moved, or taken from another case."""
    lines = text.split("\n")
    at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
    line = lines[at] if rng.random() < 0.3 else lines.pop(at)
    other = rng.choice((line, rng.choice(LINES), rng.choice(rng.choice(SEEDS).split("\n"))))
    return "\n".join(lines if rng.random() < 0.3 else [*lines[:to], other, *lines[to:]])


def _change_token(rng: random.Random, text: str) -> str:
    """A token taken out, doubled, or replaced by one of any case."""
    tokens = TOKEN.findall(text)
    at = rng.randrange(len(tokens))
    tokens[at : at + 1] = rng.choice(([], [tokens[at]] * 2, [rng.choice(WORDS)], [rng.choice(WORDS)]))
    return "".join(tokens)


def _change_value(rng: random.Random, text: str) -> str:
    """A value of a key, or of an entry of a list, replaced by a hostile one."""
    places = list(re.finditer(r'"[^"\n]*"|(?<=[=\[,] )[-\d.]+\b', text))
    place = rng.choice(places)
    new = rng.choice((rng.choice(HOSTILE), rng.choice(NUMBERS), _quantity(rng), rng.choice(WORDS)))
    return text[: place.start()] + new + text[place.end() :]


def _change_quantity(rng: random.Random, text: str) -> str:
    """Another number or another unit in a quantity."""
    place = rng.choice(list(QUANTITY.finditer(text)))
    number, unit = place[1], place[2]
    if rng.random() < 0.5:
        number = rng.choice((rng.choice(NUMBERS), f"{rng.choice('-0123456789')}e{rng.randrange(-30, 30)}"))
    else:
        unit = rng.choice(
            (rng.choice(UNITS), f"{rng.choice('ypnumckMGY')}{unit}", f"{unit}^2", f"{unit}/{unit}")
        )
    return f'{text[: place.start()]}"{number} {unit}"{text[place.end() :]}'


def _nudge(rng: random.Random, text: str) -> str:
    """A number that is somewhat larger or smaller."""
    place = rng.choice(list(re.finditer(r"(?<=[ \"])\d{1,9}(\.\d+)?(?=[ ,\n])", text)))
    number = float(place[0]) * rng.choice((0.1, 0.5, 0.99, 1.01, 2, 3, 10, 1000))
    new = repr(round(number) if place[1] is None and rng.random() < 0.7 else number)
    return text[: place.start()] + new + text[place.end() :]


def _quantity(rng: random.Random) -> str:
    return f'"{rng.choice(NUMBERS)} {rng.choice(UNITS)}"'


MUTATIONS: Sequence[Mutation] = (
    _change_line,
    _change_token,
    _change_value,
    _change_value,
    _change_quantity,
    _change_quantity,
    _nudge,
    _nudge,
    _nudge,
)

ENCODINGS: Sequence[Callable[[bytes], bytes]] = (
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: data.decode("utf-8", errors="replace").encode("utf-16"),
    lambda data: data.decode("utf-8", errors="replace").encode("latin-1", errors="replace"),
    lambda data: data.replace(b"\n", b"\r\n"),
    lambda data: data.replace(b"\n", b"\r"),
    lambda data: data.replace(b" ", b"\x00"),
    lambda data: data.replace(b" ", b" " * 3000)[:1_500_000],
    lambda data: data * (1_500_000 // (len(data) + 1)),
)
