"""What all sections of a case share: frozen models, quantities with units, errors that name their key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from fem_model.units import parse_quantity

Key = tuple[str | int, ...]
"""The way to a value from the top of the case, e.g. ("anode", "initial", "nuclei", 0, "radius")."""


class KeyProblem(ValueError):
    """A value is wrong; `key` leads to it from the section that raises this."""

    def __init__(self, key: str | Key, text: str) -> None:
        super().__init__(text)
        self.key: Key = (key,) if isinstance(key, str) else key


def nearest(name: object, allowed: list[str]) -> str:
    """ " Did you mean x?" or nothing."""
    lower = {word.lower(): word for word in allowed}
    hit = get_close_matches(str(name).lower(), lower, n=1, cutoff=0.5)
    return f" Did you mean {lower[hit[0]]}?" if hit else ""


@dataclass(frozen=True)
class Quantity:
    """Annotation of a float that is text with a unit in the case, and in SI `unit` once validated."""

    unit: str
    example: str
    sign: Literal["positive", "not negative", "any"] = "positive"

    def parse(self, value: object) -> float:
        """SI value; ValueError when it has no unit, the wrong one, or the wrong sign."""
        if not isinstance(value, str):
            unit = self.example.split(" ", 1)[1]
            example = f"{value} {unit}" if type(value) in (int, float) else self.example
            raise ValueError(f'needs a unit: write it as text, e.g. "{example}"')
        try:
            number = parse_quantity(value, self.unit)
        except ValueError as error:
            raise ValueError(f'{error}. Example: "{self.example}"') from None
        if (self.sign == "positive" and number <= 0) or (self.sign == "not negative" and number < 0):
            raise ValueError(f"must be {self.sign}")
        return number

    def text(self, value: float) -> str:
        """The value as it is written in a case, exact to the last digit."""
        return f"{value!r} {self.unit}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        write = core_schema.plain_serializer_function_ser_schema(self.text)
        return core_schema.no_info_plain_validator_function(self.parse, serialization=write)

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "examples": [self.example], "x-unit": self.unit}


Length = Annotated[float, Quantity("m", "50 um")]
Amplitude = Annotated[float, Quantity("m", "0.1 um", "not negative")]
Position = Annotated[float, Quantity("m", "6 um", "any")]
Duration = Annotated[float, Quantity("s", "10 min")]
Conductivity = Annotated[float, Quantity("S/m", "3.57 mS/cm")]
Density = Annotated[float, Quantity("kg/m^3", "1.86 g/cm^3")]
AreaResistance = Annotated[float, Quantity("ohm m^2", "0.8 ohm cm^2")]
SeriesResistance = Annotated[float, Quantity("ohm m^2", "20 ohm cm^2", "not negative")]
CurrentDensity = Annotated[float, Quantity("A/m^2", "1 mA/cm^2")]
SignedCurrentDensity = Annotated[float, Quantity("A/m^2", "1 mA/cm^2", "any")]
Voltage = Annotated[float, Quantity("V", "0.3 V", "not negative")]
VoltageLimit = Annotated[float, Quantity("V", "0.3 V")]
Capacity = Annotated[float, Quantity("C/m^2", "0.3 mAh/cm^2")]
SignedVoltage = Annotated[float, Quantity("V", "50 mV", "any")]
Pressure = Annotated[float, Quantity("Pa", "100 MPa", "not negative")]
SurfaceEnergy = Annotated[float, Quantity("J/m^2", "0.5 J/m^2", "not negative")]
Temperature = Annotated[float, Quantity("K", "298.15 K")]
Mobility = Annotated[float, Quantity("m^2/s", "1e-15 m^2/s")]
Speed = Annotated[float, Quantity("m/s", "1 um/h")]
Diffusivity = Annotated[float, Quantity("m^2/s", "1e-17 m^2/s")]
MolarVolume = Annotated[float, Quantity("m^3/mol", "289.1 cm^3/mol")]
Number = Annotated[float, Field(strict=True)]
Integer = Annotated[int, Field(strict=True)]
Switch = Annotated[bool, Field(strict=True)]


def written(value: object) -> Any:
    """A default as it would be written in the case; it is validated like any value."""
    return Field(value)


def computed(make: Callable[[dict[str, Any]], object]) -> Any:
    """A default made from the values, validated so far, of the keys before it in the section."""
    return Field(default_factory=make)


class Section(BaseModel):
    """A frozen table of the case that refuses keys it does not know."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        """Unknown keys come first: a mistyped key would else be told as a missing one."""
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
