/* Preemption, interrupts, and the locks: each as the kernel takes it apart. */

#define __LOCK_INITIALISED(type, kind) (type){ .__magic = kind }
#define __RAW_SPIN_LOCK_UNLOCKED(name) __LOCK_INITIALISED(raw_spinlock_t, 1)
#ifdef CONFIG_PREEMPT_RT
#define __SPIN_LOCK_UNLOCKED(name) __LOCK_INITIALISED(spinlock_t, 9)
#define __RW_LOCK_UNLOCKED(name) __LOCK_INITIALISED(rwlock_t, 10)
#else
#define __SPIN_LOCK_UNLOCKED(name) __LOCK_INITIALISED(spinlock_t, 2)
#define __RW_LOCK_UNLOCKED(name) __LOCK_INITIALISED(rwlock_t, 6)
#endif
#define __MUTEX_INITIALIZER(name) __LOCK_INITIALISED(struct mutex, 3)
#define __SEMAPHORE_INITIALIZER(name, n) (struct semaphore){ .__magic = 4, .__count = n }
#define __RT_MUTEX_INITIALIZER(name) __LOCK_INITIALISED(struct rt_mutex, 8)
#define __RWSEM_INITIALIZER(name) __LOCK_INITIALISED(struct rw_semaphore, 7)
#define COMPLETION_INITIALIZER(name) __LOCK_INITIALISED(struct completion, 5)
#define COMPLETION_INITIALIZER_ONSTACK(name) (*({ init_completion(&name); &name; }))
#define DEFINE_RAW_SPINLOCK(name) raw_spinlock_t name = __RAW_SPIN_LOCK_UNLOCKED(name)
#define DEFINE_SPINLOCK(name) spinlock_t name = __SPIN_LOCK_UNLOCKED(name)
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)
#define DEFINE_RT_MUTEX(name) struct rt_mutex name = __RT_MUTEX_INITIALIZER(name)
#define DEFINE_RWLOCK(name) rwlock_t name = __RW_LOCK_UNLOCKED(name)
#define DECLARE_RWSEM(name) struct rw_semaphore name = __RWSEM_INITIALIZER(name)
#define DEFINE_SEMAPHORE(name, n) struct semaphore name = __SEMAPHORE_INITIALIZER(name, n)
#define DECLARE_COMPLETION(name) struct completion name = COMPLETION_INITIALIZER(name)
#define DECLARE_COMPLETION_ONSTACK(name) struct completion name; init_completion(&name)

/* Preemption, interrupts, bottom halves. */
static inline void preempt_disable(void) { __kernel_preempt_disable(); }
static inline void preempt_enable(void) { __kernel_preempt_enable(); }
static inline void preempt_enable_no_resched(void) { __kernel_preempt_enable(); }
static inline void preempt_disable_notrace(void) { __kernel_preempt_disable(); }
static inline void preempt_enable_notrace(void) { __kernel_preempt_enable(); }
static inline void migrate_disable(void) { __kernel_migrate_disable(); }
static inline void migrate_enable(void)
{
	if (!WARN_ON_ONCE(!__kernel_migration_disabled()))
		__kernel_migrate_enable();
}
static inline void local_irq_disable(void) { __kernel_irq_disable(); }
static inline void local_irq_enable(void) { __kernel_irq_enable(); }
static inline void local_bh_disable(void) { __kernel_bh_disable(); }
static inline void local_bh_enable(void) { __kernel_bh_enable(); }
#define local_irq_save(flags) do { (flags) = __kernel_irq_save(); } while (0)
#define local_irq_restore(flags) __kernel_irq_restore(flags)
#define local_save_flags(flags) do { (flags) = __kernel_irqs_disabled() ? 0UL : 0x200UL; } while (0)
#define irqs_disabled_flags(flags) (!((flags) & 0x200UL))
static inline bool irqs_disabled(void) { return __kernel_irqs_disabled(); }
static inline int preempt_count(void) { return __kernel_preempt_count(); }
static inline bool in_task(void) { return __kernel_in_task(); }
static inline bool in_hardirq(void) { return __kernel_in_hardirq(); }
static inline bool in_irq(void) { return __kernel_in_hardirq(); }
static inline bool in_softirq(void) { return __kernel_in_softirq(); }
static inline bool in_serving_softirq(void) { return __kernel_in_serving_softirq(); }
static inline bool in_interrupt(void) { return __kernel_in_interrupt(); }
static inline bool in_nmi(void) { return __kernel_in_nmi(); }
static inline bool in_atomic(void) { return __kernel_in_atomic(); }
static inline bool preemptible(void) { return __kernel_preemptible(); }
static inline int smp_processor_id(void) { return __kernel_smp_processor_id(); }
static inline int raw_smp_processor_id(void) { return __kernel_raw_smp_processor_id(); }
static inline int get_cpu(void) { __kernel_preempt_disable(); return __kernel_smp_processor_id(); }
static inline void put_cpu(void) { __kernel_preempt_enable(); }

