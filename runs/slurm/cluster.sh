#!/bin/bash
# One run with the MPI of a cluster: from its modules, or in a container of the same MPI. Edit the lines marked with <>.
#SBATCH --job-name=fem-model
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=32
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=2000M
#SBATCH --time=12:00:00
#SBATCH --signal=B:USR1@180
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log

export OMP_NUM_THREADS=1
export XDG_CACHE_HOME=$SCRATCH/cache # <> compiled forms, on a disk that all nodes see

# Modules: DOLFINx and petsc4py built with the MPI of the cluster, fem_model installed beside them without its extra `wheel`.
module purge
module load gcc openmpi fenics-dolfinx # <> as `module avail` names them
. "$HOME/fem_model/bin/activate" # <> python -m venv --system-site-packages; pip install --no-deps fem_model
start() { exec srun --mpi=pmix fem-model run "$case" --out "$out" --resume; } # <> `srun --mpi=list`

# Container: instead of the lines on modules. Its MPI is of the same kind as that of the cluster (MPICH for dolfinx/dolfinx).
# start() { exec srun --mpi=pmi2 apptainer exec --bind "$SCRATCH" fem_model.sif fem-model run "$case" --out "$out" --resume; }

case=${1:?usage: sbatch cluster.sh CASE.toml OUT_DIR} out=${2:?usage: sbatch cluster.sh CASE.toml OUT_DIR}

# Before the time is over Slurm sends USR1: the run writes a checkpoint and ends with 75. Then the job goes back to the
# queue, and the run continues from there. TERM (scancel, preemption) stops it in the same way, without the queue.
trap 'due=yes; kill -USR1 "$run"' USR1
trap 'kill -TERM "$run"' TERM
start & run=$!
wait "$run"
while kill -0 "$run" 2>/dev/null; do wait "$run"; done # a signal ends `wait`, not the run
wait "$run"
code=$?
if [ "$code" -eq 75 ] && [ "$due" ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit "$code"
