/* struct percpu_rw_semaphore, and the one that keeps CPUs from coming and going. */

struct percpu_rw_semaphore {
	u8 __owner, __magic;
	u16 __count;
} __aligned(4);
#define __PERCPU_RWSEM_INITIALIZER(name) __LOCK_INITIALISED(struct percpu_rw_semaphore, 14)
#define DEFINE_PERCPU_RWSEM(name) struct percpu_rw_semaphore name = __PERCPU_RWSEM_INITIALIZER(name)
#define DEFINE_STATIC_PERCPU_RWSEM(name) static DEFINE_PERCPU_RWSEM(name)
#define percpu_init_rwsem(sem) ({ struct percpu_rw_semaphore *__sem = (sem); __kernel_percpu_write_init(__sem); 0; })
static inline void percpu_down_read(struct percpu_rw_semaphore *sem) { __kernel_might_sleep(); __kernel_percpu_read_acquire(sem, 0); }
static inline bool percpu_down_read_trylock(struct percpu_rw_semaphore *sem) { return __kernel_percpu_read_try_acquire(sem); }
static inline void percpu_up_read(struct percpu_rw_semaphore *sem) { __kernel_percpu_read_release(sem); }
static inline void percpu_down_write(struct percpu_rw_semaphore *sem) { __kernel_might_sleep(); __kernel_percpu_write_acquire(sem, 0); }
static inline void percpu_up_write(struct percpu_rw_semaphore *sem)
{
	__kernel_percpu_write_release(sem);
	__kernel_percpu_wake(sem);
}
static inline bool percpu_is_write_locked(struct percpu_rw_semaphore *sem) { return __kernel_percpu_write_is_locked(sem) == 1; }
static inline bool percpu_is_read_locked(struct percpu_rw_semaphore *sem) { return __kernel_percpu_write_is_locked(sem) == 2; }
static inline void percpu_free_rwsem(struct percpu_rw_semaphore *sem) { __kernel_lockdep_assert(!__kernel_percpu_write_is_locked(sem)); }
#define percpu_rwsem_assert_held(sem) __kernel_assert_held(sem)
#define percpu_rwsem_is_held(sem) __kernel_holds(sem)
static inline void __guard_percpu_read_take(struct percpu_rw_semaphore *sem) { percpu_down_read(sem); }
static inline void __guard_percpu_read_drop(struct percpu_rw_semaphore *sem) { percpu_up_read(sem); }
static inline int __guard_percpu_read_try_take(struct percpu_rw_semaphore *sem) { return percpu_down_read_trylock(sem); }
static inline void __guard_percpu_read_try_drop(struct percpu_rw_semaphore *sem) { percpu_up_read(sem); }
static inline void __guard_percpu_write_take(struct percpu_rw_semaphore *sem) { percpu_down_write(sem); }
static inline void __guard_percpu_write_drop(struct percpu_rw_semaphore *sem) { percpu_up_write(sem); }

/* kernel/cpu.c */
static DEFINE_PERCPU_RWSEM(cpu_hotplug_lock);
static inline void cpus_read_lock(void) { percpu_down_read(&cpu_hotplug_lock); }
static inline int cpus_read_trylock(void) { return percpu_down_read_trylock(&cpu_hotplug_lock); }
static inline void cpus_read_unlock(void) { percpu_up_read(&cpu_hotplug_lock); }
static inline void cpus_write_lock(void) { percpu_down_write(&cpu_hotplug_lock); }
static inline void cpus_write_unlock(void) { percpu_up_write(&cpu_hotplug_lock); }
static inline void lockdep_assert_cpus_held(void) { __kernel_assert_held(&cpu_hotplug_lock); }
static inline int lockdep_is_cpus_held(void) { return __kernel_holds(&cpu_hotplug_lock); }
static inline void __guard_cpus_read_lock_take(void) { cpus_read_lock(); }
static inline void __guard_cpus_read_lock_drop(void) { cpus_read_unlock(); }
