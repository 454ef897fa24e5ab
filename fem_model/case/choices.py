"""Sections that are one of several models, distinguished by a key such as drive.mode."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from fem_model.case.base import Key, Section
from fem_model.case.case import Case


@dataclass(frozen=True)
class Choice:
    """The models that a section can be, by what its key `tag` says."""

    tag: str
    models: dict[str, type[Section]]


def _choices(model: type[Section], above: Key = ()) -> Iterator[tuple[Key, Choice]]:
    for name, field in model.model_fields.items():
        if isinstance(tag := field.discriminator, str):
            options = get_args(field.annotation)
            models = {word: one for one in options for word in get_args(one.model_fields[tag].annotation)}
            yield (*above, name), Choice(tag, models)
        elif isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from _choices(field.annotation, (*above, name))


CHOICES = dict(_choices(Case))
"""All choices, by the key of their section."""