/* Locks whose waiters spin: each way to take one, and to let it go. */
#define __SPINNING_LOCK_API(spin, type, acquire, release, try_acquire) \
static inline void spin##_lock(type *lock) { __kernel_preempt_disable(); acquire(lock, 0); } \
static inline void spin##_lock_irq(type *lock) { __kernel_irq_disable(); __kernel_preempt_disable(); acquire(lock, 0); } \
static inline void spin##_lock_bh(type *lock) { __kernel_bh_disable(); __kernel_preempt_disable(); acquire(lock, 0); } \
static inline void __##spin##_lock_nested(type *lock, int subclass) { __kernel_preempt_disable(); acquire(lock, subclass); } \
static inline unsigned long __##spin##_lock_irqsave(type *lock, int subclass) \
{ \
	unsigned long flags = __kernel_irq_save(); \
	__kernel_preempt_disable(); \
	acquire(lock, subclass); \
	return flags; \
} \
static inline void spin##_unlock(type *lock) { release(lock); __kernel_preempt_enable(); } \
static inline void spin##_unlock_irq(type *lock) { release(lock); __kernel_irq_enable(); __kernel_preempt_enable(); } \
static inline void spin##_unlock_bh(type *lock) { release(lock); __kernel_preempt_enable(); __kernel_bh_enable(); } \
static inline void spin##_unlock_irqrestore(type *lock, unsigned long flags) \
{ \
	release(lock); \
	__kernel_irq_restore(flags); \
	__kernel_preempt_enable(); \
} \
static inline int spin##_trylock(type *lock) { return try_acquire(lock); }
#define __SPIN_TRYLOCK_IRQ(spin, type) \
static inline int spin##_trylock_irq(type *lock) \
{ \
	__kernel_irq_disable(); \
	if (spin##_trylock(lock)) \
		return 1; \
	__kernel_irq_enable(); \
	return 0; \
}

/* Their guards. */
#define __LOCK_GUARDS(spin, guard, type) \
static inline void __guard_##guard##_take(type *lock) { spin##_lock(lock); } \
static inline void __guard_##guard##_drop(type *lock) { spin##_unlock(lock); } \
static inline void __guard_##guard##_irq_take(type *lock) { spin##_lock_irq(lock); } \
static inline void __guard_##guard##_irq_drop(type *lock) { spin##_unlock_irq(lock); } \
static inline unsigned long __guard_##guard##_irqsave_take(type *lock) { return __##spin##_lock_irqsave(lock, 0); } \
static inline void __guard_##guard##_irqsave_drop(type *lock, unsigned long flags) { spin##_unlock_irqrestore(lock, flags); }

#ifdef CONFIG_PREEMPT_RT
/* What spins elsewhere sleeps: interrupts and preemption stay as they are, the holder stays on its CPU and in a reader of RCU (kernel/locking/spinlock_rt.c). */
#define __SLEEPING_LOCK_API(spin, type, acquire, release, try_acquire) \
static inline void __##spin##_took(void) { __kernel_rcu_read_lock(); __kernel_stay_on_cpu(); } \
static inline void __##spin##_lock_nested(type *lock, int subclass) { __kernel_rtlock_might_resched(); acquire(lock, subclass); __##spin##_took(); } \
static inline void spin##_lock(type *lock) { __kernel_rtlock_might_resched(); acquire(lock, 0); __##spin##_took(); } \
static inline void spin##_lock_irq(type *lock) { spin##_lock(lock); } \
static inline void spin##_lock_bh(type *lock) { __kernel_bh_disable(); spin##_lock(lock); } \
static inline unsigned long __##spin##_lock_irqsave(type *lock, int subclass) { __##spin##_lock_nested(lock, subclass); return 0; } \
static inline void spin##_unlock(type *lock) { __kernel_migrate_enable(); __kernel_rcu_read_unlock(); release(lock); } \
static inline void spin##_unlock_irq(type *lock) { spin##_unlock(lock); } \
static inline void spin##_unlock_bh(type *lock) { spin##_unlock(lock); __kernel_bh_enable(); } \
static inline void spin##_unlock_irqrestore(type *lock, unsigned long flags) { spin##_unlock(lock); } \
static inline int spin##_trylock(type *lock) \
{ \
	if (!try_acquire(lock)) \
		return 0; \
	__##spin##_took(); \
	return 1; \
}
#endif

/* spinlock_t and raw_spinlock_t. */
#define __SPINLOCK_API(spin, type, is_locked, initialise) \
__LOCK_GUARDS(spin, spin##lock, type) \
static inline void spin##_lock_init(type *lock) { initialise(lock); } \
static inline void __##spin##_lock_bh_nested(type *lock, int subclass) { __kernel_bh_disable(); __##spin##_lock_nested(lock, subclass); } \
static inline int spin##_trylock_bh(type *lock) \
{ \
	__kernel_bh_disable(); \
	if (spin##_trylock(lock)) \
		return 1; \
	__kernel_bh_enable(); \
	return 0; \
} \
static inline int spin##_is_locked(type *lock) { return is_locked(lock); } \
static inline void __guard_##spin##lock_bh_take(type *lock) { spin##_lock_bh(lock); } \
static inline void __guard_##spin##lock_bh_drop(type *lock) { spin##_unlock_bh(lock); } \
static inline void __guard_##spin##lock_nested_take(type *lock) { __##spin##_lock_nested(lock, 1); } \
static inline void __guard_##spin##lock_nested_drop(type *lock) { spin##_unlock(lock); } \
static inline int __guard_##spin##lock_try_take(type *lock) { return spin##_trylock(lock); } \
static inline void __guard_##spin##lock_try_drop(type *lock) { spin##_unlock(lock); } \
static inline int __guard_##spin##lock_irq_try_take(type *lock) { return spin##_trylock_irq(lock); } \
static inline void __guard_##spin##lock_irq_try_drop(type *lock) { spin##_unlock_irq(lock); } \
static inline int __guard_##spin##lock_bh_try_take(type *lock) { return spin##_trylock_bh(lock); } \
static inline void __guard_##spin##lock_bh_try_drop(type *lock) { spin##_unlock_bh(lock); }

__SPINNING_LOCK_API(raw_spin, raw_spinlock_t, __kernel_raw_spin_acquire, __kernel_raw_spin_release, __kernel_raw_spin_try_acquire)
__SPIN_TRYLOCK_IRQ(raw_spin, raw_spinlock_t)
__SPINLOCK_API(raw_spin, raw_spinlock_t, __kernel_raw_spin_is_locked, __kernel_raw_spin_init)
#ifdef CONFIG_PREEMPT_RT
__SLEEPING_LOCK_API(spin, spinlock_t, __kernel_rt_spin_acquire, __kernel_rt_spin_release, __kernel_rt_spin_try_acquire)
static inline int spin_trylock_irq(spinlock_t *lock) { return spin_trylock(lock); }
__SPINLOCK_API(spin, spinlock_t, __kernel_rt_spin_is_locked, __kernel_rt_spin_init)
#define spin_trylock_irqsave(lock, flags) ({ (flags) = 0; spin_trylock(lock); })
#define spin_lock_nest_lock(lock, nest) ({ \
	__kernel_rtlock_might_resched(); \
	__kernel_rt_spin_acquire_nest(lock, nest); \
	__spin_took(); })
#else
__SPINNING_LOCK_API(spin, spinlock_t, __kernel_spin_acquire, __kernel_spin_release, __kernel_spin_try_acquire)
__SPIN_TRYLOCK_IRQ(spin, spinlock_t)
__SPINLOCK_API(spin, spinlock_t, __kernel_spin_is_locked, __kernel_spin_init)
#define spin_trylock_irqsave(lock, flags) ({ \
	(flags) = __kernel_irq_save(); \
	spin_trylock(lock) ? 1 : ({ __kernel_irq_restore(flags); 0; }); })
