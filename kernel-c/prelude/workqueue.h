/* Work items and workqueues. */

#define WQ_BH 1
#define WQ_UNBOUND 2
#define WQ_FREEZABLE 4
#define WQ_MEM_RECLAIM 8
#define WQ_HIGHPRI 0x10
#define WQ_CPU_INTENSIVE 0x20
#define WQ_SYSFS 0x40
#define WQ_POWER_EFFICIENT 0x80
#define WQ_PERCPU 0x100
#define __WQ_ORDERED 0x20000
#define __WQ_LEGACY 0x40000
#define WQ_MAX_ACTIVE 512
#define WQ_DFL_ACTIVE 256
#define WORK_CPU_UNBOUND (-1)
#define WORK_BUSY_PENDING 1
#define WORK_BUSY_RUNNING 2

#define INIT_WORK(work, function) __kernel_work_init((struct work_struct *)({ struct work_struct *__work = (work); __work; }), ({ work_func_t __function = (function); __function; }))
#define INIT_WORK_ONSTACK(work, function) INIT_WORK(work, function)
#define INIT_DELAYED_WORK(dwork, function) __kernel_work_init((struct work_struct *)({ struct delayed_work *__work = (dwork); &__work->work; }), ({ work_func_t __function = (function); __function; }))
#define INIT_DELAYED_WORK_ONSTACK(dwork, function) INIT_DELAYED_WORK(dwork, function)
#define INIT_DEFERRABLE_WORK(dwork, function) INIT_DELAYED_WORK(dwork, function)
#define __WORK_INITIALIZER(name, function) { .__magic = __WORK_MAGIC, .func = (function) }
#define __DELAYED_WORK_INITIALIZER(name, function, flags) { .work = __WORK_INITIALIZER(name, function) }
#define DECLARE_WORK(name, function) struct work_struct name = __WORK_INITIALIZER(name, function)
#define DECLARE_DELAYED_WORK(name, function) struct delayed_work name = __DELAYED_WORK_INITIALIZER(name, function, 0)
#define DECLARE_DEFERRABLE_WORK(name, function) DECLARE_DELAYED_WORK(name, function)
static inline void destroy_work_on_stack(struct work_struct *work) { }
static inline void destroy_delayed_work_on_stack(struct delayed_work *dwork) { }
static inline struct delayed_work *to_delayed_work(struct work_struct *work) { return container_of(work, struct delayed_work, work); }

/* The kernel's own. */
static struct workqueue_struct __wq_events = { .__magic = __WQ_MAGIC };
static struct workqueue_struct __wq_events_highpri = { .__magic = __WQ_MAGIC, .__flags = WQ_HIGHPRI };
static struct workqueue_struct __wq_events_long = { .__magic = __WQ_MAGIC };
static struct workqueue_struct __wq_events_unbound = { .__magic = __WQ_MAGIC, .__flags = WQ_UNBOUND };
static struct workqueue_struct __wq_events_freezable = { .__magic = __WQ_MAGIC, .__flags = WQ_FREEZABLE };
static struct workqueue_struct __wq_events_power_efficient = { .__magic = __WQ_MAGIC, .__flags = WQ_POWER_EFFICIENT };
static struct workqueue_struct __wq_events_bh = { .__magic = __WQ_MAGIC, .__flags = WQ_BH };
static struct workqueue_struct __wq_events_bh_highpri = { .__magic = __WQ_MAGIC, .__flags = WQ_BH | WQ_HIGHPRI };
#define system_bh_wq (&__wq_events_bh)
#define system_bh_highpri_wq (&__wq_events_bh_highpri)
#define system_wq (&__wq_events)
#define system_percpu_wq (&__wq_events)
#define system_highpri_wq (&__wq_events_highpri)
#define system_long_wq (&__wq_events_long)
#define system_unbound_wq (&__wq_events_unbound)
#define system_dfl_wq (&__wq_events_unbound)
#define system_freezable_wq (&__wq_events_freezable)
#define system_power_efficient_wq (&__wq_events_power_efficient)

#define alloc_workqueue(format, flags, max_active, ...) ({ \
	struct workqueue_struct *__wq; \
	__kernel_might_sleep(); \
	__wq = __kernel_alloc(sizeof(struct workqueue_struct), GFP_KERNEL, 1); \
	if (__wq) \
		__kernel_wq_init(__wq, flags, max_active, format); \
	__wq; })
