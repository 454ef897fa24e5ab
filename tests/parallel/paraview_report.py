"""What ParaView sees in the folder of a run. A script for ParaView's own Python, not for ours:

    pvbatch paraview_report.py RUN_DIR REPORT.json PICTURE.png

The report says what is in fields.xdmf, for each reader that ParaView offers, and what the lines of
post/fronts.pvd and post/fronts.vtp are. The picture shows ξ at the last time, lithium in orange on white, the
contour ξ = ½ in black; its edges are those of the domain.
"""

import json
import sys
from pathlib import Path

from paraview import simple

READERS = {
    "XDMFReader": lambda path: simple.XDMFReader(FileNames=[path]),
    "Xdmf3ReaderS": lambda path: simple.Xdmf3ReaderS(FileName=[path]),
    "Xdmf3ReaderT": lambda path: simple.Xdmf3ReaderT(FileName=[path]),
}
PIXELS_PER_MICROMETRE = 30
ELECTROLYTE, LITHIUM, FRONT = (1.0, 1.0, 1.0), (1.0, 0.5, 0.0), (0.0, 0.0, 0.0)


def times(source):
    """The times that ParaView offers, s."""
    source.UpdatePipelineInformation()
    return list(source.TimestepValues)


def ranges(data):
    """Smallest and largest value of each array, component by component."""
    arrays = [data.GetArray(k) for k in range(data.GetNumberOfArrays())]
    return {a.Name: [a.GetRange(k) for k in range(a.GetNumberOfComponents())] for a in arrays}


def fields(source, t):
    """Mesh, arrays and ∫ξ (µm²) at time t, the box of each material, and the contour ξ = ½."""
    source.UpdatePipeline(t)
    total = simple.IntegrateVariables(Input=source)
    total.UpdatePipeline(t)
    mesh = source.GetDataInformation()
    return {
        "time": t,
        "cells": mesh.GetNumberOfCells(),
        "points": mesh.GetNumberOfPoints(),
        "on_nodes": ranges(source.PointData),
        "on_cells": ranges(source.CellData),
        "lithium": total.PointData["xi"].GetRange()[0],
        "boxes": [box(source, tag, t) for tag in (1, 2)],
        "front": lines(contour(source), t),
    }


def box(source, tag, t):
    """Bounds of the cells of one material: least and greatest x, y and z."""
    part = simple.Threshold(Input=source, Scalars=["CELLS", "material"])
    part.LowerThreshold, part.UpperThreshold = tag - 0.5, tag + 0.5
    part.UpdatePipeline(t)
    return part.GetDataInformation().GetBounds()


def contour(source):
    """The contour ξ = ½."""
    return simple.Contour(Input=source, ContourBy=["POINTS", "xi"], Isosurfaces=[0.5])


def lines(source, t=None):
    """Length and greatest height of lines, µm, and the arrays on them."""
    source.UpdatePipeline(t)
    total = simple.IntegrateVariables(Input=source)
    total.UpdatePipeline(t)
    height = source.GetDataInformation().GetBounds()[3]
    return {"length": total.CellData["Length"].GetRange()[0], "height": height, **ranges(source.CellData)}


def picture(source, t, path):
    """Draw ξ and its contour at time t, seen from above."""
    source.UpdatePipeline(t)
    _, width, _, depth, _, _ = source.GetDataInformation().GetBounds()
    size = [round(PIXELS_PER_MICROMETRE * length) for length in (width, depth)]
    view = simple.CreateRenderView(ViewSize=size, OrientationAxesVisibility=0)
    simple.GetAnimationScene().AnimationTime = t
    xi = simple.Show(source, view)
    xi.Ambient, xi.Diffuse = 1.0, 0.0
    simple.ColorBy(xi, ("POINTS", "xi"))
    xi.SetScalarBarVisibility(view, False)
    xi.LookupTable.RGBPoints = [0.0, *ELECTROLYTE, 1.0, *LITHIUM]
    xi.LookupTable.ColorSpace = "RGB"
    front = simple.Show(contour(source), view)
    front.Ambient, front.Diffuse = 1.0, 0.0
    simple.ColorBy(front, None)
    front.AmbientColor = front.DiffuseColor = FRONT
    front.LineWidth = 3
    view.CameraParallelProjection = 1
    view.CameraFocalPoint = [width / 2, depth / 2, 0.0]
    view.CameraPosition = [width / 2, depth / 2, 100.0]
    view.CameraViewUp = [0.0, 1.0, 0.0]
    view.CameraParallelScale = depth / 2
    simple.SaveScreenshot(path, view, ImageResolution=size)


def report(folder):
    """All there is to say about a run."""
    result = {}
    for name, open_with in READERS.items():
        source = open_with(str(folder / "fields.xdmf"))
        result[name] = [fields(source, t) for t in times(source)]
    fronts = simple.OpenDataFile(str(folder / "post" / "fronts.pvd"))
    result["fronts.pvd"] = [{"time": t, **lines(fronts, t)} for t in times(fronts)]
    result["fronts.vtp"] = lines(simple.OpenDataFile(str(folder / "post" / "fronts.vtp")))
    return result


if __name__ == "__main__":
    run, listing, drawing = map(Path, sys.argv[1:])
    listing.write_text(json.dumps(report(run)))
    fields_of_run = READERS["XDMFReader"](str(run / "fields.xdmf"))
    picture(fields_of_run, times(fields_of_run)[-1], str(drawing))