#define spin_lock_nest_lock(lock, nest) ({ __kernel_preempt_disable(); __kernel_spin_acquire_nest(lock, nest); })
#endif

#define spin_lock_irqsave(lock, flags) do { (flags) = __spin_lock_irqsave(lock, 0); } while (0)
#define spin_lock_nested(lock, subclass) __spin_lock_nested(lock, subclass)
#define spin_lock_bh_nested(lock, subclass) __spin_lock_bh_nested(lock, subclass)
#define spin_lock_irqsave_nested(lock, flags, subclass) do { (flags) = __spin_lock_irqsave(lock, subclass); } while (0)
#define raw_spin_lock_irqsave(lock, flags) do { (flags) = __raw_spin_lock_irqsave(lock, 0); } while (0)
#define raw_spin_lock_nested(lock, subclass) __raw_spin_lock_nested(lock, subclass)
#define raw_spin_lock_irqsave_nested(lock, flags, subclass) do { (flags) = __raw_spin_lock_irqsave(lock, subclass); } while (0)
#define raw_spin_trylock_irqsave(lock, flags) ({ \
	(flags) = __kernel_irq_save(); \
	raw_spin_trylock(lock) ? 1 : ({ __kernel_irq_restore(flags); 0; }); })
#define SINGLE_DEPTH_NESTING 1
#define assert_spin_locked(lock) __kernel_bug_on(!spin_is_locked(lock))
#define assert_raw_spin_locked(lock) __kernel_bug_on(!raw_spin_is_locked(lock))
#define spin_needbreak(lock) 0

