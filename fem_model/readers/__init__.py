"""Reads files that others made: labelled images, and meshes of whatever format."""
