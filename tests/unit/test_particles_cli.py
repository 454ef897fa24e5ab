"""What cannot be packed or meshed is refused by every command: one message, exit code 2, nothing written."""

from pathlib import Path

import pytest

from tests.fem.particles import AXES, BOX, load
from tests.unit.test_cli import complains

COMMANDS = {
    "run": ["run", "case.toml", "--out", "new/out"],
    "mesh": ["mesh", "case.toml", "--out", "new/a.msh", "--plot", "more/a.png"],
    "conductivity": ["conductivity", "case.toml", "--out", "new/out"],
}
LGPS = "microstructure.grains=[{ material = 'LGPS', mass_share = 1.0, "
BAD = {  # what is set; what the message says
    "grains larger than the box": (LGPS + "size = '20 um' }]", ["grains[0].size and spread", "23 µm"]),
    "less than a grain": (
        LGPS.replace("1.0", "0.9999") + "size = '3 um' }, "
        "{ material = 'LPSC1.0', mass_share = 0.0001, size = '9 um' }]",
        ["grains[1].mass_share leaves room for", "at least half a grain"],
    ),
    "too few grains": (LGPS + "size = '20 um', spread = 1.0 }]", ["grains would be about 3.29", "from 4 to"]),
    "too many grains": (LGPS + "size = '0.1 um' }]", ["grains would be about", "to 20000 are possible"]),
    "a size in the list that is too large": (
        LGPS + "sizes = ['3 um', '25 um'] }]",
        ["grains[0].sizes has grains of up to 25 µm"],
    ),
    "a size of zero": (LGPS + "size = '0 um' }]", ["grains[0].size", "must be positive"]),
    "a negative size": (LGPS + "sizes = ['3 um', '-1 um'] }]", ["grains[0].sizes[1]", "must be positive"]),
    "no sizes": (LGPS + "sizes = [] }]", ["grains[0].sizes = []", "must have 1 or more entries"]),
    "too porous": ("microstructure.relative_density=0.5", ["relative_density = 0.5", "0.8"]),
    "denser than dense": ("microstructure.relative_density=1.2", ["relative_density = 1.2", "equal to 1"]),
    "pores larger than the box": (
        "microstructure={ layout = 'particles', width = '25 um', breadth = '24 um', depth = '23 um', "
        "relative_density = 0.9, pore_size = '15 um', "
        "grains = [{ material = 'LGPS', mass_share = 1.0, size = '3 um' }] }",
        ["pore_size and spread make grains of up to 28.9 µm"],
    ),
    "a mesh too large": ("mesh.refinement=10", ["cells and need", "GB; this machine has", "refinement"]),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", BAD)
def test_bad_grains(
    name: str,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FEM_MODEL_MESHES", "meshes")
    monkeypatch.setattr("fem_model.mesh.cache.write_mesh", lambda *_: pytest.fail("Gmsh started"))
    load(tmp_path)
    override, words = BAD[name]
    whole = override.startswith("microstructure=")
    sides = [f"microstructure.{key}={side} um" for key, side in zip(AXES, BOX, strict=True) if not whole]
    settings = [word for setting in (*sides, override) for word in ("--set", setting)]
    complains([*COMMANDS[command], *settings], words, monkeypatch, capfd)
    assert [path.name for path in tmp_path.iterdir()] == ["case.toml"]