/* rwlock_t. */
#ifdef CONFIG_PREEMPT_RT
__SLEEPING_LOCK_API(read, rwlock_t, __kernel_rt_read_acquire, __kernel_rt_read_release, __kernel_rt_read_try_acquire)
__SLEEPING_LOCK_API(write, rwlock_t, __kernel_rt_write_acquire, __kernel_rt_write_release, __kernel_rt_write_try_acquire)
static inline void rwlock_init(rwlock_t *lock) { __kernel_rt_write_init(lock); }
#define write_trylock_irqsave(lock, flags) ({ (flags) = 0; write_trylock(lock); })
#else
__SPINNING_LOCK_API(read, rwlock_t, __kernel_read_acquire, __kernel_read_release, __kernel_read_try_acquire)
__SPINNING_LOCK_API(write, rwlock_t, __kernel_write_acquire, __kernel_write_release, __kernel_write_try_acquire)
static inline void rwlock_init(rwlock_t *lock) { __kernel_write_init(lock); }
#define write_trylock_irqsave(lock, flags) ({ \
	(flags) = __kernel_irq_save(); \
	write_trylock(lock) ? 1 : ({ __kernel_irq_restore(flags); 0; }); })
#endif
__LOCK_GUARDS(read, read_lock, rwlock_t)
__LOCK_GUARDS(write, write_lock, rwlock_t)
#define read_lock_irqsave(lock, flags) do { (flags) = __read_lock_irqsave(lock, 0); } while (0)
#define write_lock_irqsave(lock, flags) do { (flags) = __write_lock_irqsave(lock, 0); } while (0)
#define write_lock_nested(lock, subclass) __write_lock_nested(lock, subclass)
#define rwlock_is_contended(lock) 0
#define rwlock_needbreak(lock) 0

