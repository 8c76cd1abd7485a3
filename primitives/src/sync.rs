//! What the primitives stand on: atomics, cells, threads and statics; the standard library's, or loom's under `--cfg loom`.
//! The invariant: no other module names either, so the source that loom explores is the source that ships.
//!
//! Every ordering stronger than `Relaxed` is written `ord!(Acquire)`, every fence `fence!(SeqCst)`. In a normal build these are
//! the ordering and the fence. Under loom one of them, chosen by the environment variable `PRIMITIVES_WEAKEN`, is weakened: that is
//! how `examples/weaken.rs` shows that a loom test depends on each of them, with a single build.

#[cfg(not(loom))]
mod imp {
    pub(crate) use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, fence};
    pub(crate) use std::sync::Mutex;
    pub(crate) use std::thread;
    pub(crate) use std::thread_local;

    /// A cell whose accesses are closures, so that loom can see where each begins and ends.
    #[derive(Debug, Default)]
    pub(crate) struct UnsafeCell<T>(core::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(crate) const fn new(value: T) -> Self {
            UnsafeCell(core::cell::UnsafeCell::new(value))
        }

        pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }

        pub(crate) fn into_inner(self) -> T {
            self.0.into_inner()
        }
    }

    /// Sleeps until [`Parker::unpark`], or for no reason at all. Only the thread that made it may park on it.
    #[derive(Debug)]
    pub(crate) struct Parker(thread::Thread);

    impl Parker {
        pub(crate) fn new() -> Self {
            Parker(thread::current())
        }

        pub(crate) fn park(&self) {
            thread::park();
        }

        pub(crate) fn unpark(&self) {
            self.0.unpark();
        }
    }

    /// Runs `f`, and goes on if it panics, of which the panic hook has told.
    pub(crate) fn shielded(f: impl FnOnce()) {
        // What it threw is for nobody.
        let _ = std::panic::catch_unwind(core::panic::AssertUnwindSafe(f));
    }

    /// A queue that many threads put into and take from.
    #[derive(Debug)]
    pub(crate) struct Injector<T>(crossbeam_deque::Injector<T>);

    impl<T> Injector<T> {
        pub(crate) fn new() -> Self {
            Injector(crossbeam_deque::Injector::new())
        }

        pub(crate) fn push(&self, value: T) {
            self.0.push(value);
        }

        /// The oldest.
        pub(crate) fn take(&self) -> Option<T> {
            loop {
                match self.0.steal() {
                    crossbeam_deque::Steal::Success(value) => return Some(value),
                    crossbeam_deque::Steal::Empty => return None,
                    crossbeam_deque::Steal::Retry => core::hint::spin_loop(),
                }
            }
        }
    }

    /// Marks how long a piece of memory that others reach by pointer lives. Costs nothing here; under loom it is checked.
    #[derive(Debug, Default)]
    pub(crate) struct Life;

    impl Life {
        pub(crate) const fn new() -> Self {
            Life
        }

        /// The memory is its owner's alone from here on.
        pub(crate) fn begin(&self) {}

        /// Somebody looks at the memory.
        pub(crate) fn touch(&self) {}
    }
}

#[cfg(loom)]
mod imp {
    pub(crate) use loom::cell::UnsafeCell;
    pub(crate) use loom::sync::Mutex;
    pub(crate) use loom::thread;
    pub(crate) use loom::thread_local;

    use core::sync::atomic::Ordering;
    use loom::sync::atomic;

