"""Meshes: a microstructure becomes a .msh file (Gmsh), a .msh file becomes a `Domain` (DOLFINx).

`builder` writes files, `cache` keeps them, `msh` reads them, `boundaries` finds faces and interfaces,
`domain` distributes the mesh over the ranks, `distance` measures from the interfaces, `picture` draws,
`statistics` counts. Only `domain` and `distance` need DOLFINx.
"""
