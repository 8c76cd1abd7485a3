/* Written by `BLESS=1 cargo test -p kernel-c --test stubs`: what the front end knows, for a C compiler. */
#pragma once
#pragma GCC system_header

/* Options, as they are where a scenario says nothing: KCONFIG() changes none of them here. */
#define CONFIG_64BIT 1
#define CONFIG_BOUND_FAILED_ALLOCATIONS 0
#define CONFIG_BOUND_INDICES 8
#define CONFIG_DEBUG_ATOMIC_SLEEP 1
#define CONFIG_DEBUG_LIST 1
#define CONFIG_HZ 250
#define CONFIG_LOCKDEP 1
#define CONFIG_MODULES 1
#define CONFIG_NR_CPUS 2
#define CONFIG_PREEMPT 1
#define CONFIG_PREEMPTION 1
#define CONFIG_PREEMPT_COUNT 1
#define CONFIG_PRINTK 1
#define CONFIG_PROVE_LOCKING 1
#define CONFIG_QUEUED_RWLOCKS 1
#define CONFIG_SMP 1

/* What only scenarios have that name it. */
#define __NAMES_RECLAIM 1
#define __NAMES_SHRINKERS 1
#define __NAMES_MMAP_LOCK 1

/* Annotations. Of locks and address spaces a C compiler knows nothing. */
#define ____cacheline_aligned
#define ____cacheline_aligned_in_smp
#define ____cacheline_internodealigned_in_smp
#define __always_unused __attribute__((__unused__))
#define __bitwise
#define __bpf_kfunc
#define __cacheline_aligned
#define __cacheline_aligned_in_smp
#define __cold
#define __cpuidle
#define __data_racy
#define __deprecated
#define __designated_init
#define __exit
#define __exitconst
#define __exitdata
#define __flatten
#define __force
#define __gnu_inline
#define __hot
#define __init
#define __init_or_module
#define __initconst
#define __initdata
#define __init_memblock
#define __irq_entry
#define __kernel
#define __kprobes
#define __latent_entropy
#define __lockfunc
#define __malloc
#define __maybe_unused __attribute__((__unused__))
#define __meminit
#define __must_check __attribute__((__warn_unused_result__))
#define __net_exit
#define __net_init
#define __no_kasan_or_inline
#define __no_kcsan
#define __no_randomize_layout
#define __no_sanitize_address
#define __nocast
#define __noinline
#define __nonstring
#define __noreturn __attribute__((__noreturn__))
#define __packed __attribute__((__packed__))
#define __private
#define __pure
#define __randomize_layout
#define __read_mostly
#define __ref
#define __refconst
#define __refdata
#define __ro_after_init
#define __safe
#define __sched
#define __softirq_entry
#define __stackalign
#define __syscall_entry
#define __unused __attribute__((__unused__))
#define __used __attribute__((__unused__))
#define __visible
#define __weak
#define asmlinkage
#define fastcall
#define noinline __attribute__((__noinline__))
#define noinline_for_stack
#define noinstr
#define nokprobe_inline inline
#define notrace
#define randomized_struct_fields_end
#define randomized_struct_fields_start
#define __acquires(...)
#define __acquires_shared(...)
#define __aligned(...) __attribute__((__aligned__(__VA_ARGS__)))
#define __alloc_size(...)
#define __assume_aligned(...)
#define __cleanup(...) __attribute__((__cleanup__(__VA_ARGS__)))
#define __cond_acquires(...)
#define __cond_acquires_shared(...)
#define __cond_releases(...)
#define __counted_by(...)
#define __counted_by_be(...)
#define __counted_by_le(...)
#define __free(...) __LOCKLAB_FREE(__VA_ARGS__)
#define __guarded_by(...)
#define __must_hold(...)
#define __must_hold_shared(...)
#define __no_sanitize(...)
#define __printf(...) __attribute__((__format__(__printf__, __VA_ARGS__)))
#define __pt_guarded_by(...)
#define __realloc_size(...)
#define __releases(...)
#define __releases_shared(...)
#define __scanf(...)
#define __section(...)

#include "language.h"

