/* Softirqs, tasklets, timers, hrtimers. */

enum {
	HI_SOFTIRQ,
	TIMER_SOFTIRQ,
	NET_TX_SOFTIRQ,
	NET_RX_SOFTIRQ,
	BLOCK_SOFTIRQ,
	IRQ_POLL_SOFTIRQ,
	TASKLET_SOFTIRQ,
	SCHED_SOFTIRQ,
	HRTIMER_SOFTIRQ,
	RCU_SOFTIRQ,
	NR_SOFTIRQS
};

/* As since 6.11 a handler takes nothing; one that takes its vector's struct, as before, is given the number. */
static inline void open_softirq(int nr, void (*action)(void)) { __kernel_open_softirq(nr, action); }
static inline void raise_softirq(unsigned int nr) { __kernel_raise_softirq(nr); }
static inline void raise_softirq_irqoff(unsigned int nr)
{
	lockdep_assert_irqs_disabled();
	__kernel_raise_softirq(nr);
}
static inline void __raise_softirq_irqoff(unsigned int nr)
{
	lockdep_assert_irqs_disabled();
	__kernel_raise_softirq(nr);
}

/* Tasklets. */
#define DECLARE_TASKLET(name, function) struct tasklet_struct name = { .__magic = 16, .callback = function }
#define DECLARE_TASKLET_DISABLED(name, function) struct tasklet_struct name = { .__magic = 16, .__disabled = 1, .callback = function }
#define DECLARE_TASKLET_OLD(name, function) struct tasklet_struct name = { .__magic = 16, .__state = 2, .func = function }
#define DECLARE_TASKLET_DISABLED_OLD(name, function) struct tasklet_struct name = { .__magic = 16, .__state = 2, .__disabled = 1, .func = function }
#define from_tasklet(var, callback_tasklet, field) container_of(callback_tasklet, typeof(*var), field)
static inline void tasklet_setup(struct tasklet_struct *t, void (*callback)(struct tasklet_struct *)) { __kernel_tasklet_init(t, callback, 0); }
static inline void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long), unsigned long data) { __kernel_tasklet_init_old(t, func, data); }
static inline void tasklet_schedule(struct tasklet_struct *t) { __kernel_tasklet_schedule(t); }
static inline void tasklet_hi_schedule(struct tasklet_struct *t) { __kernel_tasklet_hi_schedule(t); }
static inline void tasklet_disable_nosync(struct tasklet_struct *t) { __kernel_tasklet_disable(t); }
static inline void tasklet_disable_in_atomic(struct tasklet_struct *t)
{
	__kernel_tasklet_disable(t);
	__kernel_tasklet_spin_wait(t);
}
static inline void tasklet_disable(struct tasklet_struct *t)
{
	__kernel_tasklet_disable(t);
	__kernel_might_sleep();
	__kernel_tasklet_wait(t);
}
static inline void tasklet_enable(struct tasklet_struct *t) { __kernel_tasklet_enable(t); }
/* In an interrupt that is said, and nothing more is. */
static inline void tasklet_kill(struct tasklet_struct *t)
{
	if (!__kernel_in_interrupt())
		__kernel_might_sleep();
	__kernel_tasklet_kill(t);
	__kernel_tasklet_kill_wait(t);
}

/* Time. A comparison with jiffies may find that the time has come. */
#define jiffies __kernel_jiffies()
#define jiffies_64 __kernel_jiffies()
#define get_jiffies_64() __kernel_jiffies()
#define time_after(a, b) __kernel_time_after(a, b)
#define time_before(a, b) __kernel_time_after(b, a)
#define time_after_eq(a, b) (!__kernel_time_after(b, a))
#define time_before_eq(a, b) (!__kernel_time_after(a, b))
#define time_in_range(a, b, c) (time_after_eq(a, b) && time_before_eq(a, c))
#define time_in_range_open(a, b, c) (time_after_eq(a, b) && time_before(a, c))
#define time_after64(a, b) time_after(a, b)
#define time_before64(a, b) time_before(a, b)
#define time_after_eq64(a, b) time_after_eq(a, b)
#define time_before_eq64(a, b) time_before_eq(a, b)
#define time_in_range64(a, b, c) time_in_range(a, b, c)
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define time_is_after_jiffies(a) time_before(jiffies, a)
#define time_is_before_eq_jiffies(a) time_after_eq(jiffies, a)
#define time_is_after_eq_jiffies(a) time_before_eq(jiffies, a)
#define time_is_before_jiffies64(a) time_after(jiffies, a)
#define time_is_after_jiffies64(a) time_before(jiffies, a)

