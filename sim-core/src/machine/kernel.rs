//! The kernel's calls: which part of the kernel answers each, and what those that need no part of it do.
//!
//! Invariant: `outcomes` says what a call may do next in a state, `kernel` does it; both look at the same facts.

use super::irq_action::Request;
use super::lock::Given;
use super::lockdep::{LockEvent, Taking};
use super::timer::Cancel;
use super::workqueue::When;
use super::{Machine, Run, flag, header};
use crate::finding::Kind;
use crate::machine::event::What;
use crate::model::{Bound, Observer};
use crate::program::{Allocator, GFP_DIRECT_RECLAIM, KernelCall, LockKind, Preemption};

/// Outcome 0: what ordinarily happens.
pub(super) const ORDINARY: u8 = 1;
/// Outcome 1: a timeout passes; an allocation fails; a user copy faults; a signal arrives before `signal_pending()`.
pub(super) const ALTERNATIVE: u8 = 2;
/// Outcome 2: a signal ends the wait.
pub(super) const SIGNALLED: u8 = 4;
/// Outcome 3: a sleeping task is woken by nobody.
pub(super) const SPURIOUS: u8 = 8;

pub(super) const EINTR: u64 = -4i64 as u64;
pub(super) const EINVAL: u64 = -22i64 as u64;
pub(super) const EBUSY: u64 = -16i64 as u64;
pub(super) const ENOSYS: u64 = -38i64 as u64;
pub(super) const ETIME: u64 = -62i64 as u64;
pub(super) const ERESTARTSYS: u64 = -512i64 as u64;

impl Machine {
    /// The outcomes that a context's next step may have, as bits; 0 if it must wait.
    pub(super) fn outcomes(&self, s: &[u8], context: usize) -> u8 {
        if self.layout.bh.is_some() && self.serves_for(s, context).is_some() {
            return 0; // it is inside `local_bh_enable()`
        }
        let Some(point) = self.point(s, context) else { return self.may_go_on(s, context) };
        let facts = &self.points[point as usize];
        let Some(call) = facts.call else { return ORDINARY };
        if facts.free_at_zero && facts.lock.is_some_and(|at| s[at] == 0) {
            return ORDINARY;
        }
        match call {
            KernelCall::Acquire { lock, shared, sleep, .. } => self.may_acquire(s, context, lock, shared, sleep),
            KernelCall::BhDisable if self.layout.bh.is_some() => self.may_disable_bh(s, context),
            KernelCall::SemDown { sleep, timeout } => self.may_down(s, context, sleep, timeout),
            KernelCall::CompletionWait { sleep, timeout } => self.may_complete(s, context, sleep, timeout),
            KernelCall::Schedule { timeout } => self.may_return_from_schedule(s, context, timeout),
            KernelCall::KthreadStopWait => self.may_stop(s, context),
            KernelCall::KthreadParkWait => self.may_see_parked(s, context),
            KernelCall::KthreadParkme => self.may_leave_park(s, context),
            KernelCall::GpWait { .. } => self.may_end_gp(s, context),
            KernelCall::BarrierWait => self.may_pass_barrier(s, context),
            KernelCall::GpPoll => self.may_poll_gp(s, context),
            KernelCall::SyncIrq => self.may_sync(s, context, false),
            KernelCall::SyncIrqThreads => self.may_sync(s, context, true),
            KernelCall::IrqWorkSync => self.may_sync_irq_work(s, context),
            KernelCall::TimeAfter { now } => self.may_be_later(s, context, now),
            KernelCall::Jiffies => self.may_leap(s),
            KernelCall::NapiWait { .. } => self.may_wait_for_napi(s, context),
            KernelCall::NapiDelete => self.may_delete_napi(s, context),
            KernelCall::TaskletKill => self.may_kill_tasklet(s, context),
            KernelCall::TaskletWait { .. } => self.may_wait_for_tasklet(s, context),
            KernelCall::TimerCancel { wait, .. } => self.may_cancel_timer(s, context, wait),
            KernelCall::FlushWork { .. } | KernelCall::SpinForWork | KernelCall::FlushWorkqueue => {
                self.may_flush(s, context)
            }
            KernelCall::WqWaitEmpty => self.may_find_empty(s, context),
            KernelCall::Alloc { .. } => self.may_allocate(s, context),
            KernelCall::Happens { what } => self.may_happen(s, what),
            KernelCall::CopyToUser | KernelCall::CopyFromUser if self.may_user_fault(s) => ORDINARY | ALTERNATIVE,
            KernelCall::SignalPending if self.signal_may_arrive(s, context) => ORDINARY | ALTERNATIVE,
            KernelCall::FatalSignalPending => self.may_be_fatal(s, context),
            _ => ORDINARY,
        }
    }