    /// Loom's atomics, each with a second one that every access updates first.
    ///
    /// To find what must also be tried in the other order, loom 0.7 remembers the last access to an atomic, and a load does not conflict with a
    /// load: so when a thread loads and then stores, another thread's load just before is forgotten, and loom never tries the store
    /// before that load. The updates of the second atomic all conflict, so none is forgotten. They are relaxed, and order nothing.
    macro_rules! atomics {
        ($($name:ident: $value:ty $(, $($integer:ident)+)?;)*) => {$(
            #[derive(Debug)]
            pub(crate) struct $name {
                value: atomic::$name,
                accesses: atomic::AtomicU8,
            }

            impl Default for $name {
                fn default() -> Self {
                    Self::new(<$value>::default())
                }
            }

            impl $name {
                pub(crate) fn new(value: $value) -> Self {
                    $name { value: atomic::$name::new(value), accesses: atomic::AtomicU8::new(0) }
                }

                fn access(&self) -> &atomic::$name {
                    self.accesses.fetch_or(0, Ordering::Relaxed);
                    &self.value
                }

                pub(crate) fn load(&self, order: Ordering) -> $value {
                    self.access().load(order)
                }

                pub(crate) fn store(&self, value: $value, order: Ordering) {
                    self.access().store(value, order);
                }

                pub(crate) fn compare_exchange(
                    &self,
                    current: $value,
                    new: $value,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$value, $value> {
                    self.access().compare_exchange(current, new, success, failure)
                }

                pub(crate) fn swap(&self, value: $value, order: Ordering) -> $value {
                    self.access().swap(value, order)
                }

                pub(crate) fn compare_exchange_weak(
                    &self,
                    current: $value,
                    new: $value,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$value, $value> {
                    self.compare_exchange(current, new, success, failure)
                }

                $($(pub(crate) fn $integer(&self, value: $value, order: Ordering) -> $value {
                    self.access().$integer(value, order)
                })+)?
            }
        )*};
    }

    atomics! {
        AtomicBool: bool;
        AtomicU32: u32, fetch_add fetch_sub fetch_and fetch_or;
        AtomicU64: u64, fetch_add fetch_sub;
        AtomicUsize: usize, fetch_add fetch_sub fetch_and fetch_or;
    }

    #[derive(Debug)]
    pub(crate) struct AtomicPtr<T> {
        value: atomic::AtomicPtr<T>,
        accesses: atomic::AtomicU8,
    }

    impl<T> AtomicPtr<T> {
        pub(crate) fn new(value: *mut T) -> Self {
            AtomicPtr { value: atomic::AtomicPtr::new(value), accesses: atomic::AtomicU8::new(0) }
        }

        fn access(&self) -> &atomic::AtomicPtr<T> {
            self.accesses.fetch_or(0, Ordering::Relaxed);
            &self.value
        }

        pub(crate) fn load(&self, order: Ordering) -> *mut T {
            self.access().load(order)
        }

        pub(crate) fn store(&self, value: *mut T, order: Ordering) {
            self.access().store(value, order);
        }

        pub(crate) fn swap(&self, value: *mut T, order: Ordering) -> *mut T {
            self.access().swap(value, order)
        }

        pub(crate) fn compare_exchange(
            &self,
            current: *mut T,
            new: *mut T,
            success: Ordering,
            failure: Ordering,
        ) -> Result<*mut T, *mut T> {
            self.access().compare_exchange(current, new, success, failure)
        }
    }

    /// Loom's `Thread::unpark` wakes a thread from whatever it waits for; its `Notify` wakes only who waits on it, and may once wake
    /// for no reason, as `park` may.
    #[derive(Debug)]
    pub(crate) struct Parker(loom::sync::Notify);

    impl Parker {
        pub(crate) fn new() -> Self {
            Parker(loom::sync::Notify::new())
        }

        pub(crate) fn park(&self) {
            self.0.wait();
        }

        pub(crate) fn unpark(&self) {
            self.0.notify();
        }
    }

    /// Loom reports what it finds by panics, which must reach it.
    pub(crate) fn shielded(f: impl FnOnce()) {
        f();
    }

    /// What crossbeam's promises, without its atomics, which are not loom's.
    #[derive(Debug)]
    pub(crate) struct Injector<T>(Mutex<std::collections::VecDeque<T>>);

    impl<T> Injector<T> {
        pub(crate) fn new() -> Self {
            Injector(Mutex::new(std::collections::VecDeque::new()))
        }

        pub(crate) fn push(&self, value: T) {
            self.0.lock().unwrap().push_back(value);
        }

        pub(crate) fn take(&self) -> Option<T> {
            self.0.lock().unwrap().pop_front()
        }
    }

    /// Loom knows nothing of memory that is freed while another thread still looks at it. This does: beginning and end of
    /// a life are writes, a look at it is a read, and loom finds the two that nothing orders.
    #[derive(Debug)]
    pub(crate) struct Life(UnsafeCell<()>);

    impl Life {
        pub(crate) fn new() -> Self {
            Life(UnsafeCell::new(()))
        }

        pub(crate) fn begin(&self) {
            self.0.with_mut(|_| ());
        }

        pub(crate) fn touch(&self) {
            self.0.with(|_| ());
        }
    }

    impl Drop for Life {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                self.0.with_mut(|_| ());
            }
        }
    }
}

pub(crate) use core::sync::atomic::Ordering::Relaxed;
pub(crate) use imp::*;

/// Turns of a waiting loop after which the processor is offered to another thread. The kernel's spinlocks disable preemption, so that who is
/// waited for always runs; a program's cannot.
#[cfg(not(loom))]
const TURNS_BEFORE_YIELDING: u32 = 128;

/// Vain turns of a waiting loop after which loom no longer branches in this execution: it runs to its end in a fair order. To look once more in
/// vain changes nothing, so what follows is also explored in the execution in which the waiter came later; without this, two waiters could look
/// by turns for ever, and never let the holder run.
#[cfg(loom)]
const TURNS_EXPLORED: u32 = 2;

/// A loop that waits for another thread: `while !done() { spin.turn() }`.
#[derive(Debug, Default)]
pub(crate) struct Spin {
    turns: u32,
}

