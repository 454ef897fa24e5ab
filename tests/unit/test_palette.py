"""Colours of materials: the same for a name in every figure, and different ones side by side."""

from fem_model.materials import LIBRARY
from fem_model.plot.palette import OTHERS, material_colours


def test_a_material_keeps_its_colour_in_any_company() -> None:
    alone = {name: material_colours([name])[name] for name in (*LIBRARY, "A", "glass")}
    assert material_colours(alone) == alone
    assert material_colours(reversed(alone)) == alone


def test_materials_side_by_side_have_different_colours() -> None:
    many = [*LIBRARY, *(f"phase {k}" for k in range(len(OTHERS)))]
    assert len(set(material_colours(many).values())) == len(many)


def test_colours_come_in_the_order_of_the_names() -> None:
    assert list(material_colours(["LPSC1.0", "LGPS"])) == ["LPSC1.0", "LGPS"]
    assert len(material_colours(f"phase {k}" for k in range(40))) == 40
