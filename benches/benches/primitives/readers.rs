//! What protects data that are read more often than written, behind one trait. The data are four numbers, so that a reader has something to see whole.

use std::sync::Arc;

use arc_swap::ArcSwap;
use crossbeam_epoch as epoch;
use crossbeam_utils::sync::ShardedLock;
use parking_lot::lock_api;
use primitives::rcu::{Domain, RcuCell, mb, qsbr};
use primitives::rwlock::RawQueuedRwLock;
use primitives::rwsem::RawRwSemaphore;
use primitives::seqlock::SeqLock;
use primitives::srcu::Srcu;

pub(crate) type Data = [u64; 4];

pub(crate) trait ReadMostly: Sync {
    const NAME: &str;
    /// What a thread brings.
    type Reader<'a>
    where
        Self: 'a;
    fn new() -> Self;
    fn reader(&self) -> Self::Reader<'_>;
    fn read(&self, reader: &mut Self::Reader<'_>) -> u64;
    fn write(&self, reader: &mut Self::Reader<'_>, n: u64);
}

fn sum(data: &Data) -> u64 {
    data.iter().sum()
}

macro_rules! rw_locks {
    ($($raw:ty: $name:literal;)*) => {$(
        impl ReadMostly for lock_api::RwLock<$raw, Data> {
            const NAME: &str = $name;
            type Reader<'a> = ();
            fn new() -> Self {
                Self::new([0; 4])
            }
            fn reader(&self) {}
            fn read(&self, (): &mut ()) -> u64 {
                sum(&self.read())
            }
            fn write(&self, (): &mut (), n: u64) {
                *self.write() = [n; 4];
            }
        }
    )*};
}

rw_locks! {
    RawQueuedRwLock: "rwlock";
    RawRwSemaphore: "rwsem";
    parking_lot::RawRwLock: "parking_lot::RwLock";
}

macro_rules! poisoning_locks {
    ($($lock:ty: $name:literal;)*) => {$(
        impl ReadMostly for $lock {
            const NAME: &str = $name;
            type Reader<'a> = ();
            fn new() -> Self {
                Self::new([0; 4])
            }
            fn reader(&self) {}
            fn read(&self, (): &mut ()) -> u64 {
                sum(&self.read().expect("nobody panics"))
            }
            fn write(&self, (): &mut (), n: u64) {
                *self.write().expect("nobody panics") = [n; 4];
            }
        }
    )*};
}

poisoning_locks! {
    std::sync::RwLock<Data>: "std::RwLock";
    ShardedLock<Data>: "crossbeam::ShardedLock";
}

impl ReadMostly for spin::RwLock<Data> {
    const NAME: &str = "spin::RwLock";
    type Reader<'a> = ();
    fn new() -> Self {
        spin::RwLock::new([0; 4])
    }
    fn reader(&self) {}
    fn read(&self, (): &mut ()) -> u64 {
        sum(&self.read())
    }
    fn write(&self, (): &mut (), n: u64) {
        *self.write() = [n; 4];
    }
}

impl ReadMostly for SeqLock<Data, 4> {
    const NAME: &str = "seqlock";
    type Reader<'a> = ();
    fn new() -> Self {
        SeqLock::new([0; 4])
    }
    fn reader(&self) {}
    fn read(&self, (): &mut ()) -> u64 {
        sum(&SeqLock::read(self))
    }
    fn write(&self, (): &mut (), n: u64) {
        SeqLock::write(self, |data| *data = [n; 4]);
    }
}

/// RCU of a flavour: a domain and a cell. Old values are freed in batches, as the kernel's callbacks are.
pub(crate) struct Rcu<D: Domain> {
    domain: Arc<D>,
    cell: RcuCell<Data, D>,
}

/// Replaced values for each grace period.
const BATCH: u64 = 64;

impl<D: Domain> Rcu<D> {
    fn over(domain: D) -> Self {
        let domain = Arc::new(domain);
        Rcu { cell: RcuCell::new(domain.clone(), [0; 4]), domain }
    }

    /// Whether it is time to wait for a grace period.
    fn replace(&self, n: u64) -> bool {
        self.cell.replace_later([n; 4]);
        n.is_multiple_of(BATCH)
    }
}

impl ReadMostly for Rcu<qsbr::Qsbr> {
    const NAME: &str = "rcu-qsbr";
    /// Reads since it last was quiescent are counted, as a loop would have its rounds.
    type Reader<'a> = (qsbr::Reader<'a>, u32);
    fn new() -> Self {
        Rcu::over(qsbr::Qsbr::new())
    }
    fn reader(&self) -> Self::Reader<'_> {
        (self.domain.register(), 0)
    }
    fn read(&self, (reader, reads): &mut Self::Reader<'_>) -> u64 {
        let sum = sum(self.cell.read(&reader.read_lock()));
        *reads += 1;
        if reads.is_multiple_of(32) {
            reader.quiescent();
        }
        sum
    }
    fn write(&self, (reader, _): &mut Self::Reader<'_>, n: u64) {
        if self.replace(n) {
            reader.offline(|| self.domain.reclaim());
        }
    }
}

