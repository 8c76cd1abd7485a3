#!/usr/bin/env bash
# The loom models of the primitives.
#   primitives/loom.sh            all of them, each as far as its test says, and then every weakening (WEAKENINGS.md)
#   primitives/loom.sh --bounded  the models only, with at most one preemption: a part, for every change
set -euo pipefail
cd "$(dirname "$0")"

models() {
    # Failing models print what loom prints; the numbers of executions come with --nocapture.
    RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=../target/loom cargo test --release --package primitives --test loom
}

if [[ "${1:-}" == --bounded ]]; then
    echo "loom, bounded: at most one preemption in each model; primitives/loom.sh explores further"
    LOOM_MAX_PREEMPTIONS=1 models
else
    models
    cargo run --package primitives --example weaken
fi