    fn may_user_fault(&self, s: &[u8]) -> bool {
        s[self.layout.globals + super::global::USER_FAULTS] < self.program.config.bounds.user_faults
    }
}

impl<O: Observer> Run<'_, O> {
    /// Makes a kernel call: its result, or `None` if the context does not survive it.
    pub(super) fn kernel(&mut self, call: KernelCall, args: &[crate::program::Reg]) -> Given {
        let mut passed = [0u64; 5];
        for (slot, arg) in passed.iter_mut().zip(args) {
            *slot = self.reg(*arg);
        }
        let [a, b, c, d, e] = passed;
        let at = self.m.layout.contexts[self.context].header;
        let truth = |yes: bool| Some(u64::from(yes));
        let nothing = Some(0);
        match call {
            KernelCall::PreemptDisable => {
                self.s[at + header::PREEMPT] = self.s[at + header::PREEMPT].saturating_add(1);
                nothing
            }
            KernelCall::PreemptEnable => {
                self.lower(header::PREEMPT);
                nothing
            }
            KernelCall::MigrateDisable { .. } => self.migrate_disable(),
            KernelCall::MigrateEnable => self.migrate_enable(),
            KernelCall::MigrationDisabled => truth(self.m.migration_disabled(self.s, self.context)),
            KernelCall::BhDisable => {
                self.tell(What::Mask { now: "bottom halves off" });
                if self.is_line() {
                    self.symptom(Kind::WrongContext, 0);
                }
                if self.m.is_rt() {
                    return self.take_bh();
                }
                self.s[at + header::BH] = self.s[at + header::BH].saturating_add(1);
                nothing
            }
            KernelCall::BhEnable => {
                if self.is_line() {
                    self.symptom(Kind::WrongContext, 1);
                } else if self.s[at + header::FLAGS] & flag::IRQ_OFF != 0 {
                    self.symptom(Kind::WrongContext, 2);
                }
                if self.s[at + header::BH] == 1 {
                    self.goes_on(LockEvent::BhOn);
                }
                self.lower(header::BH);
                self.tell(What::Mask { now: "bottom halves on" });
                if self.m.is_rt() {
                    if self.s[at + header::BH] == 0 {
                        self.give_bh();
                    }
                } else if self.is_task()
                    && self.s[at + header::BH] == 0
                    && self.s[at + header::FLAGS] & flag::IRQ_OFF == 0
                {
                    self.m.serve_pending(self.s, self.cpu);
                }
                nothing
            }
            KernelCall::IrqDisable => {
                self.irqs_off();
                nothing
            }
            KernelCall::IrqSave => {
                let were_on = self.s[at + header::FLAGS] & flag::IRQ_OFF == 0;
                self.irqs_off();
                Some(if were_on { 0x200 } else { 0 })
            }
            KernelCall::IrqEnable => {
                self.irqs_on();
                nothing
            }
            KernelCall::IrqRestore => {
                if self.s[at + header::FLAGS] & flag::IRQ_OFF == 0 {
                    self.symptom(Kind::IrqState, 1);
                }
                if a & 0x200 != 0 {
                    self.irqs_on()
                } else {
                    self.irqs_off()
                }
                nothing
            }
            KernelCall::IrqsDisabled => truth(self.s[at + header::FLAGS] & flag::IRQ_OFF != 0),
            KernelCall::PreemptCount => Some(self.count() as u64),
            KernelCall::InTask => truth(self.irq_count() & 0xff_0100 == 0),
            KernelCall::InHardirq => truth(self.count() & 0xf0000 != 0),
            KernelCall::InSoftirq => truth(self.irq_count() & 0xff00 != 0),
            KernelCall::InServingSoftirq => truth(self.irq_count() & 0x100 != 0),
            KernelCall::InInterrupt => truth(self.irq_count() & 0xff_ff00 != 0),
            KernelCall::InNmi => truth(self.count() & 0xf0_0000 != 0),
            KernelCall::InAtomic => truth(self.count() != 0),
            KernelCall::Preemptible => truth(self.m.preemptible(self.s, self.context)),
            KernelCall::SmpProcessorId { raw } => {
                let tied = self.m.affinity(self.s, self.context).is_some() || self.m.cpus() == 1;
                let moved = self.m.program.config.preemption.preempts();
                if !raw && !self.is_line() && !tied && moved && self.m.preemptible(self.s, self.context) {
                    self.symptom(Kind::SmpProcessorId, 0);
                }
                Some(self.cpu as u64)
            }
            KernelCall::Current => {
                let task = if self.is_task() { Some(self.context) } else { self.m.owner(self.s, self.cpu) };
                Some(task.map_or(0, |t| (super::memory::TASK_BASE as u64 + t as u64) << 32))
            }
            KernelCall::Acquire { lock: LockKind::PercpuRwSem, shared, .. } => self.acquire_percpu(shared, a),
            KernelCall::TryAcquire { lock: LockKind::PercpuRwSem, .. } => self.try_acquire_percpu(a),
            KernelCall::IsLocked { lock: LockKind::PercpuRwSem } => self.percpu_is_locked(a),
            KernelCall::PercpuWake => self.percpu_wake(a),
            KernelCall::MapAcquire { shared, trylock } => self.map_acquire(a, Taking { subclass: 0, trylock, shared }),
            KernelCall::MapRelease => self.map_release(a),
            KernelCall::MapSync => self.map_sync(a),
            KernelCall::LockInit { lock: LockKind::WwMutex } => self.ww_init(a, b),
            KernelCall::Acquire { lock: LockKind::WwMutex, .. } => self.acquire_ww(a, b),
            KernelCall::TryAcquire { lock: LockKind::WwMutex, .. } => self.try_acquire_ww(a, b),
            KernelCall::Release { lock: LockKind::WwMutex, .. } => self.release_ww(a),
            KernelCall::WwAcquireInit => self.ww_acquire_init(a, b),
            KernelCall::WwAcquireDone => self.ww_acquire_done(a),
            KernelCall::WwAcquireFini => self.ww_acquire_fini(a),
            KernelCall::LockInit { lock } => self.init_lock(a, lock),
            KernelCall::Acquire { lock, shared, subclass, .. } => {
                self.acquire(lock, Taking { subclass, trylock: false, shared }, a)
            }
            KernelCall::TryAcquire { lock, shared } => self.try_acquire(lock, shared, a),
            KernelCall::Release { lock, shared } => self.release(lock, shared, a),
            KernelCall::Downgrade => self.downgrade(a),
            KernelCall::IsLocked { lock } => self.is_locked(lock, a),
            KernelCall::LockSetClass => self.set_lock_class(a, b),
            KernelCall::LockSetSubclass => self.set_lock_subclass(a, b),
            KernelCall::MightLock { shared } => {
                self.might_lock(a, Taking { subclass: b as u8, trylock: false, shared })
            }
            KernelCall::Holds => self.holds(a),
            KernelCall::AssertHeld { claim } => self.assert_held(claim, a),
            KernelCall::SemInit => self.init_object(a, super::semaphore::MAGIC, b as u16),
            KernelCall::SemDown { .. } => self.down(a),
            KernelCall::SemTryDown => self.try_down(a),
            KernelCall::SemUp => self.up(a),
            KernelCall::CompletionInit => self.init_object(a, super::completion::MAGIC, 0),
            KernelCall::CompletionWait { timeout, .. } => self.wait_for_completion(a, timeout),
            KernelCall::CompletionTryWait => self.try_wait_for_completion(a),
            KernelCall::CompletionDone => self.completion_done(a),
            KernelCall::Complete => self.complete(a, false),
            KernelCall::CompleteAll => self.complete(a, true),
            KernelCall::MightSleep => {
                self.might_sleep();
                nothing
            }
            KernelCall::MightAlloc => {
                if a & GFP_DIRECT_RECLAIM != 0 {
                    self.might_sleep();
                } else if self.m.is_rt() {
                    self.rtlock_might_resched(); // the allocator has a `local_lock_t` for each CPU
                }
                nothing
            }
            KernelCall::RtlockMightResched => {
                self.rtlock_might_resched();
                nothing
            }
            KernelCall::SetPriority => self.set_priority(a, b),
            KernelCall::SetState => self.set_state(a as u8),
            KernelCall::Schedule { .. } => self.schedule(),
            KernelCall::WakeUp => self.wake_up(a, b as u8),
            KernelCall::CondResched => {
                self.gave_up = self.m.preemptible(self.s, self.context);
                nothing
            }
            KernelCall::Msleep => {
                self.check_schedule();
                self.gave_up = true;
                self.tell(What::Yield { why: "sleeps" });
                nothing
            }
            KernelCall::SignalPending => self.signal_pending(),
            KernelCall::FatalSignalPending => self.fatal_signal_pending(),
            KernelCall::KthreadCreate { site } => self.kthread_create(site, a, b),
            KernelCall::KthreadBind => self.kthread_bind(a, b as u8),
            KernelCall::KthreadStopRequest => self.kthread_stop_request(a),
            KernelCall::KthreadStopWait => self.kthread_stop_wait(a),
            KernelCall::KthreadShouldStop => truth(self.s[at + header::FLAGS] & flag::SHOULD_STOP != 0),
            KernelCall::KthreadExit => {
                self.leave(a);
                None
            }
            KernelCall::KthreadPark => self.kthread_park(a),
            KernelCall::KthreadParkWait => self.kthread_sees_parked(a),
            KernelCall::KthreadParkme => self.kthread_parkme(),
            KernelCall::KthreadShouldPark => self.kthread_should_park(),
            KernelCall::KthreadUnpark => self.kthread_unpark(a),
            KernelCall::TaskReference { get } => self.task_reference(a, get),
            KernelCall::RequestIrq { thread } => {
                self.request_irq(thread, a as u32, Request { handler: b, thread: c, flags: d, dev: e })
            }
            KernelCall::FreeIrq => self.free_irq(a as u32, b),
            KernelCall::IrqFreed => self.irq_freed(a as u32, b),
            KernelCall::IrqWakeThread => self.irq_wake_thread(a as u32, b),
            KernelCall::DisableIrq => self.disable_irq(a as u32),
            KernelCall::EnableIrq => self.enable_irq(a as u32),
            KernelCall::SyncIrq | KernelCall::SyncIrqThreads => nothing,
            KernelCall::IrqWorkInit => self.irq_work_init(a, b, c),
            KernelCall::IrqWorkQueue => self.irq_work_queue(a, b as i32),
            KernelCall::IrqWorkSync => self.irq_work_synced(a),
            KernelCall::IrqWorkIs => self.irq_work_is(a, b),
            KernelCall::IrqWorkRelease => self.irq_work_release(a),
            KernelCall::OpenSoftirq => self.open_softirq(a, b),
            KernelCall::RaiseSoftirq => self.raise_softirq(a),
            KernelCall::NapiInit => self.napi_init(a, b, c),
            KernelCall::NapiPrep => self.napi_prep(a),
            KernelCall::NapiSchedule => self.napi_schedule(a),
            KernelCall::NapiComplete => self.napi_complete(a),
            KernelCall::NapiDisable => self.napi_disable(a),
            KernelCall::NapiWait { take } => self.napi_waited(a, take),
            KernelCall::NapiEnable => self.napi_enable(a),
            KernelCall::NapiScheduled => self.napi_scheduled(a),
            KernelCall::NapiDelete => nothing,
            KernelCall::TaskletInit { old } => self.tasklet_init(a, b, c, old),
            KernelCall::TaskletSchedule { high } => self.tasklet_schedule(a, high),
            KernelCall::TaskletDisable => self.tasklet_enable(a, false),
            KernelCall::TaskletEnable => self.tasklet_enable(a, true),
            KernelCall::TaskletKill => self.tasklet_kill(a),
            KernelCall::TaskletWait { kill, .. } => self.tasklet_waited(a, kill),
            KernelCall::TimerInit { hr } => self.timer_init(a, b, c, hr),
            KernelCall::TimerArm { how } => self.timer_arm(how, a, b, c),
            KernelCall::TimerCancel { hr, wait, says, shutdown } => {
                self.timer_cancel(a, Cancel { hr, wait, says, shutdown })
            }
            KernelCall::TimerPending { hr } => self.timer_pending(a, hr),
            KernelCall::TimerTouch => self.timer_touch(a),
            KernelCall::WorkInit => self.work_init(a, b),
            KernelCall::WqInit { name } => self.wq_init(a, b, c, name),
            KernelCall::QueueWork => self.queue_work(a, b, c as i32, When::after(d), false),
            KernelCall::QueueRcuWork => self.queue_work(a, b, -1, When::AfterReaders, false),
            KernelCall::ModWork => self.queue_work(a, b, c as i32, When::after(d), true),
            KernelCall::CancelWork => self.cancel_work(a, false),
            KernelCall::DisableWork => self.cancel_work(a, true),
            KernelCall::EnableWork => self.enable_work(a),
            KernelCall::FlushWork { cancel } => self.flush_work(a, cancel),
            KernelCall::SpinForWork => {
                let given = self.flush_work(a, true);
                self.gave_up = false;
                given
            }
            KernelCall::WorkIsBh => self.work_is_bh(a),
            KernelCall::ExpireWork => self.expire_work(a),
            KernelCall::FlushWorkqueue => self.flush_workqueue(a),
            KernelCall::WqDrain => self.wq_drain(a, b != 0),
            KernelCall::WqWaitEmpty => self.wq_wait_empty(a),
            KernelCall::WqDrained => self.wq_drained(a),
            KernelCall::WorkPending => self.work_busy(a).map(|(pending, _)| u64::from(pending)),
            KernelCall::WorkBusy => self.work_busy(a).map(|(pending, runs)| u64::from(pending) + 2 * u64::from(runs)),
            KernelCall::CurrentWork => Some(self.current_work()),
            KernelCall::ReadsAtomically => self.reads_atomically(a != 0),
            KernelCall::WritesAtomically => self.writes_atomically(a != 0),
            KernelCall::RcuReadLock => self.rcu_read_lock(),
            KernelCall::RcuReadUnlock => self.rcu_read_unlock(),
            KernelCall::RcuReadHeld => truth(self.in_reader()),
            KernelCall::SrcuInit => self.srcu_init(a),
            KernelCall::SrcuCleanup => self.srcu_cleanup(a),
            KernelCall::SrcuReadLock { how } => self.srcu_read_lock(a, how),
            KernelCall::SrcuReadUnlock { up } => self.srcu_read_unlock(a, b, up),
            KernelCall::SrcuReadHeld => self.srcu_read_held(a),
            KernelCall::GpBegin { of } => self.gp_begin(of, a),
            KernelCall::GpWait { .. } => self.gp_over(),
            KernelCall::CallRcu { of } => self.call_rcu(of, [a, b, c, d]),
            KernelCall::BarrierBegin { of } => self.barrier_begin(of, a),
            KernelCall::BarrierWait => self.barrier_passed(),
            KernelCall::GpState { of } => self.gp_state(of, a),
            KernelCall::GpPoll => self.gp_poll(a),
            KernelCall::TasksQs => nothing,
            KernelCall::Jiffies => self.jiffies(),
            KernelCall::TimeAfter { now } => self.time_after(now, a, b),
            KernelCall::Alloc { site, zero } => {
                if self.outcome == 1 {
                    self.s[self.m.layout.globals + super::global::FAILED_ALLOCATIONS] += 1;
                    self.tell(What::Allocated { pointer: 0 });
                    return nothing;
                }
                let pointer = self.allocate(site, a, zero)?;
                self.tell(What::Allocated { pointer });
                Some(pointer)
            }
            KernelCall::Free => self.free(a, Allocator::Slab),
            KernelCall::FreeAs { allocator } => self.free(a, allocator),
            KernelCall::AllocSize => Some(u64::from(self.m.allocated_size(self.s, a))),
            KernelCall::NotALeak => self.not_a_leak(a, b != 0),
            KernelCall::MemallocSave => self.memalloc_save(a as u8),
            KernelCall::MemallocRestore => self.memalloc_restore(a as u8),
            KernelCall::MemallocFlags => Some(u64::from(self.m.memalloc_flags(self.s, self.context))),
            KernelCall::PagefaultDisable { disable } => self.pagefault_disable(disable),
            KernelCall::PagefaultDisabled => truth(self.m.pagefaults_off(self.s, self.context)),
            KernelCall::Happens { what } => self.happens(what),
            KernelCall::MapInit => self.init_lock(a, LockKind::Map),
            KernelCall::CopyToUser => self.user_copy(a, b, c, true),
            KernelCall::CopyFromUser => self.user_copy(a, b, c, false),
            KernelCall::Printk { format, level, most } => {
                if O::EVENTS {
                    let text = self.formatted(format, args);
                    self.tell(What::Log { level, most, text });
                }
                nothing
            }
            KernelCall::Panic { format } => {
                self.symptom(Kind::BugOn, format);
                self.panics(|run| run.formatted(format, args));
                self.die();
                None
            }
            KernelCall::BeyondIndices => {
                self.o.bound(Bound::Indices);
                nothing
            }
            KernelCall::Fence { .. } | KernelCall::Relax => nothing,
        }
    }

    /// Whether the caller is in a read-side section of RCU.
    fn in_reader(&self) -> bool {
        self.m.rcu_depth(self.s, self.context) > 0 || self.m.reads_by_bh(self.s, self.context)
    }

    /// The caller's `preempt_count`, with softirqs on every kernel.
    pub(super) fn irq_count(&self) -> u32 {
        self.m.irq_count(self.s, self.context)
    }

    /// The caller's `preempt_count`.
    pub(super) fn count(&self) -> u32 {
        self.m.preempt_count(self.s, self.context)
    }

    pub(super) fn is_line(&self) -> bool {
        self.m.layout.contexts[self.context].is_line()
    }

    fn is_task(&self) -> bool {
        self.m.layout.contexts[self.context].is_task()
    }

    /// What may sleep must not be called with preemption, bottom halves or interrupts off, nor after `set_current_state()`.
    pub(super) fn might_sleep(&mut self) {
        if !self.m.preemptible(self.s, self.context) || self.in_reader() {
            self.symptom(Kind::SleepInAtomic, 0);
        }
        let extra = self.m.layout.contexts[self.context].extra;
        if extra.is_some_and(|at| self.s[at + super::extra::STATE] != 0) {
            self.symptom(Kind::NotRunning, 0);
        }
        if self.m.program.config.preemption == Preemption::Voluntary && self.m.preemptible(self.s, self.context) {
            self.gave_up = true;
        }
    }

    /// What a lock that sleeps under `PREEMPT_RT` checks: that preemption and interrupts are on.
    pub(super) fn rtlock_might_resched(&mut self) {
        if !self.m.preemptible(self.s, self.context) {
            self.symptom(Kind::SleepInAtomic, 0);
        }
    }

    /// `schedule()` itself objects to a preempt count, and to interrupts that are off.
    pub(super) fn check_schedule(&mut self) {
        if !self.m.preemptible(self.s, self.context) {
            self.symptom(Kind::ScheduleInAtomic, 0);
        } else if self.in_reader() {
            self.symptom(Kind::RcuSleep, 0);
        }
    }

    fn irqs_off(&mut self) {
        let at = self.m.layout.contexts[self.context].header + header::FLAGS;
        self.s[at] |= flag::IRQ_OFF;
        self.tell(What::Mask { now: "interrupts off" });
    }

    fn irqs_on(&mut self) {
        if self.is_line() {
            self.symptom(Kind::IrqState, 0);
            return;
        }
        let at = self.m.layout.contexts[self.context].header + header::FLAGS;
        if self.s[at] & flag::IRQ_OFF != 0 {
            self.goes_on(LockEvent::IrqsOn);
        }
        self.s[at] &= !flag::IRQ_OFF;
        self.tell(What::Mask { now: "interrupts on" });
    }

    /// Lowers a count that must not fall below zero.
    pub(super) fn lower(&mut self, count: usize) {
        let at = self.m.layout.contexts[self.context].header + count;
        match self.s[at].checked_sub(1) {
            Some(less) => self.s[at] = less,
            None => self.symptom(Kind::PreemptLeak, 1),
        }
    }

    fn user_copy(&mut self, to: u64, from: u64, len: u64, out: bool) -> Option<u64> {
        if self.outcome == 1 {
            self.s[self.m.layout.globals + super::global::USER_FAULTS] += 1;
            return Some(len);
        }
        let (inside, outside) = if out { (from, to) } else { (to, from) };
        let known = self.m.resolve(self.s, outside, len as u32, out).is_ok();
        self.touches_for_user(inside, len, out);
        if known {
            self.copy_bytes(to, from, len as u32)?;
        } else if out {
            self.access(inside, (len as u32).max(1), false)?;
        } else {
            self.set_bytes(inside, 0, len as u32)?;
        }
        self.tell(if out { What::Read { address: inside, value: 0 } } else { What::Fill { address: inside, len } });
        Some(0)
    }
}

