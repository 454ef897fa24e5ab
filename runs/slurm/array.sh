#!/bin/bash
# The members of a sweep, one task of an array each. `fem-model sweep SWEEP.toml --slurm` fills this in and submits it.
#SBATCH --job-name=fem-model
#SBATCH --array=1-12
#SBATCH --nodes=1
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=1
#SBATCH --mem=4000M
#SBATCH --time=12:00:00
#SBATCH --signal=B:USR1@180
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%A_%a.log

export OMP_NUM_THREADS=1
export FEM_MODEL_MESHES=meshes
members=out/sweep/members
list=out/sweep/slurm.list
program="mpiexec -n 4 fem-model"

name=$(sed -n "${SLURM_ARRAY_TASK_ID}p" "$list")
start() {
    exec >>"$members/$name.log" 2>&1
    flock --nonblock 1 # shows `--status` that it runs
    exec $program run "$members/$name.toml" --out "$members/$name" --resume
}

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
