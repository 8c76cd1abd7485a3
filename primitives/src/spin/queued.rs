//! The compact queued spinlock: MCS in one 32-bit word. The word says whether the lock is held, whether somebody waits as the next
//! without a node (pending), and who is last in the queue of nodes behind it.
//!
//! ```text
//!  31           18 17  16 15           8 7           0
//! | thread + 1    | depth |    pending  |   locked   |
//! |<------- tail -------->|
//! ```
//!
//! **Invariant**: whoever turns `locked` on holds the lock. Nobody may turn it on but: anybody, when the word is 0; who turned `pending` on
//! in a word with no tail; the head of the queue, when `locked` and `pending` are off. The nodes from the head's to `tail` are linked as in
//! [`super::mcs`].
//!
//! After: Linux's `kernel/locking/qspinlock.c` and `include/asm-generic/qspinlock_types.h`, which cite MCS. A node belongs to a thread here, to a processor there, and
//! each has four: the kernel nests by interrupts, a program by signal handlers. With none left, the lock is taken by trying.
//!
//! **A bad choice** with more threads than processors, as every queue lock: the lock is handed to a thread that does not run, and all behind it wait for a
//! time slice. For that there is [`crate::mutex`].

use core::ptr;

use crate::slot;
use crate::sync::{AtomicBool, AtomicPtr, AtomicU32, Life, Relaxed, Spin, const_fn, ord, shared_static};

const LOCKED: u32 = 1;
const LOCKED_MASK: u32 = 0xff;
const PENDING: u32 = 1 << 8;
const LOCKED_PENDING_MASK: u32 = 0xffff;
const TAIL_MASK: u32 = !LOCKED_PENDING_MASK;
const TAIL_DEPTH_SHIFT: u32 = 16;
const TAIL_THREAD_SHIFT: u32 = 18;

/// Locks that a thread can wait for at once.
const DEPTHS: usize = 4;

/// How often to look whether the pending waiter has taken the lock, before queueing behind it.
const LOOKS_AT_PENDING: u32 = if cfg!(loom) { 1 } else { 64 };

/// A waiter's place in a queue.
#[derive(Debug)]
struct Node {
    next: AtomicPtr<Node>,
    waiting: AtomicBool,
    life: Life,
}

/// A thread's nodes, on cache lines of their own.
#[derive(Debug)]
#[repr(align(128))]
struct ThreadNodes {
    /// Nodes in use. Only the thread itself reads or writes it.
    depth: AtomicU32,
    nodes: [Node; DEPTHS],
}

type Table = [ThreadNodes; slot::SLOTS];

impl Node {
    const_fn! {
        fn new() -> Self {
            Node { next: AtomicPtr::new(ptr::null_mut()), waiting: AtomicBool::new(false), life: Life::new() }
        }
    }
}

#[cfg(not(loom))]
const fn table() -> Table {
    [const { ThreadNodes { depth: AtomicU32::new(0), nodes: [const { Node::new() }; DEPTHS] } }; slot::SLOTS]
}

#[cfg(loom)]
fn table() -> Table {
    core::array::from_fn(|_| ThreadNodes { depth: AtomicU32::new(0), nodes: core::array::from_fn(|_| Node::new()) })
}

shared_static! {
    static NODES: Table = table();
}

/// The node that a tail speaks of.
fn node_of(tail: u32) -> &'static Node {
    let thread = (tail >> TAIL_THREAD_SHIFT) as usize - 1;
    let depth = (tail >> TAIL_DEPTH_SHIFT) as usize % DEPTHS;
    &NODES[thread].nodes[depth]
}

/// A compact queued lock without its data.
#[derive(Debug)]
pub struct RawQueuedLock {
    word: AtomicU32,
}

/// A compact queued lock and what it protects.
#[cfg(not(loom))]
pub type QueuedLock<T> = lock_api::Mutex<RawQueuedLock, T>;

impl RawQueuedLock {
    const_fn! {
        /// A free lock.
        pub fn new() -> Self {
            RawQueuedLock { word: AtomicU32::new(0) }
        }
    }

