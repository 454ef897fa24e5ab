#!/bin/bash
# One run on one node, back in the queue each time its time is over: sbatch runs/slurm/job.sh CASE.toml OUT_DIR
#SBATCH --job-name=fem-model
#SBATCH --nodes=1
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=1
#SBATCH --mem=4000M
#SBATCH --time=12:00:00
#SBATCH --signal=B:USR1@180
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log

export OMP_NUM_THREADS=1
. .venv/bin/activate # or: conda activate fem_model

start() { exec mpiexec -n "$SLURM_NTASKS" fem-model run "$case" --out "$out" --resume; }
case=${1:?usage: sbatch job.sh CASE.toml OUT_DIR} out=${2:?usage: sbatch job.sh CASE.toml OUT_DIR}

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