impl Spin {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Waits for a moment.
    #[cfg(not(loom))]
    pub(crate) fn turn(&mut self) {
        if self.turns < TURNS_BEFORE_YIELDING {
            self.turns += 1;
            core::hint::spin_loop();
        } else {
            thread::yield_now();
        }
    }

    /// Lets other threads run.
    #[cfg(loom)]
    pub(crate) fn turn(&mut self) {
        self.turns += 1;
        if self.turns > TURNS_EXPLORED {
            loom::skip_branch();
        }
        thread::yield_now();
    }

    /// Waits for `pauses` moments before the next look: for waiters that all look at the same word.
    pub(crate) fn turns(&mut self, pauses: u32) {
        // Under loom a turn is a switch to another thread, and one is as good as many.
        let pauses = if cfg!(loom) { 1 } else { pauses };
        for _ in 0..pauses {
            self.turn();
        }
    }
}

/// An ordering that loom may weaken. See the module.
#[cfg(not(loom))]
macro_rules! ord {
    ($ordering:ident) => {
        ::core::sync::atomic::Ordering::$ordering
    };
}

/// A fence that loom may weaken. See the module.
#[cfg(not(loom))]
macro_rules! fence {
    ($ordering:ident) => {
        $crate::sync::fence(::core::sync::atomic::Ordering::$ordering)
    };
}

#[cfg(loom)]
macro_rules! ord {
    ($ordering:ident) => {
        $crate::sync::weaken::ordering(::core::sync::atomic::Ordering::$ordering, file!(), line!(), column!())
    };
}

#[cfg(loom)]
macro_rules! fence {
    ($ordering:ident) => {
        $crate::sync::weaken::fence(::core::sync::atomic::Ordering::$ordering, file!(), line!(), column!())
    };
}

pub(crate) use {fence, ord};

/// `const fn` in a normal build; loom's atomics cannot be made in a constant.
#[cfg(not(loom))]
macro_rules! const_fn {
    ($(#[$meta:meta])* $vis:vis fn $($rest:tt)*) => {
        $(#[$meta])* $vis const fn $($rest)*
    };
}

#[cfg(loom)]
macro_rules! const_fn {
    ($(#[$meta:meta])* $vis:vis fn $($rest:tt)*) => {
        $(#[$meta])* $vis fn $($rest)*
    };
}

pub(crate) use const_fn;

/// A static; under loom, one for each execution.
#[cfg(not(loom))]
macro_rules! shared_static {
    ($(#[$meta:meta])* static $name:ident: $type:ty = $value:expr;) => {
        $(#[$meta])* static $name: $type = $value;
    };
}

#[cfg(loom)]
macro_rules! shared_static {
    ($(#[$meta:meta])* static $name:ident: $type:ty = $value:expr;) => {
        loom::lazy_static! { $(#[$meta])* static ref $name: $type = $value; }
    };
}

pub(crate) use shared_static;

/// The one ordering that this run weakens.
#[cfg(loom)]
pub(crate) mod weaken {
    use std::sync::OnceLock;
    use std::sync::atomic::Ordering;

    struct Target {
        file: String,
        line: u32,
        column: u32,
        /// `None` removes a fence, and makes an ordering `Relaxed`.
        to: Option<Ordering>,
    }

    /// `PRIMITIVES_WEAKEN=src/spin/tas.rs:30:41=Relaxed`.
    fn target() -> Option<&'static Target> {
        static TARGET: OnceLock<Option<Target>> = OnceLock::new();
        let parse = || {
            let text = std::env::var("PRIMITIVES_WEAKEN").ok()?;
            let (place, to) = text.split_once('=').expect("PRIMITIVES_WEAKEN is FILE:LINE:COLUMN=ORDERING");
            let mut place = place.rsplitn(3, ':');
            let column = place.next()?.parse().expect("a column");
            let line = place.next()?.parse().expect("a line");
            let file = place.next()?.to_owned();
            let to = match to {
                "Relaxed" | "nothing" => None,
                "Acquire" => Some(Ordering::Acquire),
                "Release" => Some(Ordering::Release),
                "AcqRel" => Some(Ordering::AcqRel),
                other => panic!("PRIMITIVES_WEAKEN: no ordering is called {other}"),
            };
            Some(Target { file, line, column, to })
        };
        TARGET.get_or_init(parse).as_ref()
    }

    fn here(file: &str, line: u32, column: u32) -> Option<&'static Target> {
        target().filter(|t| t.line == line && t.column == column && file.ends_with(&t.file))
    }

    pub(crate) fn ordering(ordering: Ordering, file: &str, line: u32, column: u32) -> Ordering {
        here(file, line, column).map_or(ordering, |t| t.to.unwrap_or(Ordering::Relaxed))
    }

    pub(crate) fn fence(ordering: Ordering, file: &str, line: u32, column: u32) {
        let weakened = here(file, line, column).map_or(Some(ordering), |t| t.to);
        if let Some(ordering) = weakened {
            loom::sync::atomic::fence(ordering);
        }
    }
}