    /// Takes the lock, after all who came before.
    #[inline]
    pub fn lock(&self) {
        // Acquire: pairs with the Release in `unlock`.
        if let Err(word) = self.word.compare_exchange(0, LOCKED, ord!(Acquire), Relaxed) {
            self.lock_contended(word);
        }
    }

    /// Takes the lock if nobody holds it or waits.
    #[inline]
    pub fn try_lock(&self) -> bool {
        // Relaxed: only looks. Acquire: pairs with the Release in `unlock`.
        self.word.load(Relaxed) == 0 && self.word.compare_exchange(0, LOCKED, ord!(Acquire), Relaxed).is_ok()
    }

    #[cold]
    fn lock_contended(&self, mut word: u32) {
        // The lock is just going from its holder to the pending waiter: that is soon over, and then there may be no need to queue.
        let mut spin = Spin::new();
        let mut looks = 0;
        while word == PENDING && looks < LOOKS_AT_PENDING {
            spin.turn();
            word = self.word.load(Relaxed);
            looks += 1;
        }
        if word & !LOCKED_MASK != 0 || !self.lock_as_pending() {
            self.lock_in_queue();
        }
    }

    /// Waits as the only one, looking at the lock itself. False if somebody else already waits.
    fn lock_as_pending(&self) -> bool {
        // Relaxed: the loads below synchronise.
        let word = self.word.fetch_or(PENDING, Relaxed);
        if word & !LOCKED_MASK != 0 {
            // Somebody came first. If that one is in the queue, the pending bit just set is this thread's to take back.
            if word & PENDING == 0 {
                self.word.fetch_and(!PENDING, Relaxed);
            }
            return false;
        }
        let mut spin = Spin::new();
        // Acquire: pairs with the Release in `unlock`, also if that came before the `fetch_or`, which is in its release sequence.
        while self.word.load(ord!(Acquire)) & LOCKED_MASK != 0 {
            spin.turn();
        }
        // Relaxed: the load has synchronised, and nobody but the pending waiter may take the lock now.
        self.word.fetch_add(LOCKED.wrapping_sub(PENDING), Relaxed);
        true
    }

    fn lock_in_queue(&self) {
        let Some(thread) = slot::current() else { return self.lock_by_trying() };
        let nodes = &NODES[thread];
        let depth = nodes.depth.load(Relaxed);
        if depth as usize == DEPTHS {
            return self.lock_by_trying();
        }
        // Before the node is used: a signal handler that comes in from here on takes the next.
        nodes.depth.store(depth + 1, Relaxed);
        let tail = ((thread as u32 + 1) << TAIL_THREAD_SHIFT) | (depth << TAIL_DEPTH_SHIFT);
        self.wait_in_queue(&nodes.nodes[depth as usize], tail);
        nodes.depth.store(depth, Relaxed);
    }

    /// Without a node: no order among those who wait so, and none before those who queue.
    fn lock_by_trying(&self) {
        let mut spin = Spin::new();
        while !self.try_lock() {
            spin.turn();
        }
    }

    fn wait_in_queue(&self, node: &'static Node, tail: u32) {
        node.life.begin();
        // Relaxed: published with the tail.
        node.next.store(ptr::null_mut(), Relaxed);
        node.waiting.store(true, Relaxed);

        let before = self.enqueue(tail);
        if before & TAIL_MASK != 0 {
            let before = node_of(before);
            before.life.touch();
            // Release: whoever follows the link finds this node initialised.
            before.next.store(ptr::from_ref(node).cast_mut(), ord!(Release));
            let mut spin = Spin::new();
            // Acquire: pairs with the Release in `hand_on`; an older value of the word, without the lock bit of the one before, may not be read after it.
            while node.waiting.load(ord!(Acquire)) {
                spin.turn();
            }
        }

        // Head of the queue: wait for the holder and the pending waiter.
        let mut spin = Spin::new();
        // Acquire: pairs with the Release in `unlock`.
        let mut word = self.word.load(ord!(Acquire));
        while word & LOCKED_PENDING_MASK != 0 {
            spin.turn();
            // Acquire: as above.
            word = self.word.load(ord!(Acquire));
        }
        // Relaxed, both: the load has synchronised, and nobody but the head may take the lock now.
        if word & TAIL_MASK == tail && self.word.compare_exchange(word, LOCKED, Relaxed, Relaxed).is_ok() {
            return;
        }
        // Somebody queued behind, or set the pending bit, and will see the tail, and queue behind.
        self.word.fetch_or(LOCKED, Relaxed);
        hand_on(node);
    }