/* struct rw_semaphore. */
static inline void init_rwsem(struct rw_semaphore *sem) { __kernel_rwsem_write_init(sem); }
#define __RWSEM_API(down, read) \
static inline void down(struct rw_semaphore *sem) { __kernel_might_sleep(); __kernel_rwsem_##read##_acquire(sem, 0); } \
static inline int down##_killable(struct rw_semaphore *sem) { __kernel_might_sleep(); return __kernel_rwsem_##read##_acquire_killable(sem, 0); } \
static inline int down##_trylock(struct rw_semaphore *sem) { return __kernel_rwsem_##read##_try_acquire(sem); } \
static inline void up_##read(struct rw_semaphore *sem) { __kernel_rwsem_##read##_release(sem); } \
static inline void __guard_rwsem_##read##_take(struct rw_semaphore *sem) { down(sem); } \
static inline void __guard_rwsem_##read##_drop(struct rw_semaphore *sem) { up_##read(sem); } \
static inline int __guard_rwsem_##read##_try_take(struct rw_semaphore *sem) { return down##_trylock(sem); } \
static inline void __guard_rwsem_##read##_try_drop(struct rw_semaphore *sem) { up_##read(sem); }
__RWSEM_API(down_read, read)
__RWSEM_API(down_write, write)
static inline void down_read_nested(struct rw_semaphore *sem, int subclass) { __kernel_might_sleep(); __kernel_rwsem_read_acquire(sem, subclass); }
static inline int down_read_killable_nested(struct rw_semaphore *sem, int subclass) { __kernel_might_sleep(); return __kernel_rwsem_read_acquire_killable(sem, subclass); }
static inline void down_write_nested(struct rw_semaphore *sem, int subclass) { __kernel_might_sleep(); __kernel_rwsem_write_acquire(sem, subclass); }
static inline int down_write_killable_nested(struct rw_semaphore *sem, int subclass) { __kernel_might_sleep(); return __kernel_rwsem_write_acquire_killable(sem, subclass); }
static inline int down_read_interruptible(struct rw_semaphore *sem) { __kernel_might_sleep(); return __kernel_rwsem_read_acquire_interruptible(sem, 0); }
static inline int __guard_rwsem_read_intr_take(struct rw_semaphore *sem) { return down_read_interruptible(sem) == 0; }
static inline void __guard_rwsem_read_intr_drop(struct rw_semaphore *sem) { up_read(sem); }
#define down_write_nest_lock(sem, nest) ({ __kernel_might_sleep(); __kernel_rwsem_write_acquire_nest(sem, nest); })
static inline void downgrade_write(struct rw_semaphore *sem) { __kernel_downgrade(sem); }
static inline int rwsem_is_locked(struct rw_semaphore *sem) { return __kernel_rwsem_write_is_locked(sem); }
#define rwsem_is_contended(sem) 0
#define rwsem_assert_held(sem) __kernel_assert_held(sem)
#define rwsem_assert_held_write(sem) __kernel_assert_held_write(sem)
#define rwsem_assert_held_nolockdep(sem) __kernel_assert_held(sem)
#define rwsem_assert_held_write_nolockdep(sem) __kernel_assert_held_write(sem)

/* struct mutex. */
#define mutex_init(lock) __kernel_mutex_init((struct mutex *)({ struct mutex *__mutex = (lock); __mutex; }))
static inline void mutex_lock(struct mutex *lock) { __kernel_might_sleep(); __kernel_mutex_acquire(lock, 0); }
static inline void mutex_lock_nested(struct mutex *lock, unsigned int subclass) { __kernel_might_sleep(); __kernel_mutex_acquire(lock, subclass); }
static inline void mutex_lock_io(struct mutex *lock) { __kernel_might_sleep(); __kernel_mutex_acquire(lock, 0); }
static inline int mutex_lock_interruptible(struct mutex *lock) { __kernel_might_sleep(); return __kernel_mutex_acquire_interruptible(lock, 0); }
static inline int mutex_lock_interruptible_nested(struct mutex *lock, unsigned int subclass) { __kernel_might_sleep(); return __kernel_mutex_acquire_interruptible(lock, subclass); }
static inline int mutex_lock_killable(struct mutex *lock) { __kernel_might_sleep(); return __kernel_mutex_acquire_killable(lock, 0); }
static inline int mutex_lock_killable_nested(struct mutex *lock, unsigned int subclass) { __kernel_might_sleep(); return __kernel_mutex_acquire_killable(lock, subclass); }
#define down_read_nest_lock(sem, nest) ({ __kernel_might_sleep(); __kernel_rwsem_read_acquire_nest(sem, nest); })
#define mutex_lock_nest_lock(lock, nest) ({ __kernel_might_sleep(); __kernel_mutex_acquire_nest(lock, nest); })
static inline int mutex_trylock(struct mutex *lock) { return __kernel_mutex_try_acquire(lock); }
/* Two steps: once it is free another may take it, release it and free it, and then the second touches freed memory. */
static inline void mutex_unlock(struct mutex *lock)
{
	__kernel_mutex_release(lock);
#ifndef CONFIG_PREEMPT_RT
	__kernel_mutex_is_locked(lock);
#endif
}
static inline bool mutex_is_locked(struct mutex *lock) { return __kernel_mutex_is_locked(lock); }
static inline void mutex_destroy(struct mutex *lock) { __kernel_lockdep_assert(!__kernel_mutex_is_locked(lock)); }
static inline void __guard_mutex_take(struct mutex *lock) { mutex_lock(lock); }
static inline void __guard_mutex_drop(struct mutex *lock) { mutex_unlock(lock); }
static inline int __guard_mutex_try_take(struct mutex *lock) { return mutex_trylock(lock); }
static inline void __guard_mutex_try_drop(struct mutex *lock) { mutex_unlock(lock); }
static inline int __guard_mutex_intr_take(struct mutex *lock) { return mutex_lock_interruptible(lock) == 0; }
static inline void __guard_mutex_intr_drop(struct mutex *lock) { mutex_unlock(lock); }
static inline int __guard_mutex_kill_take(struct mutex *lock) { return mutex_lock_killable(lock) == 0; }
static inline void __guard_mutex_kill_drop(struct mutex *lock) { mutex_unlock(lock); }

/* struct rt_mutex. */
static inline void rt_mutex_init(struct rt_mutex *lock) { __kernel_rt_mutex_init(lock); }
static inline void rt_mutex_lock(struct rt_mutex *lock) { __kernel_might_sleep(); __kernel_rt_mutex_acquire(lock, 0); }
static inline void rt_mutex_lock_nested(struct rt_mutex *lock, unsigned int subclass) { __kernel_might_sleep(); __kernel_rt_mutex_acquire(lock, subclass); }
static inline int rt_mutex_lock_interruptible(struct rt_mutex *lock) { __kernel_might_sleep(); return __kernel_rt_mutex_acquire_interruptible(lock, 0); }
static inline int rt_mutex_lock_killable(struct rt_mutex *lock) { __kernel_might_sleep(); return __kernel_rt_mutex_acquire_killable(lock, 0); }
static inline int rt_mutex_trylock(struct rt_mutex *lock) { return __kernel_rt_mutex_try_acquire(lock); }
static inline void rt_mutex_unlock(struct rt_mutex *lock) { __kernel_rt_mutex_release(lock); }
static inline bool rt_mutex_is_locked(struct rt_mutex *lock) { return __kernel_rt_mutex_is_locked(lock); }

/* Guards without a lock. */
static inline void __guard_irq_take(void) { __kernel_irq_disable(); }
static inline void __guard_irq_drop(void) { __kernel_irq_enable(); }
static inline unsigned long __guard_irqsave_take(void) { return __kernel_irq_save(); }
static inline void __guard_irqsave_drop(unsigned long flags) { __kernel_irq_restore(flags); }
static inline void __guard_preempt_take(void) { __kernel_preempt_disable(); }
static inline void __guard_preempt_drop(void) { __kernel_preempt_enable(); }
static inline void __guard_bh_take(void) { __kernel_bh_disable(); }
static inline void __guard_bh_drop(void) { __kernel_bh_enable(); }

#define DEFINE_FREE(name, type, free) static inline void __free_##name(type _T) { free; }
#define DEFINE_GUARD(name, type, lock, unlock) \
	static inline void __guard_##name##_take(type _T) { lock; } \
	static inline void __guard_##name##_drop(type _T) { unlock; }
#define no_free_ptr(p) ({ typeof(p) __kept = (p); (p) = NULL; __kept; })
#define return_ptr(p) return no_free_ptr(p)
#define retain_and_null_ptr(p) ((void)no_free_ptr(p))

/* struct semaphore. */
static inline void sema_init(struct semaphore *sem, int count) { __kernel_sem_init(sem, count); }
static inline void down(struct semaphore *sem) { __kernel_might_sleep(); __kernel_sem_down(sem); }
static inline int down_interruptible(struct semaphore *sem) { __kernel_might_sleep(); return __kernel_sem_down_interruptible(sem); }
static inline int down_killable(struct semaphore *sem) { __kernel_might_sleep(); return __kernel_sem_down_killable(sem); }
static inline int down_timeout(struct semaphore *sem, long timeout) { __kernel_might_sleep(); return __kernel_sem_down_timeout(sem); }
static inline int down_trylock(struct semaphore *sem) { return !__kernel_sem_try_down(sem); }
static inline void up(struct semaphore *sem) { __kernel_sem_up(sem); }

/* struct completion. */
static inline void init_completion(struct completion *x) { __kernel_completion_init(x); }
static inline void reinit_completion(struct completion *x) { __kernel_completion_init(x); }
static inline void init_completion_onstack(struct completion *x) { __kernel_completion_init(x); }
static inline void wait_for_completion(struct completion *x) { __kernel_might_sleep(); __kernel_completion_wait(x); }
static inline void wait_for_completion_io(struct completion *x) { __kernel_might_sleep(); __kernel_completion_wait(x); }
static inline int wait_for_completion_interruptible(struct completion *x) { __kernel_might_sleep(); return __kernel_completion_wait_interruptible(x); }
static inline int wait_for_completion_killable(struct completion *x) { __kernel_might_sleep(); return __kernel_completion_wait_killable(x); }
static inline unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout) { __kernel_might_sleep(); return __kernel_completion_wait_timeout(x); }
static inline long wait_for_completion_interruptible_timeout(struct completion *x, unsigned long timeout) { __kernel_might_sleep(); return __kernel_completion_wait_interruptible_timeout(x); }
static inline long wait_for_completion_killable_timeout(struct completion *x, unsigned long timeout) { __kernel_might_sleep(); return __kernel_completion_wait_killable_timeout(x); }
static inline bool try_wait_for_completion(struct completion *x) { return __kernel_completion_try_wait(x); }
static inline bool completion_done(struct completion *x) { return __kernel_completion_done(x); }
static inline void complete(struct completion *x) { __kernel_complete(x); }
static inline void complete_all(struct completion *x)
{
#ifdef CONFIG_PREEMPT_RT
	(void)__kernel_assert_text(!__kernel_in_hardirq(), "lockdep_assert_RT_in_threaded_ctx()");
#endif
	__kernel_complete_all(x);
}

