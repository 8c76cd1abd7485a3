//! How each call into the kernel orders the accesses of its callers.
//!
//! Invariant: one that is not known to order less orders everything.

use crate::program::{Fence, KernelCall};

/// How a call into the kernel orders accesses.
pub(super) enum Through {
    /// Not at all.
    Nothing,
    /// As a barrier.
    Fence(Fence),
    /// What it names is taken.
    Taken { shared: bool },
    /// What it names is given back.
    Given { shared: bool },
    /// What it names comes after and before all other calls that name it.
    Object,
    /// It comes after all calls of the next kind.
    Reads,
    /// It comes after and before all other such calls.
    Kernel {
        /// And after all readers of RCU.
        waits_for_readers: bool,
    },
}

pub(super) fn through(call: KernelCall) -> Through {
    use KernelCall as K;
    match call {
        K::Fence { fence } => Through::Fence(fence),
        // set_current_state() is smp_store_mb().
        K::SetState => Through::Fence(Fence::Full),
        K::Acquire { shared, .. } | K::TryAcquire { shared, .. } => Through::Taken { shared },
        K::Release { shared, .. } => Through::Given { shared },
        K::Downgrade
        | K::SemDown { .. }
        | K::SemTryDown
        | K::SemUp
        | K::CompletionWait { .. }
        | K::CompletionTryWait
        | K::CompletionDone
        | K::Complete
        | K::CompleteAll => Through::Object,
        K::GpWait { .. } | K::GpPoll | K::BarrierWait => Through::Kernel { waits_for_readers: true },
        K::PreemptDisable
        | K::PreemptEnable
        | K::IrqDisable
        | K::IrqEnable
        | K::IrqSave
        | K::IrqRestore
        | K::BhDisable
        | K::BhEnable
        | K::IrqsDisabled
        | K::PreemptCount
        | K::InTask
        | K::InHardirq
        | K::InSoftirq
        | K::InServingSoftirq
        | K::InInterrupt
        | K::InNmi
        | K::InAtomic
        | K::Preemptible
        | K::MigrateDisable { .. }
        | K::MigrateEnable
        | K::MigrationDisabled
        | K::RtlockMightResched
        | K::TasksQs
        | K::SmpProcessorId { .. }
        | K::Current
        | K::IsLocked { .. }
        | K::MightLock { .. }
        | K::AssertHeld { .. }
        | K::Holds
        | K::MapAcquire { .. }
        | K::MapRelease
        | K::MapSync
        | K::WwAcquireDone
        | K::WwAcquireFini
        | K::MightSleep
        | K::MightAlloc
        | K::ReadsAtomically
        | K::WritesAtomically
        | K::RcuReadUnlock
        | K::RcuReadHeld
        | K::SrcuReadUnlock { .. }
        | K::SrcuReadHeld
        | K::Jiffies
        | K::Alloc { .. }
        | K::Free
        | K::CopyToUser
        | K::CopyFromUser
        | K::Printk { .. }
        | K::BeyondIndices
        | K::Relax => Through::Nothing,
        // It comes after the grace periods that are over, and who waits for readers comes after all of them.
        K::RcuReadLock | K::SrcuReadLock { .. } => Through::Reads,
        _ => Through::Kernel { waits_for_readers: false },
    }
}
