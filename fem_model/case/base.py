"""Base of all sections of a case: frozen models, values and their bounds, errors that name their key."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SerializationInfo,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from fem_model.base.constants import F
from fem_model.base.suggestion import nearest
from fem_model.base.units import parse_quantity, readable

Key = tuple[str | int, ...]
"""The way to a value from the top of the case, e.g. ("anode", "initial", "nuclei", 0, "radius")."""


FOR_PEOPLE = "for people"
"""Context of a serialisation with quantities in the units that a person writes, instead of SI."""


class KeyProblem(ValueError):
    """A value is wrong; `key` leads to it from the section that raises this."""

    def __init__(self, key: str | Key, text: str) -> None:
        super().__init__(text)
        self.key: Key = (key,) if isinstance(key, str) else key


@dataclass(frozen=True)
class Quantity:
    """Annotation of a float that is text with a unit in the case, and in SI `unit` once validated.

    Its size is from `least` to `most`; unless it is positive it may be 0 as well.
    """

    unit: str
    example: str
    least: str
    most: str
    sign: Literal["positive", "not negative", "any"] = "positive"

    @property
    def range(self) -> str:
        """The allowed values in words."""
        zero = "" if self.sign == "positive" else "0 or "
        size = "of a size " if self.sign == "any" else ""
        return f"{zero}{size}from {self.least} to {self.most}"

    @cached_property
    def sizes(self) -> tuple[float, float]:
        """The smallest and the largest size in SI."""
        return parse_quantity(self.least, self.unit), parse_quantity(self.most, self.unit)

    def parse(self, value: object) -> float:
        """SI value; ValueError when it has no unit or the wrong one, or is not in the range."""
        if not isinstance(value, str):
            unit = self.example.split(" ", 1)[1]
            example = f"{value} {unit}" if type(value) in (int, float) else self.example
            raise ValueError(f'needs a unit: write it as text, e.g. "{example}"')
        try:
            number = parse_quantity(value, self.unit)
        except ValueError as error:
            stop = "" if str(error).endswith("?") else "."
            raise ValueError(f'{error}{stop} Example: "{self.example}"') from None
        return self.check(number)

    def check(self, number: float) -> float:
        """An SI value as it is; ValueError when it is not in the range."""
        if (self.sign == "positive" and number <= 0) or (self.sign == "not negative" and number < 0):
            raise ValueError(f"must be {self.sign}")
        least, most = self.sizes
        if number != 0 and not least <= abs(number) <= most:
            raise ValueError(f"must be {self.range}")
        return number

    def text(self, value: float, info: SerializationInfo) -> str:
        """The value as it is written in a case, exact to the last digit: in SI, or in a readable unit."""
        return readable(value, self.unit) if info.context == FOR_PEOPLE else f"{value!r} {self.unit}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        write = core_schema.plain_serializer_function_ser_schema(self.text, info_arg=True)
        return core_schema.no_info_plain_validator_function(self.parse, serialization=write)

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "examples": [self.example], "x-unit": self.unit, "x-range": self.range}


@dataclass(frozen=True)
class Pattern:
    """Annotation of text that as a whole matches a regular expression; `allowed` says which in words."""

    pattern: str
    allowed: str

    def check(self, text: str) -> str:
        """The text as it is; ValueError if it does not match."""
        if not re.fullmatch(self.pattern, text):
            raise ValueError(f"must be {self.allowed}")
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^{self.pattern}$"}


@dataclass(frozen=True)
class Entries:
    """Annotation of a list or a table of any keys: how many entries it has, counted before they are read."""

    least: int
    most: int

    def check(self, value: object) -> object:
        """The value as it is; ValueError if it has too few or too many entries."""
        if isinstance(value, list | tuple | Mapping):
            if len(value) < self.least:
                raise ValueError(f"must have {self.least} or more entries")
            if len(value) > self.most:
                raise ValueError(f"must have at most {self.most} entries; it has {len(value)}")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        node = handler(schema)
        what = "Items" if node.get("type") == "array" else "Properties"
        return {**node, f"min{what}": self.least, f"max{what}": self.most}


@dataclass(frozen=True)
class MolarEnergy(Quantity):
    """Annotation of an energy per mole, J/mol, or per particle: 1 eV is F · 1 V per mole."""

    def parse(self, value: object) -> float:
        """See `Quantity.parse`."""
        try:
            per_particle = parse_quantity(value, "eV") if isinstance(value, str) else None
        except ValueError:
            per_particle = None
        return super().parse(value) if per_particle is None else self.check(F * per_particle)

    def text(self, value: float, info: SerializationInfo) -> str:
        """See `Quantity.text`: for people in eV, if it is a number of twelve digits there and shorter."""
        text, per_particle = super().text(value, info), float(f"{value / F:.12g}")
        is_eV = info.context == FOR_PEOPLE and F * per_particle == value
        return min(text, readable(per_particle, "eV"), key=len) if is_eV else text


def _zero_or_noticeable(share: float) -> float:
    if 0 < share < 1e-12:
        raise ValueError("must be 0 or from 1e-12 to 1")
    return share


_SHORTEST, _LONGEST = "1 pm", "10 m"
_NAME = r"[A-Za-z0-9][A-Za-z0-9 ._+()-]{0,39}(?<! )"
_PRINTABLE = r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]"

FILE_PATH = Pattern(f"{_PRINTABLE}{{1,4000}}", "the path of a file: 1 to 4000 characters that can be printed")
NAME = Pattern(_NAME, "1 to 40 of A-Z, a-z, 0-9, space and . _ + - ( ), a letter or digit first")
LENGTH = Quantity("m", "50 um", _SHORTEST, _LONGEST)
DURATION = Quantity("s", "10 min", "1 ns", "100 years")

Length = Annotated[float, LENGTH]
Amplitude = Annotated[float, Quantity("m", "0.1 um", "1e-18 m", _LONGEST, "not negative")]
Position = Annotated[float, Quantity("m", "6 um", "1e-30 m", _LONGEST, "any")]
Duration = Annotated[float, DURATION]
Conductivity = Annotated[float, Quantity("S/m", "3.57 mS/cm", "1e-18 S/m", "1e9 S/m")]
Density = Annotated[float, Quantity("kg/m^3", "1.86 g/cm^3", "0.001 g/cm^3", "100 g/cm^3")]
AreaResistance = Annotated[float, Quantity("ohm m^2", "0.8 ohm cm^2", "1e-12 ohm cm^2", "1e12 ohm cm^2")]
SeriesResistance = Annotated[
    float, Quantity("ohm m^2", "20 ohm cm^2", "1e-12 ohm cm^2", "1e12 ohm cm^2", "not negative")
]
CurrentDensity = Annotated[float, Quantity("A/m^2", "1 mA/cm^2", "1e-12 mA/cm^2", "1e9 mA/cm^2")]
SignedCurrentDensity = Annotated[float, Quantity("A/m^2", "1 mA/cm^2", "1e-12 mA/cm^2", "1e9 mA/cm^2", "any")]
Voltage = Annotated[float, Quantity("V", "0.3 V", "1 nV", "1000 V", "not negative")]
VoltageLimit = Annotated[float, Quantity("V", "0.3 V", "1 nV", "1000 V")]
Capacity = Annotated[float, Quantity("C/m^2", "0.3 mAh/cm^2", "1e-9 mAh/cm^2", "1e9 mAh/cm^2")]
SignedVoltage = Annotated[float, Quantity("V", "50 mV", "1 nV", "1000 V", "any")]
Pressure = Annotated[float, Quantity("Pa", "100 MPa", "1 mPa", "1000 GPa", "not negative")]
Toughness = Annotated[float, Quantity("Pa m^0.5", "0.2 MPa m^0.5", "1e-9 MPa m^0.5", "1000 MPa m^0.5")]
SurfaceEnergy = Annotated[float, Quantity("J/m^2", "0.5 J/m^2", "1e-9 J/m^2", "1000 J/m^2", "not negative")]
TEMPERATURE = Quantity("K", "298.15 K", "1 K", "10000 K")
Temperature = Annotated[float, TEMPERATURE]
ActivationEnergy = Annotated[float, MolarEnergy("J/mol", "0.36 eV", "1 J/mol", "1000 kJ/mol", "not negative")]
Mobility = Annotated[float, Quantity("m^2/s", "1e-15 m^2/s", "1e-30 m^2/s", "1 m^2/s")]
Speed = Annotated[float, Quantity("m/s", "1 um/h", "1e-18 m/s", "1000 m/s")]
Diffusivity = Annotated[float, Quantity("m^2/s", "1e-17 m^2/s", "1e-40 m^2/s", "1 m^2/s")]
MolarVolume = Annotated[float, Quantity("m^3/mol", "289.1 cm^3/mol", "0.1 cm^3/mol", "1e6 cm^3/mol")]
Number = Annotated[float, Field(strict=True)]
Alpha = Annotated[Number, Field(ge=0.01, le=0.99)]
Integer = Annotated[int, Field(strict=True)]
Switch = Annotated[bool, Field(strict=True)]
Share = Annotated[Number, Field(ge=0, le=1), AfterValidator(_zero_or_noticeable)]
Name = Annotated[str, NAME]
Pair = Annotated[str, Pattern(rf"{_NAME}\|{_NAME}", "two names with a | between them")]
Label = Annotated[str, Pattern(f"{_PRINTABLE}{{1,64}}", "1 to 64 characters that can be printed")]
FilePath = Annotated[str, FILE_PATH]
Note = Annotated[str, Pattern(r"[\s\S]{0,500}", "at most 500 characters")]
Checksum = Annotated[str, Pattern("[0-9a-f]{64}", "64 hexadecimal digits")]


def written(value: object) -> Any:
    """A default as it would be written in the case; it is validated like any value."""
    return Field(value)


def computed(make: Callable[[dict[str, Any]], object]) -> Any:
    """A default made from the values, validated so far, of the keys before it in the section."""
    return Field(default_factory=make)


class Section(BaseModel):
    """A frozen table of the case that refuses keys it does not know."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        defer_build=True,  # of the whole case alone, when it is first read
    )

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        """Unknown keys come first: a mistyped key would otherwise be reported as a missing one."""
        if not isinstance(data, Mapping):
            return data
        allowed = list(cls.model_fields)
        for key in data:
            if key not in allowed:
                text = f"is not a key of this section. Allowed: {', '.join(allowed)}."
                raise KeyProblem(str(key), text + nearest(key, allowed))
        for key, field in cls.model_fields.items():
            if field.is_required() and key not in data:
                examples = [f' Example: "{m.example}".' for m in field.metadata if isinstance(m, Quantity)]
                raise KeyProblem(key, f"is missing. {field.description}{''.join(examples)}")
        return data


def require_one_at_most(section: Section, key: str, other: str) -> None:
    """KeyProblem if both of two keys are given."""
    if getattr(section, key) is not None and getattr(section, other) is not None:
        raise KeyProblem(key, f"and {other} exclude each other: give one of them")


def completed[Kind: Section](section: Kind, values: Mapping[str, object]) -> Kind:
    """The section with values that follow from others: they do not count as given."""
    whole = section.model_copy(update=dict(values))
    whole.model_fields_set.intersection_update(section.model_fields_set)
    return whole
