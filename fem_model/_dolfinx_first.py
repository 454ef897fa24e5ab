"""Imported before DOLFINx is: loads MPI, starts PETSc, and lets no file decide how forms are compiled.

DOLFINx and FFCx look for dolfinx_jit_options.json and ffcx_options.json in the working folder and in the
user's configuration; a flag of the compiler in them can run any command. The compiler itself and its flags
remain the machine's: CC and CFLAGS.
"""

from fem_model._mpi_first import start_petsc

import os
from functools import cache

from fem_model.base.allocator import keep_freed_memory
from fem_model.base.compiled import Cache
from fem_model.base.compiler import cache_of_equations
from fem_model.base.surroundings import elsewhere

keep_freed_memory()
start_petsc()
if not os.path.isabs(os.environ.get("XDG_CACHE_HOME", os.sep)):
    del os.environ["XDG_CACHE_HOME"]  # a cache in the working folder, from which libraries would be loaded

import ffcx.options  # noqa: E402
from dolfinx import jit  # noqa: E402
from ffcx.codegeneration import jit as compiler  # noqa: E402

jit._load_options = cache(lambda: ({"cache_dir": cache_of_equations()}, {}))
ffcx.options._load_options = cache(lambda: ({}, {}))
jit.ffcx_jit = elsewhere()(jit.ffcx_jit)

modules = Cache(compiler._load_objects)
compiler.get_cached_module = modules.look_up
compiler.compile_forms = modules.sealing(compiler.compile_forms)
compiler.compile_expressions = modules.sealing(compiler.compile_expressions)
