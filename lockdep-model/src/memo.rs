//! Acquisitions that were heard before: what makes the second and every later time cheap.
//!
//! Invariant: an acquisition is known only if one that is equal in all that matters was heard with a witness no greater, so that hearing it
//! again would change no fact.

use crate::class::ContextId;
use crate::held::{HeldLock, HeldStack, IrqState};
use crate::kernel::{ByHash, mix};
use crate::step::{Acquire, Env};

/// One acquisition, in all that its facts depend on.
#[derive(Clone, Debug)]
struct Heard<W> {
    context: ContextId,
    irq: IrqState,
    held: Box<[HeldLock]>,
    next: HeldLock,
    witness: W,
}

/// The acquisitions heard so far.
#[derive(Clone, Debug)]
pub struct Memo<W> {
    // Never iterated, so that its order does not matter.
    heard: ByHash<Vec<Heard<W>>>,
}

impl<W> Default for Memo<W> {
    fn default() -> Self {
        Self { heard: ByHash::default() }
    }
}

fn hash_lock(hash: u64, lock: &HeldLock) -> u64 {
    let class = u64::from(lock.class.key.0) << 16 | u64::from(lock.class.subclass) << 8;
    let how = lock.read as u64 | u64::from(lock.trylock) << 2 | u64::from(lock.irq_context) << 3;
    mix(mix(hash, class | how), lock.instance.0 ^ u64::from(lock.place.0) << 40)
}

impl<W: Ord + Clone> Memo<W> {
    /// Whether this acquisition was heard, with a witness no greater; from now on it is.
    pub fn knows(&mut self, env: &Env<'_>, stack: &HeldStack, acquire: &Acquire, witness: &W) -> bool {
        let next = acquire.held(&env.irq);
        let seed = u64::from(env.context.0) << 8 | u64::from(env.irq.hardirqs_on) << 1 | u64::from(env.irq.softirqs_on);
        let hash = stack.locks().iter().chain([&next]).fold(seed, hash_lock);
        let heard = self.heard.entry(hash).or_default();
        let same = heard.iter_mut().find(|heard| {
            heard.context == env.context
                && heard.irq == env.irq
                && heard.next == next
                && heard.held.as_ref() == stack.locks()
        });
        match same {
            Some(heard) if heard.witness <= *witness => true,
            Some(heard) => {
                heard.witness = witness.clone();
                false
            }
            None => {
                let held = stack.locks().into();
                heard.push(Heard { context: env.context, irq: env.irq, held, next, witness: witness.clone() });
                false
            }
        }
    }

    /// How many acquisitions are known.
    pub fn len(&self) -> usize {
        self.heard.values().map(Vec::len).sum()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.heard.is_empty()
    }
}