impl ReadMostly for Rcu<mb::Mb> {
    const NAME: &str = "rcu-mb";
    type Reader<'a> = mb::Reader<'a>;
    fn new() -> Self {
        Rcu::over(mb::Mb::new())
    }
    fn reader(&self) -> Self::Reader<'_> {
        self.domain.register()
    }
    fn read(&self, reader: &mut Self::Reader<'_>) -> u64 {
        sum(self.cell.read(&reader.read_lock()))
    }
    fn write(&self, _: &mut Self::Reader<'_>, n: u64) {
        if self.replace(n) {
            self.domain.reclaim();
        }
    }
}

impl ReadMostly for Rcu<Srcu> {
    const NAME: &str = "srcu";
    type Reader<'a> = ();
    fn new() -> Self {
        Rcu::over(Srcu::new())
    }
    fn reader(&self) {}
    fn read(&self, (): &mut ()) -> u64 {
        sum(self.cell.read(&self.domain.read_lock()))
    }
    fn write(&self, (): &mut (), n: u64) {
        if self.replace(n) {
            self.domain.reclaim();
        }
    }
}

impl ReadMostly for ArcSwap<Data> {
    const NAME: &str = "arc-swap";
    type Reader<'a> = ();
    fn new() -> Self {
        ArcSwap::from_pointee([0; 4])
    }
    fn reader(&self) {}
    fn read(&self, (): &mut ()) -> u64 {
        sum(&self.load())
    }
    fn write(&self, (): &mut (), n: u64) {
        self.store(Arc::new([n; 4]));
    }
}

/// A pointer that is followed while pinned; what was replaced is destroyed by crossbeam, in an epoch when nobody can see it.
pub(crate) struct Epoch(epoch::Atomic<Data>);

impl ReadMostly for Epoch {
    const NAME: &str = "crossbeam::epoch";
    type Reader<'a> = epoch::LocalHandle;
    fn new() -> Self {
        Epoch(epoch::Atomic::new([0; 4]))
    }
    fn reader(&self) -> epoch::LocalHandle {
        epoch::default_collector().register()
    }
    #[allow(unsafe_code, reason = "crossbeam-epoch has no safe way to follow a pointer")]
    fn read(&self, reader: &mut epoch::LocalHandle) -> u64 {
        let guard = reader.pin();
        // SAFETY: never null, and destroyed only when no pinned thread can see it.
        sum(unsafe { self.0.load(std::sync::atomic::Ordering::Acquire, &guard).deref() })
    }
    #[allow(unsafe_code, reason = "crossbeam-epoch has no safe way to free what was replaced")]
    fn write(&self, reader: &mut epoch::LocalHandle, n: u64) {
        let guard = reader.pin();
        let old = self.0.swap(epoch::Owned::new([n; 4]), std::sync::atomic::Ordering::AcqRel, &guard);
        // SAFETY: no longer reachable, and replaced once.
        unsafe { guard.defer_destroy(old) };
    }
}

impl Drop for Epoch {
    #[allow(unsafe_code, reason = "crossbeam-epoch has no safe way to free the last value")]
    fn drop(&mut self) {
        // SAFETY: nobody else has it any more.
        drop(unsafe { std::mem::take(&mut self.0).into_owned() });
    }
}

macro_rules! for_each_read_mostly {
    ($f:ident) => {{
        use ::parking_lot::lock_api::RwLock;
        use $crate::readers::{Data, Epoch, Rcu};
        $f!(RwLock<::primitives::rwlock::RawQueuedRwLock, Data>);
        $f!(RwLock<::primitives::rwsem::RawRwSemaphore, Data>);
        $f!(::primitives::seqlock::SeqLock<Data, 4>);
        $f!(Rcu<::primitives::rcu::qsbr::Qsbr>);
        $f!(Rcu<::primitives::rcu::mb::Mb>);
        $f!(Rcu<::primitives::srcu::Srcu>);
        $f!(::std::sync::RwLock<Data>);
        $f!(RwLock<::parking_lot::RawRwLock, Data>);
        $f!(::spin::RwLock<Data>);
        $f!(::crossbeam_utils::sync::ShardedLock<Data>);
        $f!(::arc_swap::ArcSwap<Data>);
        $f!(Epoch);
    }};
}

pub(crate) use for_each_read_mostly;