#define alloc_ordered_workqueue(format, flags, ...) alloc_workqueue(format, WQ_UNBOUND | __WQ_ORDERED | (flags), 1)
#define create_workqueue(name) alloc_workqueue(name, __WQ_LEGACY | WQ_MEM_RECLAIM, 1)
#define create_freezable_workqueue(name) alloc_workqueue(name, __WQ_LEGACY | WQ_FREEZABLE | WQ_UNBOUND | WQ_MEM_RECLAIM, 1)
#define create_singlethread_workqueue(name) alloc_ordered_workqueue(name, __WQ_LEGACY | WQ_MEM_RECLAIM)
static inline void drain_workqueue(struct workqueue_struct *wq)
{
	__kernel_might_sleep();
	__kernel_wq_drain(wq, 0);
	__kernel_wq_wait_empty(wq);
	__kernel_wq_drained(wq);
}
static inline void destroy_workqueue(struct workqueue_struct *wq)
{
	__kernel_might_sleep();
	__kernel_wq_drain(wq, 1);
	__kernel_wq_wait_empty(wq);
	__kernel_free(wq);
}

static inline bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work) { return __kernel_queue_work(wq, work, cpu, 0); }
static inline bool queue_work_node(int node, struct workqueue_struct *wq, struct work_struct *work) { return __kernel_queue_work(wq, work, WORK_CPU_UNBOUND, 0); }
static inline bool queue_work(struct workqueue_struct *wq, struct work_struct *work) { return __kernel_queue_work(wq, work, WORK_CPU_UNBOUND, 0); }
static inline bool schedule_work_on(int cpu, struct work_struct *work) { return __kernel_queue_work(system_wq, work, cpu, 0); }
static inline bool schedule_work(struct work_struct *work) { return __kernel_queue_work(system_wq, work, WORK_CPU_UNBOUND, 0); }
static inline bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay) { return __kernel_queue_work(wq, &dwork->work, cpu, delay); }
static inline bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay) { return __kernel_queue_work(wq, &dwork->work, WORK_CPU_UNBOUND, delay); }
static inline bool schedule_delayed_work_on(int cpu, struct delayed_work *dwork, unsigned long delay) { return __kernel_queue_work(system_wq, &dwork->work, cpu, delay); }
static inline bool schedule_delayed_work(struct delayed_work *dwork, unsigned long delay) { return __kernel_queue_work(system_wq, &dwork->work, WORK_CPU_UNBOUND, delay); }
static inline bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay) { return __kernel_mod_work(wq, &dwork->work, cpu, delay); }
static inline bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay) { return __kernel_mod_work(wq, &dwork->work, WORK_CPU_UNBOUND, delay); }

static inline bool work_pending(struct work_struct *work) { return __kernel_work_pending(work); }
static inline bool delayed_work_pending(struct delayed_work *dwork) { return __kernel_work_pending(&dwork->work); }
static inline unsigned int work_busy(struct work_struct *work) { return __kernel_work_busy(work); }
static inline struct work_struct *current_work(void) { return __kernel_current_work(); }

static inline bool flush_work(struct work_struct *work)
{
	__kernel_might_sleep();
	return __kernel_flush_work(work);
}
static inline bool flush_delayed_work(struct delayed_work *dwork)
{
	__kernel_expire_work(&dwork->work);
	return flush_work(&dwork->work);
}
static inline void flush_workqueue(struct workqueue_struct *wq)
{
	__kernel_might_sleep();
	__kernel_flush_workqueue(wq);
}
static inline void flush_scheduled_work(void) { flush_workqueue(system_wq); }
static inline bool cancel_work(struct work_struct *work) { return __kernel_cancel_work(work); }
static inline bool cancel_delayed_work(struct delayed_work *dwork) { return __kernel_cancel_work(&dwork->work); }
static inline bool disable_work(struct work_struct *work) { return __kernel_disable_work(work); }
static inline bool disable_delayed_work(struct delayed_work *dwork) { return __kernel_disable_work(&dwork->work); }
static inline bool disable_work_sync(struct work_struct *work)
{
	bool pending = __kernel_disable_work(work);

	/* What softirqs run is waited for without sleeping (__cancel_sync, __flush_work). */
	if (__kernel_work_is_bh(work)) {
		bool in_hard_interrupt = __kernel_in_hardirq();

		WARN_ON_ONCE(in_hard_interrupt);
		__kernel_spin_for_work(work);
		return pending;
	}
	__kernel_might_sleep();
	__kernel_flush_cancelled_work(work);
	return pending;
}
static inline bool disable_delayed_work_sync(struct delayed_work *dwork) { return disable_work_sync(&dwork->work); }
static inline bool enable_work(struct work_struct *work) { return __kernel_enable_work(work); }
static inline bool enable_delayed_work(struct delayed_work *dwork) { return __kernel_enable_work(&dwork->work); }
#define enable_and_queue_work(wq, work) ({ \
	struct work_struct *__enabled = (work); \
	enable_work(__enabled) ? ({ queue_work(wq, __enabled); true; }) : false; })
static inline bool cancel_work_sync(struct work_struct *work)
{
	bool pending = disable_work_sync(work);

	__kernel_enable_work(work);
	return pending;
}
static inline bool cancel_delayed_work_sync(struct delayed_work *dwork) { return cancel_work_sync(&dwork->work); }