/* The primitives of the prelude: so many arguments, and what they give. */
extern void __kernel_nothing(int arguments, ...);
extern int __kernel_int(int arguments, ...);
extern unsigned long __kernel_flags(int arguments, ...);
extern long __kernel_long(int arguments, ...);
extern void *__kernel_pointer(int arguments, ...);
#define __kernel_alloc_size(a) __kernel_flags(1, a)
#define __kernel_assert_held(a) __kernel_nothing(1, a)
#define __kernel_assert_held_read(a) __kernel_nothing(1, a)
#define __kernel_assert_held_write(a) __kernel_nothing(1, a)
#define __kernel_assert_not_held(a) __kernel_nothing(1, a)
#define __kernel_beyond_indices() __kernel_nothing(0)
#define __kernel_bh_disable() __kernel_nothing(0)
#define __kernel_bh_enable() __kernel_nothing(0)
#define __kernel_call_rcu(a, b, c, d) __kernel_nothing(4, a, b, c, d)
#define __kernel_call_rcu_tasks(a, b, c, d) __kernel_nothing(4, a, b, c, d)
#define __kernel_call_srcu(a, b, c, d) __kernel_nothing(4, a, b, c, d)
#define __kernel_cancel_work(a) __kernel_int(1, a)
#define __kernel_compiler_fence() __kernel_nothing(0)
#define __kernel_complete(a) __kernel_nothing(1, a)
#define __kernel_complete_all(a) __kernel_nothing(1, a)
#define __kernel_completion_done(a) __kernel_int(1, a)
#define __kernel_completion_init(a) __kernel_nothing(1, a)
#define __kernel_completion_try_wait(a) __kernel_int(1, a)
#define __kernel_completion_wait(a) __kernel_long(1, a)
#define __kernel_completion_wait_interruptible(a) __kernel_long(1, a)
#define __kernel_completion_wait_interruptible_timeout(a) __kernel_long(1, a)
#define __kernel_completion_wait_killable(a) __kernel_long(1, a)
#define __kernel_completion_wait_killable_timeout(a) __kernel_long(1, a)
#define __kernel_completion_wait_timeout(a) __kernel_long(1, a)
#define __kernel_cond_resched() __kernel_nothing(0)
#define __kernel_copy_from_user(a, b, c) __kernel_flags(3, a, b, c)
#define __kernel_copy_to_user(a, b, c) __kernel_flags(3, a, b, c)
#define __kernel_current() __kernel_pointer(0)
#define __kernel_current_work() __kernel_pointer(0)
#define __kernel_disable_irq(a) __kernel_nothing(1, a)
#define __kernel_disable_work(a) __kernel_int(1, a)
#define __kernel_downgrade(a) __kernel_nothing(1, a)
#define __kernel_enable_irq(a) __kernel_nothing(1, a)
#define __kernel_enable_work(a) __kernel_int(1, a)
#define __kernel_expire_work(a) __kernel_nothing(1, a)
#define __kernel_fatal_signal_pending() __kernel_int(0)
#define __kernel_flush_cancelled_work(a) __kernel_int(1, a)
#define __kernel_flush_work(a) __kernel_int(1, a)
#define __kernel_flush_workqueue(a) __kernel_nothing(1, a)
#define __kernel_free(a) __kernel_nothing(1, a)
#define __kernel_free_irq(a, b) __kernel_pointer(2, a, b)
#define __kernel_full_fence() __kernel_nothing(0)
#define __kernel_gp_begin(a) __kernel_nothing(1, a)
#define __kernel_gp_poll(a) __kernel_int(1, a)
#define __kernel_gp_state(a) __kernel_flags(1, a)
#define __kernel_gp_wait(a) __kernel_nothing(1, a)
#define __kernel_holds(a) __kernel_int(1, a)
#define __kernel_hrtimer_cancel(a) __kernel_int(1, a)
#define __kernel_hrtimer_init(a, b, c) __kernel_int(3, a, b, c)
#define __kernel_hrtimer_pending(a) __kernel_int(1, a)
#define __kernel_hrtimer_start(a, b, c) __kernel_int(3, a, b, c)
#define __kernel_hrtimer_try_cancel(a) __kernel_int(1, a)
#define __kernel_in_atomic() __kernel_int(0)
#define __kernel_in_hardirq() __kernel_int(0)
#define __kernel_in_interrupt() __kernel_int(0)
#define __kernel_in_nmi() __kernel_int(0)
#define __kernel_in_serving_softirq() __kernel_int(0)
#define __kernel_in_softirq() __kernel_int(0)
#define __kernel_in_task() __kernel_int(0)
#define __kernel_irq_disable() __kernel_nothing(0)
#define __kernel_irq_enable() __kernel_nothing(0)
#define __kernel_irq_freed(a, b) __kernel_nothing(2, a, b)
#define __kernel_irq_restore(a) __kernel_nothing(1, a)
#define __kernel_irq_save() __kernel_flags(0)
#define __kernel_irq_wake_thread(a, b) __kernel_nothing(2, a, b)
#define __kernel_irq_work_init(a, b, c) __kernel_nothing(3, a, b, c)
#define __kernel_irq_work_is(a, b) __kernel_int(2, a, b)
#define __kernel_irq_work_queue(a, b) __kernel_int(2, a, b)
#define __kernel_irq_work_release(a) __kernel_nothing(1, a)
#define __kernel_irq_work_sync(a) __kernel_nothing(1, a)
#define __kernel_irqs_disabled() __kernel_int(0)
#define __kernel_jiffies() __kernel_flags(0)
#define __kernel_kthread_bind(a, b) __kernel_nothing(2, a, b)
#define __kernel_kthread_exit(a) __kernel_nothing(1, a)
#define __kernel_kthread_park(a) __kernel_int(1, a)
#define __kernel_kthread_park_wait(a) __kernel_nothing(1, a)
#define __kernel_kthread_parkme() __kernel_nothing(0)
#define __kernel_kthread_should_park() __kernel_int(0)
#define __kernel_kthread_should_stop() __kernel_int(0)
#define __kernel_kthread_stop_request(a) __kernel_nothing(1, a)
#define __kernel_kthread_stop_wait(a) __kernel_int(1, a)
#define __kernel_kthread_unpark(a) __kernel_nothing(1, a)
#define __kernel_local_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_local_init(a) __kernel_nothing(1, a)
#define __kernel_local_release(a) __kernel_nothing(1, a)
#define __kernel_lock_set_class(a, b) __kernel_nothing(2, a, b)
#define __kernel_lock_set_subclass(a, b) __kernel_nothing(2, a, b)
#define __kernel_map_acquire(a) __kernel_nothing(1, a)
#define __kernel_map_acquire_read(a) __kernel_nothing(1, a)
#define __kernel_map_init(a) __kernel_nothing(1, a)
#define __kernel_map_release(a) __kernel_nothing(1, a)
#define __kernel_map_sync(a) __kernel_nothing(1, a)
#define __kernel_map_try_acquire(a) __kernel_nothing(1, a)
#define __kernel_map_try_acquire_read(a) __kernel_nothing(1, a)
#define __kernel_memalloc_flags() __kernel_int(0)
#define __kernel_memalloc_restore(a) __kernel_nothing(1, a)
#define __kernel_memalloc_save(a) __kernel_int(1, a)
#define __kernel_might_alloc(a) __kernel_nothing(1, a)
#define __kernel_might_lock(a) __kernel_nothing(1, a)
#define __kernel_might_lock_nested(a, b) __kernel_nothing(2, a, b)
#define __kernel_might_lock_read(a) __kernel_nothing(1, a)
#define __kernel_might_sleep() __kernel_nothing(0)
#define __kernel_migrate_disable() __kernel_nothing(0)
#define __kernel_migrate_enable() __kernel_nothing(0)
#define __kernel_migration_disabled() __kernel_int(0)
#define __kernel_mod_work(a, b, c, d) __kernel_int(4, a, b, c, d)
#define __kernel_msleep() __kernel_nothing(0)
#define __kernel_mutex_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_mutex_acquire_interruptible(a, b) __kernel_int(2, a, b)
#define __kernel_mutex_acquire_killable(a, b) __kernel_int(2, a, b)
#define __kernel_mutex_acquire_nest(a, b) __kernel_int(2, a, b)
#define __kernel_mutex_init(a) __kernel_nothing(1, a)
#define __kernel_mutex_is_locked(a) __kernel_int(1, a)
#define __kernel_mutex_release(a) __kernel_nothing(1, a)
#define __kernel_mutex_try_acquire(a) __kernel_int(1, a)
#define __kernel_napi_complete(a) __kernel_int(1, a)
#define __kernel_napi_delete(a) __kernel_nothing(1, a)
#define __kernel_napi_disable(a) __kernel_nothing(1, a)
#define __kernel_napi_enable(a) __kernel_int(1, a)
#define __kernel_napi_init(a, b, c) __kernel_nothing(3, a, b, c)
#define __kernel_napi_prep(a) __kernel_int(1, a)
#define __kernel_napi_schedule(a) __kernel_int(1, a)
#define __kernel_napi_scheduled(a) __kernel_int(1, a)
#define __kernel_napi_take(a) __kernel_nothing(1, a)
#define __kernel_napi_wait(a) __kernel_nothing(1, a)
#define __kernel_not_a_leak(a, b) __kernel_nothing(2, a, b)
#define __kernel_open_softirq(a, b) __kernel_nothing(2, a, b)
#define __kernel_page_fault() __kernel_int(0)
#define __kernel_pagefault_disable() __kernel_nothing(0)
#define __kernel_pagefault_disabled() __kernel_int(0)
#define __kernel_pagefault_enable() __kernel_nothing(0)
#define __kernel_percpu_read_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_percpu_read_release(a) __kernel_nothing(1, a)
#define __kernel_percpu_read_try_acquire(a) __kernel_int(1, a)
#define __kernel_percpu_wake(a) __kernel_nothing(1, a)
#define __kernel_percpu_write_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_percpu_write_init(a) __kernel_nothing(1, a)
#define __kernel_percpu_write_is_locked(a) __kernel_int(1, a)
#define __kernel_percpu_write_release(a) __kernel_nothing(1, a)
#define __kernel_preempt_count() __kernel_int(0)
#define __kernel_preempt_disable() __kernel_nothing(0)
#define __kernel_preempt_enable() __kernel_nothing(0)
#define __kernel_preemptible() __kernel_int(0)
#define __kernel_queue_rcu_work(a, b) __kernel_int(2, a, b)
#define __kernel_queue_work(a, b, c, d) __kernel_int(4, a, b, c, d)
#define __kernel_raise_softirq(a) __kernel_nothing(1, a)
#define __kernel_raw_smp_processor_id() __kernel_int(0)
#define __kernel_raw_spin_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_raw_spin_init(a) __kernel_nothing(1, a)
#define __kernel_raw_spin_is_locked(a) __kernel_int(1, a)
#define __kernel_raw_spin_release(a) __kernel_nothing(1, a)
#define __kernel_raw_spin_try_acquire(a) __kernel_int(1, a)
#define __kernel_rcu_barrier_begin(a) __kernel_nothing(1, a)
#define __kernel_rcu_barrier_wait() __kernel_nothing(0)
#define __kernel_rcu_read_held() __kernel_int(0)
#define __kernel_rcu_read_lock() __kernel_nothing(0)
#define __kernel_rcu_read_unlock() __kernel_nothing(0)
#define __kernel_read_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_read_fence() __kernel_nothing(0)
#define __kernel_read_release(a) __kernel_nothing(1, a)
#define __kernel_read_try_acquire(a) __kernel_int(1, a)
#define __kernel_reads_atomically(a) __kernel_nothing(1, a)
#define __kernel_reclaims() __kernel_int(0)
#define __kernel_relax() __kernel_nothing(0)
#define __kernel_rt_mutex_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_rt_mutex_acquire_interruptible(a, b) __kernel_int(2, a, b)
#define __kernel_rt_mutex_acquire_killable(a, b) __kernel_int(2, a, b)
#define __kernel_rt_mutex_init(a) __kernel_nothing(1, a)
#define __kernel_rt_mutex_is_locked(a) __kernel_int(1, a)
#define __kernel_rt_mutex_release(a) __kernel_nothing(1, a)
#define __kernel_rt_mutex_try_acquire(a) __kernel_int(1, a)
#define __kernel_rt_read_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_rt_read_release(a) __kernel_nothing(1, a)
#define __kernel_rt_read_try_acquire(a) __kernel_int(1, a)
#define __kernel_rt_spin_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_rt_spin_acquire_nest(a, b) __kernel_int(2, a, b)
#define __kernel_rt_spin_init(a) __kernel_nothing(1, a)
#define __kernel_rt_spin_is_locked(a) __kernel_int(1, a)
#define __kernel_rt_spin_release(a) __kernel_nothing(1, a)
#define __kernel_rt_spin_try_acquire(a) __kernel_int(1, a)
#define __kernel_rt_write_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_rt_write_init(a) __kernel_nothing(1, a)
#define __kernel_rt_write_release(a) __kernel_nothing(1, a)
#define __kernel_rt_write_try_acquire(a) __kernel_int(1, a)
#define __kernel_rtlock_might_resched() __kernel_nothing(0)
#define __kernel_rude_gp_begin(a) __kernel_nothing(1, a)
#define __kernel_rude_gp_wait(a) __kernel_nothing(1, a)
#define __kernel_rwsem_read_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_rwsem_read_acquire_interruptible(a, b) __kernel_int(2, a, b)
#define __kernel_rwsem_read_acquire_killable(a, b) __kernel_int(2, a, b)
#define __kernel_rwsem_read_acquire_nest(a, b) __kernel_int(2, a, b)
#define __kernel_rwsem_read_release(a) __kernel_nothing(1, a)
#define __kernel_rwsem_read_try_acquire(a) __kernel_int(1, a)
#define __kernel_rwsem_write_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_rwsem_write_acquire_killable(a, b) __kernel_int(2, a, b)
#define __kernel_rwsem_write_acquire_nest(a, b) __kernel_int(2, a, b)
#define __kernel_rwsem_write_init(a) __kernel_nothing(1, a)
#define __kernel_rwsem_write_is_locked(a) __kernel_int(1, a)
#define __kernel_rwsem_write_release(a) __kernel_nothing(1, a)
#define __kernel_rwsem_write_try_acquire(a) __kernel_int(1, a)
#define __kernel_schedule() __kernel_long(0)
#define __kernel_schedule_timeout() __kernel_long(0)
#define __kernel_sem_down(a) __kernel_int(1, a)
#define __kernel_sem_down_interruptible(a) __kernel_int(1, a)
#define __kernel_sem_down_killable(a) __kernel_int(1, a)
#define __kernel_sem_down_timeout(a) __kernel_int(1, a)
#define __kernel_sem_init(a, b) __kernel_nothing(2, a, b)
#define __kernel_sem_try_down(a) __kernel_int(1, a)
#define __kernel_sem_up(a) __kernel_nothing(1, a)
#define __kernel_set_priority(a, b) __kernel_nothing(2, a, b)
#define __kernel_set_state(a) __kernel_nothing(1, a)
#define __kernel_signal_pending() __kernel_int(0)
#define __kernel_smp_processor_id() __kernel_int(0)
#define __kernel_spin_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_spin_acquire_nest(a, b) __kernel_int(2, a, b)
#define __kernel_spin_for_work(a) __kernel_int(1, a)
#define __kernel_spin_init(a) __kernel_nothing(1, a)
#define __kernel_spin_is_locked(a) __kernel_int(1, a)
#define __kernel_spin_release(a) __kernel_nothing(1, a)
#define __kernel_spin_try_acquire(a) __kernel_int(1, a)
#define __kernel_srcu_barrier_begin(a) __kernel_nothing(1, a)
#define __kernel_srcu_cleanup(a) __kernel_nothing(1, a)
#define __kernel_srcu_down_read(a) __kernel_int(1, a)
#define __kernel_srcu_gp_begin(a) __kernel_nothing(1, a)
#define __kernel_srcu_gp_state(a) __kernel_flags(1, a)
#define __kernel_srcu_gp_wait(a) __kernel_nothing(1, a)
#define __kernel_srcu_init(a) __kernel_nothing(1, a)
#define __kernel_srcu_read_held(a) __kernel_int(1, a)
#define __kernel_srcu_read_lock(a) __kernel_int(1, a)
#define __kernel_srcu_read_lock_nmisafe(a) __kernel_int(1, a)
#define __kernel_srcu_read_unlock(a, b) __kernel_nothing(2, a, b)
#define __kernel_srcu_up_read(a, b) __kernel_nothing(2, a, b)
#define __kernel_stay_on_cpu() __kernel_nothing(0)
#define __kernel_sync_irq(a) __kernel_nothing(1, a)
#define __kernel_sync_irq_threads(a) __kernel_nothing(1, a)
#define __kernel_task_get(a) __kernel_nothing(1, a)
#define __kernel_task_put(a) __kernel_nothing(1, a)
#define __kernel_tasklet_disable(a) __kernel_nothing(1, a)
#define __kernel_tasklet_enable(a) __kernel_nothing(1, a)
#define __kernel_tasklet_hi_schedule(a) __kernel_nothing(1, a)
#define __kernel_tasklet_init(a, b, c) __kernel_nothing(3, a, b, c)
#define __kernel_tasklet_init_old(a, b, c) __kernel_nothing(3, a, b, c)
#define __kernel_tasklet_kill(a) __kernel_nothing(1, a)
#define __kernel_tasklet_kill_wait(a) __kernel_nothing(1, a)
#define __kernel_tasklet_schedule(a) __kernel_nothing(1, a)
#define __kernel_tasklet_spin_wait(a) __kernel_nothing(1, a)
#define __kernel_tasklet_wait(a) __kernel_nothing(1, a)
#define __kernel_tasks_barrier_begin(a) __kernel_nothing(1, a)
#define __kernel_tasks_gp_begin(a) __kernel_nothing(1, a)
#define __kernel_tasks_gp_wait(a) __kernel_nothing(1, a)
#define __kernel_tasks_qs() __kernel_nothing(0)
#define __kernel_timer_add(a, b, c) __kernel_int(3, a, b, c)
#define __kernel_timer_add_on(a, b, c) __kernel_int(3, a, b, c)
#define __kernel_timer_delete(a) __kernel_int(1, a)
#define __kernel_timer_delete_sync(a) __kernel_int(1, a)
#define __kernel_timer_init(a, b, c) __kernel_int(3, a, b, c)
#define __kernel_timer_mod(a, b, c) __kernel_int(3, a, b, c)
#define __kernel_timer_mod_pending(a, b, c) __kernel_int(3, a, b, c)
#define __kernel_timer_pending(a) __kernel_int(1, a)
#define __kernel_timer_reduce(a, b, c) __kernel_int(3, a, b, c)
#define __kernel_timer_shutdown(a) __kernel_int(1, a)
#define __kernel_timer_shutdown_sync(a) __kernel_int(1, a)
#define __kernel_timer_touch(a) __kernel_nothing(1, a)
#define __kernel_timer_try_delete(a) __kernel_int(1, a)
#define __kernel_wake_up(a, b) __kernel_int(2, a, b)
#define __kernel_work_busy(a) __kernel_int(1, a)
#define __kernel_work_init(a, b) __kernel_nothing(2, a, b)
#define __kernel_work_is_bh(a) __kernel_int(1, a)
#define __kernel_work_pending(a) __kernel_int(1, a)
#define __kernel_wq_drain(a, b) __kernel_nothing(2, a, b)
#define __kernel_wq_drained(a) __kernel_nothing(1, a)
#define __kernel_wq_wait_empty(a) __kernel_nothing(1, a)
#define __kernel_write_acquire(a, b) __kernel_int(2, a, b)
#define __kernel_write_fence() __kernel_nothing(0)
#define __kernel_write_init(a) __kernel_nothing(1, a)
#define __kernel_write_release(a) __kernel_nothing(1, a)
#define __kernel_write_try_acquire(a) __kernel_int(1, a)
#define __kernel_writes_atomically(a) __kernel_nothing(1, a)
#define __kernel_ww_acquire_done(a) __kernel_nothing(1, a)
#define __kernel_ww_acquire_fini(a) __kernel_nothing(1, a)
#define __kernel_ww_acquire_init(a, b) __kernel_nothing(2, a, b)
#define __kernel_ww_acquire_nest(a, b) __kernel_int(2, a, b)
#define __kernel_ww_acquire_nest_interruptible(a, b) __kernel_int(2, a, b)
#define __kernel_ww_init(a, b) __kernel_nothing(2, a, b)
#define __kernel_ww_is_locked(a) __kernel_int(1, a)
#define __kernel_ww_release(a) __kernel_nothing(1, a)
#define __kernel_ww_try_acquire(a, b) __kernel_int(2, a, b)

/* The API itself. */
#include "../prelude/types.h"
#include "../prelude/compiler.h"
#include "../prelude/locks.h"
#include "../prelude/percpu_rwsem.h"
#include "../prelude/ww_mutex.h"
#include "../prelude/atomic.h"
#include "../prelude/percpu.h"
#include "../prelude/list.h"
#include "../prelude/bit_spinlock.h"
#include "../prelude/sched.h"
#include "../prelude/rt.h"
#include "../prelude/softirq.h"
#include "../prelude/memory.h"
#include "../prelude/uaccess.h"
#include "../prelude/device.h"
#include "../prelude/kthread.h"
#include "../prelude/reclaim.h"
#include "../prelude/net.h"
#include "../prelude/workqueue.h"
#include "../prelude/seqlock.h"
#include "../prelude/rcu.h"
#include "../prelude/percpu_counter.h"
#include "../prelude/smp.h"
#include "../prelude/kfifo.h"
#include "../prelude/idr.h"
#include "../prelude/driver.h"
#include "rig.h"
