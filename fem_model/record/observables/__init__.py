"""Columns of series.csv.

One file for each group of columns says their names, labels and units, when they apply, and how they are
measured; `registry` lists the groups in the order of the columns. All of it is imported without the solver: a
group that needs a form of its own imports UFL where the group is made.
"""