impl LockKind {
    /// What the second byte of an initialised lock holds.
    pub(super) fn magic(self) -> u8 {
        match self {
            Self::RawSpin => 1,
            Self::Spin => 2,
            Self::Mutex => 3,
            Self::RwLock => 6,
            Self::RwSem => 7,
            Self::RtMutex => 8,
            Self::RtSpin => 9,
            Self::RtRwLock => 10,
            Self::LocalLock => 11,
            Self::WwMutex => 12,
            Self::WwAcquire => 13,
            Self::PercpuRwSem => 14,
            Self::Timer => 17,
            Self::Work => super::workqueue::WORK_MAGIC,
            Self::Workqueue => super::workqueue::WQ_MAGIC,
            Self::Srcu => super::srcu::MAGIC,
            Self::Map => super::reclaim::MAP_MAGIC,
        }
    }

    /// The lock whose second byte is this.
    pub(super) fn of_magic(magic: u8) -> Option<Self> {
        const ALL: [LockKind; 17] = [
            LockKind::RawSpin,
            LockKind::Spin,
            LockKind::Mutex,
            LockKind::RwLock,
            LockKind::RwSem,
            LockKind::RtMutex,
            LockKind::RtSpin,
            LockKind::RtRwLock,
            LockKind::LocalLock,
            LockKind::WwMutex,
            LockKind::WwAcquire,
            LockKind::PercpuRwSem,
            LockKind::Timer,
            LockKind::Work,
            LockKind::Workqueue,
            LockKind::Srcu,
            LockKind::Map,
        ];
        ALL.into_iter().find(|lock| lock.magic() == magic)
    }
}
