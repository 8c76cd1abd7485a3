//! The mutual exclusion locks that are compared, behind one trait.

use primitives::mutex::RawMutex;
use primitives::spin::{mcs, queued::RawQueuedLock, tas::RawTasLock, ticket::RawTicketLock, ttas::RawTtasLock};

pub(crate) trait Lock: Sync {
    const NAME: &str;
    fn new() -> Self;
    fn with<R>(&self, f: impl FnOnce(&mut u64) -> R) -> R;
}

macro_rules! raw_locks {
    ($($raw:ty: $name:literal;)*) => {$(
        impl Lock for lock_api::Mutex<$raw, u64> {
            const NAME: &str = $name;
            fn new() -> Self {
                Self::new(0)
            }
            fn with<R>(&self, f: impl FnOnce(&mut u64) -> R) -> R {
                f(&mut self.lock())
            }
        }
    )*};
}

use parking_lot::lock_api;

raw_locks! {
    RawTasLock: "test-and-set";
    RawTtasLock: "test-and-test-and-set";
    RawTicketLock: "ticket";
    RawQueuedLock: "queued";
    RawMutex: "mutex";
    parking_lot::RawMutex: "parking_lot::Mutex";
}

impl Lock for mcs::McsLock<u64> {
    const NAME: &str = "mcs";
    fn new() -> Self {
        mcs::McsLock::new(0)
    }
    fn with<R>(&self, f: impl FnOnce(&mut u64) -> R) -> R {
        mcs::McsLock::with(self, f)
    }
}

impl Lock for std::sync::Mutex<u64> {
    const NAME: &str = "std::Mutex";
    fn new() -> Self {
        std::sync::Mutex::new(0)
    }
    fn with<R>(&self, f: impl FnOnce(&mut u64) -> R) -> R {
        f(&mut self.lock().expect("nobody panics"))
    }
}

impl Lock for spin::mutex::SpinMutex<u64> {
    const NAME: &str = "spin::SpinMutex";
    fn new() -> Self {
        spin::mutex::SpinMutex::new(0)
    }
    fn with<R>(&self, f: impl FnOnce(&mut u64) -> R) -> R {
        f(&mut self.lock())
    }
}

impl Lock for spin::mutex::TicketMutex<u64> {
    const NAME: &str = "spin::TicketMutex";
    fn new() -> Self {
        spin::mutex::TicketMutex::new(0)
    }
    fn with<R>(&self, f: impl FnOnce(&mut u64) -> R) -> R {
        f(&mut self.lock())
    }
}

macro_rules! for_each_lock {
    ($f:ident) => {{
        use ::parking_lot::lock_api::Mutex;
        $f!(Mutex<::primitives::spin::tas::RawTasLock, u64>);
        $f!(Mutex<::primitives::spin::ttas::RawTtasLock, u64>);
        $f!(Mutex<::primitives::spin::ticket::RawTicketLock, u64>);
        $f!(::primitives::spin::mcs::McsLock<u64>);
        $f!(Mutex<::primitives::spin::queued::RawQueuedLock, u64>);
        $f!(Mutex<::primitives::mutex::RawMutex, u64>);
        $f!(::std::sync::Mutex<u64>);
        $f!(Mutex<::parking_lot::RawMutex, u64>);
        $f!(::spin::mutex::SpinMutex<u64>);
        $f!(::spin::mutex::TicketMutex<u64>);
    }};
}

pub(crate) use for_each_lock;