    /// Makes `tail` the last in the queue, and gives the word before.
    fn enqueue(&self, tail: u32) -> u32 {
        let mut word = self.word.load(Relaxed);
        loop {
            let new = (word & LOCKED_PENDING_MASK) | tail;
            // Release: whoever comes next finds this node initialised. Acquire: this thread looks into the node before its own.
            match self.word.compare_exchange_weak(word, new, ord!(AcqRel), Relaxed) {
                Ok(before) => return before,
                Err(changed) => word = changed,
            }
        }
    }

    /// Gives the lock back.
    ///
    /// # Safety
    /// The caller holds it.
    #[inline]
    pub unsafe fn unlock(&self) {
        #[cfg(all(target_arch = "x86_64", not(loom), not(miri)))]
        // SAFETY: writes 0 to the lowest byte of the word, with what in Rust is `fetch_and(!LOCKED_MASK, Release)`: the byte is the holder's alone to change,
        // x86 keeps a store after all loads and stores before it, and lets a byte store be atomic beside exchanges of the whole word. It is a
        // plain store where `fetch_and` would lock the bus.
        unsafe {
            core::arch::asm!("mov byte ptr [{}], 0", in(reg) self.word.as_ptr(), options(nostack, preserves_flags));
        }
        // Release: what this holder wrote is seen by the next.
        #[cfg(not(all(target_arch = "x86_64", not(loom), not(miri))))]
        self.word.fetch_and(!LOCKED_MASK, ord!(Release));
    }

    /// Whether somebody holds it or waits: a hint, out of date at once.
    pub fn is_locked(&self) -> bool {
        self.word.load(Relaxed) != 0
    }
}

/// Makes the successor the head of the queue.
fn hand_on(node: &Node) {
    let mut spin = Spin::new();
    // Acquire: the successor's node must be seen initialised, and its writing of this link be over, before this node is used again.
    let mut next = node.next.load(ord!(Acquire));
    while next.is_null() {
        spin.turn();
        // Acquire: as above.
        next = node.next.load(ord!(Acquire));
    }
    // SAFETY: nodes are in a static table.
    let next = unsafe { &*next };
    next.life.touch();
    // Release: the successor must not read a word from before this thread's lock bit.
    next.waiting.store(false, ord!(Release));
}

super::raw_mutex!(RawQueuedLock, lock_api::GuardSend);

#[cfg(all(test, not(loom)))]
mod tests {
    use std::thread;

    use super::{QueuedLock, RawQueuedLock};

    /// What a thread without a node does: only a signal handler, or a thread that is ending, comes to it.
    #[test]
    fn who_has_no_node_excludes_those_who_queue() {
        let lock = QueuedLock::new(0);
        thread::scope(|scope| {
            for i in 0..4 {
                let lock = &lock;
                scope.spawn(move || {
                    for _ in 0..2_000 {
                        // SAFETY: used as `lock` would be: the guard gives it back.
                        let raw: &RawQueuedLock = unsafe { lock.raw() };
                        let mut guard = if i < 2 {
                            lock.lock()
                        } else {
                            raw.lock_by_trying();
                            // SAFETY: locked by the line above, on this thread.
                            unsafe { lock.make_guard_unchecked() }
                        };
                        *guard += 1;
                    }
                });
            }
        });
        assert_eq!(lock.into_inner(), 8_000);
    }
}
