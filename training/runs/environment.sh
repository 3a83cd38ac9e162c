# What every run sets before it starts Python; sourced by the scripts beside it.
export PYTHONPATH=training:services/core PYTHONWARNINGS=ignore TOKENIZERS_PARALLELISM=false
export HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 # Nothing is fetched while training.
export TRACKIO_DIR="${TRACKIO_DIR:-$PWD/training/work/trackio}" # Figures of every run, in SQLite: `trackio show`.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-2}"
# Waiting threads sleep: beside other work, spinning made an epoch three times slower.
export OMP_WAIT_POLICY=PASSIVE GOMP_SPINCOUNT=0
# Batches differ in length at every step; without these glibc returns and re-faults the same pages each time.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=268435456

step() { printf '\n== %s\n' "$1"; }