/* Timers: when one expires does not depend on what it is set to. */
#define TIMER_DEFERRABLE 0x00080000
#define TIMER_PINNED 0x00100000
#define TIMER_IRQSAFE 0x00200000
#define DEFINE_TIMER(name, callback) struct timer_list name = { .__magic = 17, .function = callback }
#define from_timer(var, callback_timer, field) container_of(callback_timer, typeof(*var), field)
#define timer_container_of(var, callback_timer, field) container_of(callback_timer, typeof(*var), field)
static inline void timer_setup(struct timer_list *timer, void (*callback)(struct timer_list *), unsigned int flags) { __kernel_timer_init(timer, callback, flags); }
static inline void timer_setup_on_stack(struct timer_list *timer, void (*callback)(struct timer_list *), unsigned int flags) { __kernel_timer_init(timer, callback, flags); }
static inline void timer_destroy_on_stack(struct timer_list *timer) { }
static inline void destroy_timer_on_stack(struct timer_list *timer) { }
static inline int timer_pending(const struct timer_list *timer) { return __kernel_timer_pending(timer); }
static inline int mod_timer(struct timer_list *timer, unsigned long expires) { return __kernel_timer_mod(timer, expires, 0); }
static inline int mod_timer_pending(struct timer_list *timer, unsigned long expires) { return __kernel_timer_mod_pending(timer, expires, 0); }
static inline int timer_reduce(struct timer_list *timer, unsigned long expires) { return __kernel_timer_reduce(timer, expires, 0); }
static inline void add_timer(struct timer_list *timer)
{
	if (WARN_ON_ONCE(timer_pending(timer)))
		return;
	__kernel_timer_add(timer, 0, 0);
}
static inline void add_timer_on(struct timer_list *timer, int cpu)
{
	if (WARN_ON_ONCE(timer_pending(timer)))
		return;
	__kernel_timer_add_on(timer, 0, cpu);
}
static inline int timer_delete(struct timer_list *timer) { return __kernel_timer_delete(timer); }
static inline int del_timer(struct timer_list *timer) { return __kernel_timer_delete(timer); }
static inline int timer_shutdown(struct timer_list *timer) { return __kernel_timer_shutdown(timer); }
static inline int timer_delete_sync(struct timer_list *timer) { __kernel_timer_touch(timer); return __kernel_timer_delete_sync(timer); }
static inline int del_timer_sync(struct timer_list *timer) { __kernel_timer_touch(timer); return __kernel_timer_delete_sync(timer); }
static inline int del_singleshot_timer_sync(struct timer_list *timer) { __kernel_timer_touch(timer); return __kernel_timer_delete_sync(timer); }
static inline int timer_shutdown_sync(struct timer_list *timer) { __kernel_timer_touch(timer); return __kernel_timer_shutdown_sync(timer); }
static inline int try_to_del_timer_sync(struct timer_list *timer) { return __kernel_timer_try_delete(timer); }
static inline unsigned long msecs_to_jiffies(unsigned int msecs) { return ((unsigned long)msecs * HZ + 999) / 1000; }
static inline unsigned long usecs_to_jiffies(unsigned int usecs) { return ((unsigned long)usecs * HZ + 999999) / 1000000; }
static inline unsigned long secs_to_jiffies(unsigned int secs) { return (unsigned long)secs * HZ; }
static inline unsigned int jiffies_to_msecs(unsigned long ticks) { return ticks * (1000 / HZ); }
static inline unsigned long round_jiffies(unsigned long ticks) { return ticks; }
static inline unsigned long round_jiffies_relative(unsigned long ticks) { return ticks; }

/* hrtimers. Time is in nanoseconds, and abstract: when a timer expires does not depend on it. */
typedef s64 ktime_t;
enum hrtimer_mode {
	HRTIMER_MODE_ABS = 0,
	HRTIMER_MODE_REL = 1,
	HRTIMER_MODE_PINNED = 2,
	HRTIMER_MODE_SOFT = 4,
	HRTIMER_MODE_HARD = 8,
	HRTIMER_MODE_ABS_PINNED = 2,
	HRTIMER_MODE_REL_PINNED = 3,
	HRTIMER_MODE_ABS_SOFT = 4,
	HRTIMER_MODE_REL_SOFT = 5,
	HRTIMER_MODE_ABS_PINNED_SOFT = 6,
	HRTIMER_MODE_REL_PINNED_SOFT = 7,
	HRTIMER_MODE_ABS_HARD = 8,
	HRTIMER_MODE_REL_HARD = 9,
	HRTIMER_MODE_ABS_PINNED_HARD = 10,
	HRTIMER_MODE_REL_PINNED_HARD = 11,
};
typedef int clockid_t;
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_BOOTTIME 7
#define NSEC_PER_SEC 1000000000L
#define NSEC_PER_MSEC 1000000L
#define NSEC_PER_USEC 1000L
#define USEC_PER_SEC 1000000L
#define MSEC_PER_SEC 1000L
static inline ktime_t ktime_set(s64 secs, unsigned long nsecs) { return secs * NSEC_PER_SEC + (s64)nsecs; }
static inline ktime_t ns_to_ktime(u64 ns) { return ns; }
static inline ktime_t us_to_ktime(u64 us) { return us * NSEC_PER_USEC; }
static inline ktime_t ms_to_ktime(u64 ms) { return ms * NSEC_PER_MSEC; }
static inline void hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *), clockid_t clock, enum hrtimer_mode mode) { __kernel_hrtimer_init(timer, function, mode); }
static inline void hrtimer_init(struct hrtimer *timer, clockid_t clock, enum hrtimer_mode mode) { __kernel_hrtimer_init(timer, 0, mode); }
static inline void hrtimer_start(struct hrtimer *timer, ktime_t time, const enum hrtimer_mode mode) { __kernel_hrtimer_start(timer, time, mode); }
static inline void hrtimer_start_range_ns(struct hrtimer *timer, ktime_t time, u64 range, const enum hrtimer_mode mode) { __kernel_hrtimer_start(timer, time, mode); }
static inline void hrtimer_restart(struct hrtimer *timer) { __kernel_hrtimer_start(timer, 0, 0); }
static inline int hrtimer_cancel(struct hrtimer *timer) { return __kernel_hrtimer_cancel(timer); }
static inline int hrtimer_try_to_cancel(struct hrtimer *timer) { return __kernel_hrtimer_try_cancel(timer); }
static inline bool hrtimer_active(const struct hrtimer *timer) { return __kernel_hrtimer_pending(timer); }
static inline u64 hrtimer_forward(struct hrtimer *timer, ktime_t now, ktime_t interval) { return 1; }
static inline u64 hrtimer_forward_now(struct hrtimer *timer, ktime_t interval) { return 1; }
