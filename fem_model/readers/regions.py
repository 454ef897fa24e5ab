"""One region for each cell, from the groups, sets or arrays of a file that say which it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fem_model.base.arrays import Ints
from fem_model.base.errors import InputError
from fem_model.base.simplices import distinct_rows
from fem_model.readers.mesh_files import ENTITY, PHYSICAL, MeshFile

MOST_REGIONS = 5000  # each needs a material of its own in the case
FOR_ABAQUS = "in the program it came from, put every element into one set"
FOR_GMSH = "in Gmsh, put every {} into one physical group"
FOR_ARRAYS = "in the program it came from, write every cell once"
GROUP = "physical group"
ENTITIES = {1: "curve", 2: "surface", 3: "volume"}


@dataclass(frozen=True)
class Membership:
    """Pairs of a cell and a region that holds it; and what to do where a cell is in none, or in several."""

    cell: Ints
    name: Ints
    names: Sequence[str]
    kind: str
    advice: str

    def moved(self, place: Ints) -> Membership:
        """The same of cells whose numbers are these now."""
        pairs, _ = distinct_rows(np.column_stack([place[self.cell], self.name]))
        return Membership(pairs[:, 0], pairs[:, 1], self.names, self.kind, self.advice)

    def only(self, wanted: Iterable[str]) -> Membership:
        """Membership without the regions that are not wanted, of cells in one that is."""
        is_wanted = np.isin(self.name, [k for k, name in enumerate(self.names) if name in set(wanted)])
        kept = is_wanted | ~np.isin(self.cell, self.cell[is_wanted])
        return Membership(self.cell[kept], self.name[kept], self.names, self.kind, self.advice)

    def is_partition(self, count: int) -> bool:
        """True if each of `count` cells is in one region."""
        return bool((np.bincount(self.cell, minlength=count) == 1).all())


def memberships(file: MeshFile, region_data: str | None, dim: int) -> list[Membership]:
    """All that may be the regions of the cells, what is likely first.

    Errors: InputError if there is nothing, no such array, or several; then it lists those that are there.
    """
    if region_data in (None, PHYSICAL):
        if physical := of_groups(file, dim):
            return [physical]
        if region_data or PHYSICAL in file.whole_arrays(dim):
            lost = "MSH 2 loses them with Mesh.SaveAll = 1"
            raise InputError(f"has no cells in a physical group: {FOR_GMSH.format(ENTITIES[dim])} ({lost})")
        if any(file.families):
            return _of_sets(file)
    return [_of_array(file, region_data, dim)]


def region_of(
    families: Sequence[Membership], count: int, wanted: Sequence[str], where: Callable[[Ints], str]
) -> Membership:
    """The membership that puts each cell into one region: of several, into the one that is wanted.

    Errors: InputError with the first cells that are in several, or in none.
    """
    chosen = [family.only(wanted) for family in families]
    fit = [family for family in chosen if family.is_partition(count)]
    found = next(iter([*(f for f in fit if set(wanted) <= set(f.names)), *fit, chosen[-1]]))
    held = np.bincount(found.cell, minlength=count)
    if (several := np.flatnonzero(held > 1)).size:
        names = '" and "'.join(found.names[k] for k in sorted(found.name[found.cell == several[0]]))
        told = f'has {len(several)} cells in several {found.kind}s, "{names}" {where(several)}'
        raise InputError(f"{told}: {found.advice}, or name only one of them in microstructure.regions")
    if (none := np.flatnonzero(held == 0)).size:
        told = f"has {len(none)} of {count} cells in no {found.kind} {where(none)}"
        raise InputError(f"{told}: {found.advice}")
    return found


def of_groups(file: MeshFile, dim: int) -> Membership | None:
    """Membership by physical groups, some of which may share a name; None without any of this dimension."""
    pairs = _pairs_of_groups(file, dim)
    pairs = pairs[pairs[:, 1] != 0]  # Gmsh's number for none
    if not len(pairs):
        return None
    values, place = np.unique(pairs[:, 1], return_inverse=True)
    _require_few(values)
    called = [file.groups.names.get((dim, number)) or str(number) for number in values.tolist()]
    names = sorted(set(called))
    name = np.array([names.index(name) for name in called])[place]
    return Membership(pairs[:, 0], name, names, GROUP, FOR_GMSH.format(ENTITIES[dim]))


def _pairs_of_groups(file: MeshFile, dim: int) -> Ints:
    """Numbers of a cell and of a physical group that holds it, or its entity in MSH 4."""
    arrays, of_entities = file.whole_arrays(dim), file.groups.of_entities
    if of_entities is None:
        number = np.abs(arrays.get(PHYSICAL, np.empty(0, np.int64)))
        return np.column_stack([np.arange(len(number)), number])
    pairs = [np.empty((0, 2), np.int64)]
    for entity in np.unique(arrays[ENTITY]).tolist():
        cells = np.flatnonzero(arrays[ENTITY] == entity)
        groups = of_entities.get((dim, entity), [])
        pairs += [np.column_stack([cells, np.full(len(cells), group)]) for group in groups]
    return np.concatenate(pairs)


def require_named(file: MeshFile, dim: int, names: Iterable[str], wanted: Iterable[str]) -> None:
    """InputError for a physical group without a name, where others have one, unless it is wanted."""
    named = set(file.groups.names_of(dim))
    if named and (bare := sorted(set(names) - named - set(wanted))):
        why = "Gmsh writes a name that several groups share only once"
        ways = f"in Gmsh, give it a name of its own, or here microstructure.regions = {{ {bare[0]} = … }}"
        raise InputError(f"has the physical group {bare[0]} without a name ({why}): {ways}")


def _of_sets(file: MeshFile) -> list[Membership]:
    """Membership by each family of sets, and by all of them together."""
    return [_of_family(file, list(family.items())) for family in file.families if family] + [
        _of_family(file, [item for family in file.families for item in family.items()])
    ]


def _of_family(file: MeshFile, sets: Sequence[tuple[str, Ints]]) -> Membership:
    place = file.places()
    names = sorted({name for name, _ in sets})
    cell = np.concatenate([np.empty(0, np.int64), *(place[cells] for _, cells in sets)])
    name = np.repeat([names.index(name) for name, _ in sets], [len(cells) for _, cells in sets])
    pairs, _ = distinct_rows(np.column_stack([cell, name])[cell >= 0])
    return Membership(pairs[:, 0], pairs[:, 1], names, "element set", FOR_ABAQUS)


def _of_array(file: MeshFile, wanted: str | None, dim: int) -> Membership:
    """Membership by the only array of whole numbers, or the one that is wanted."""
    whole = file.whole_arrays(dim)
    kinds = {
        "cell arrays of whole numbers": whole,
        "other cell arrays": [name for name in file.mesh.cell_data if name not in whole],
        "point arrays": list(file.mesh.point_data),
    }
    listed = "; ".join(f"{kind}: {', '.join(names) or 'none'}" for kind, names in kinds.items())
    if wanted is not None and wanted not in whole:
        raise InputError(f'has no cell array "{wanted}" of whole numbers. It has {listed}')
    likely = [wanted] if wanted else [name for name in whole if name not in (ENTITY, PHYSICAL)]
    if len(likely) != 1:
        none = "has no regions: write physical groups (Gmsh), element sets (Abaqus) or an array of cells"
        raise InputError(
            f"{'has several arrays: name one as region_data' if likely else none}. It has {listed}"
        )
    values, place = np.unique(whole[likely[0]], return_inverse=True)
    _require_few(values)
    return Membership(np.arange(len(place)), place, [str(value) for value in values], "region", FOR_ARRAYS)


def _require_few(values: Ints) -> None:
    if len(values) > MOST_REGIONS:
        raise InputError(f"has more than {MOST_REGIONS} different regions")
