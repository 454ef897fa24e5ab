"""Reads files of other programs: labelled images, and meshes of many formats."""
