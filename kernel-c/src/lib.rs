//! Kernel C to [`sim_core::program::Program`].