/* Assertions. */
#define might_lock(lock) __kernel_might_lock(lock)
#define might_lock_nested(lock, subclass) __kernel_might_lock_nested(lock, subclass)
#define might_lock_read(lock) __kernel_might_lock_read(lock)
#define lockdep_set_class(lock, key) __kernel_lock_set_class(lock, key)
#define lockdep_set_class_and_name(lock, key, name) __kernel_lock_set_class(lock, key)
#define lockdep_set_subclass(lock, subclass) __kernel_lock_set_subclass(lock, subclass)
#define lockdep_set_class_and_subclass(lock, key, subclass) ({ __kernel_lock_set_class(lock, key); __kernel_lock_set_subclass(lock, subclass); })
#define lockdep_set_novalidate_class(lock) __kernel_lock_set_class(lock, (struct lock_class_key *)0)
#define lockdep_assert_held(lock) __kernel_assert_held(lock)
#define lockdep_assert_held_once(lock) __kernel_assert_held(lock)
#define lockdep_assert_held_write(lock) __kernel_assert_held_write(lock)
#define lockdep_assert_held_read(lock) __kernel_assert_held_read(lock)
#define lockdep_assert_not_held(lock) __kernel_assert_not_held(lock)
#define lockdep_is_held(lock) __kernel_holds(lock)
#define lockdep_assert(condition) ((void)__kernel_lockdep_assert(condition))
#define lockdep_assert_once(condition) ((void)__kernel_lockdep_assert(condition))
#define lockdep_assert_irqs_disabled() ((void)__kernel_assert_text(__kernel_irqs_disabled(), "lockdep_assert_irqs_disabled()"))
#define lockdep_assert_irqs_enabled() ((void)__kernel_assert_text(!__kernel_irqs_disabled(), "lockdep_assert_irqs_enabled()"))
#define lockdep_assert_preemption_disabled() ((void)__kernel_assert_text(!__kernel_preemptible(), "lockdep_assert_preemption_disabled()"))
#define lockdep_assert_preemption_enabled() ((void)__kernel_assert_text(__kernel_preemptible(), "lockdep_assert_preemption_enabled()"))
#define lockdep_assert_in_softirq() ((void)__kernel_assert_text(__kernel_in_softirq() && !__kernel_in_hardirq(), "lockdep_assert_in_softirq()"))
#define lockdep_assert_in_irq() ((void)__kernel_assert_text(__kernel_in_hardirq(), "lockdep_assert_in_irq()"))
#define lockdep_assert_no_hardirq() ((void)__kernel_assert_text(!__kernel_in_hardirq(), "lockdep_assert_no_hardirq()"))
#define lockdep_assert_none_held_once() ((void)0)

/* What code tells the lock validator itself. */
#define __MAP_MAGIC 40
#define STATIC_LOCKDEP_MAP_INIT(name, key) { .__magic = __MAP_MAGIC }
static inline void lockdep_init_map(struct lockdep_map *map, const char *name, struct lock_class_key *key, int subclass)
{
	__kernel_map_init(map);
	__kernel_lock_set_class(map, key);
	__kernel_lock_set_subclass(map, subclass);
}
static inline void lock_map_acquire(struct lockdep_map *map) { __kernel_map_acquire(map); }
static inline void lock_map_acquire_read(struct lockdep_map *map) { __kernel_map_acquire_read(map); }
static inline void lock_map_acquire_try(struct lockdep_map *map) { __kernel_map_try_acquire(map); }
static inline void lock_map_acquire_tryread(struct lockdep_map *map) { __kernel_map_try_acquire_read(map); }
static inline void lock_map_release(struct lockdep_map *map) { __kernel_map_release(map); }
static inline void lock_map_sync(struct lockdep_map *map) { __kernel_map_sync(map); }
#define RCU_LOCKDEP_WARN(condition, text) ((void)__kernel_rcu_warn(condition, text))
#define __acquire(lock) ((void)0)
#define __release(lock) ((void)0)
