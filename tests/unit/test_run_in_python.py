"""What a run gives to Python: DataFrames, grids for PyVista, and a page for notebooks."""

import csv
import re
import sys
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest

from fem_model import InputError, load_run
from fem_model.post import Analysis, Run
from fem_model.tasks.post import save_tables
from tests.unit.post_runs import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two fingers of lithium in 2D."""
    return load_run(make_run(tmp_path_factory.mktemp("python") / "run"))


def test_the_series_is_a_frame_with_the_columns_of_the_file(run: Run) -> None:
    frame = run.table()
    with (run.folder / "series.csv").open(encoding="utf-8") as file:
        assert list(frame.columns) == next(csv.reader(file))
    np.testing.assert_array_equal(frame["tip_m"], run.series["tip_m"])


def test_tables_hold_what_the_post_command_writes(run: Run) -> None:
    for path in save_tables(Analysis(run)):
        if path.suffix == ".csv":
            header, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
            frame = run.table(path.stem)
            assert list(frame.columns) == header
            assert len(frame) == len(rows) > 0
            for column in set(header) & {"tip_m", "value", "time_s", "y_m"}:
                written = [float(row[header.index(column)]) for row in rows]
                np.testing.assert_array_equal(frame[column], written)


def test_a_wrong_table_is_answered_with_the_nearest_name(run: Run) -> None:
    with pytest.raises(InputError, match=r"tipps: no table of a run\. .* Did you mean tips\?"):
        run.table("tipps")


def test_without_pandas_the_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=re.escape('pip install "fem-model[analysis]"')):
        run.table()


@pytest.mark.parametrize("output", [0, 2, -1])
def test_a_grid_has_all_fields_of_its_output(run: Run, output: int) -> None:
    grid, mesh = run.grid(output), run.mesh_at(output)
    for name in ("xi", "phi"):
        np.testing.assert_array_equal(grid.point_data[name], run.field(name, output))
    np.testing.assert_array_equal(grid.cell_data["current_density"], run.field("current_density", output))
    np.testing.assert_array_equal(grid.points[:, :2], mesh.points)
    names = np.array(list(grid.field_data["materials"]))
    left = grid.cell_centers().points[:, 0] < 10
    assert set(names[grid.cell_data["material"][left]]) == {"LPSC1.0"}
    assert grid.area == pytest.approx(20 * 30)
    assert grid.field_data["time_s"] == run.times[output]


def test_a_grid_of_an_output_that_is_not_there_is_refused(run: Run) -> None:
    with pytest.raises(InputError, match="has no output 9; there are 5"):
        run.grid(9)


def test_a_notebook_shows_the_end_the_numbers_and_the_figures_with_all_text_escaped(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    case, summary = folder / "case.toml", folder / "summary.json"
    case.write_text(case.read_text().replace("Costs $1 and $2", "<script>a & b</script>"))
    summary.write_text('{"status": "short_circuit", "reason": "tip < 2 µm", "time_to_short_s": 7200.0}')
    png = b"\x89PNG of the front"
    (folder / "figures").mkdir()
    (folder / "figures" / "front.png").write_bytes(png)
    assert repr(load_run(folder)) == f"Run({str(folder)!r}: short_circuit, 5 outputs to 7200 s)"
    html = load_run(folder)._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;a &amp; b&lt;/script&gt;" in html
    for words in (
        "short circuit: tip &lt; 2 µm",
        "short circuit after 2 h",
        "<td>2 h</td>",
        "<td>11 µm</td>",
    ):
        assert words in html
    assert [b64decode(data) for data in re.findall(r"data:image/png;base64,([^\"]*)", html)] == [png]
    summary.unlink()
    assert "not ended: running, or killed" in load_run(folder)._repr_html_()
    assert "run': not ended, 5 outputs" in repr(load_run(folder))
