/* What was made for PREEMPT_RT: local locks, simple wait queues. */

/* local_lock_t: what is of one CPU. With PREEMPT_RT a lock that sleeps; without it preemption or interrupts are off, and the validator is told which for. */
#ifdef CONFIG_PREEMPT_RT
typedef spinlock_t local_lock_t;
#define INIT_LOCAL_LOCK(name) __SPIN_LOCK_UNLOCKED(name)
#define local_lock_init(lock) spin_lock_init(lock)
#define local_lock(lock) do { __kernel_migrate_disable(); spin_lock(this_cpu_ptr(lock)); } while (0)
#define local_unlock(lock) do { spin_unlock(this_cpu_ptr(lock)); __kernel_migrate_enable(); } while (0)
#define local_lock_irq(lock) local_lock(lock)
#define local_unlock_irq(lock) local_unlock(lock)
#define local_lock_irqsave(lock, flags) do { (flags) = 0; local_lock(lock); } while (0)
#define local_unlock_irqrestore(lock, flags) do { (void)(flags); local_unlock(lock); } while (0)
#define local_lock_nested_bh(lock) do { lockdep_assert_in_softirq(); spin_lock(this_cpu_ptr(lock)); } while (0)
#define local_unlock_nested_bh(lock) spin_unlock(this_cpu_ptr(lock))
#else
#define INIT_LOCAL_LOCK(name) __LOCK_INITIALISED(local_lock_t, 11)
#define local_lock_init(lock) __kernel_local_init(lock)
#define local_lock(lock) do { __kernel_preempt_disable(); __kernel_local_acquire(this_cpu_ptr(lock), 0); } while (0)
#define local_unlock(lock) do { __kernel_local_release(this_cpu_ptr(lock)); __kernel_preempt_enable(); } while (0)
#define local_lock_irq(lock) do { __kernel_irq_disable(); __kernel_local_acquire(this_cpu_ptr(lock), 0); } while (0)
#define local_unlock_irq(lock) do { __kernel_local_release(this_cpu_ptr(lock)); __kernel_irq_enable(); } while (0)
#define local_lock_irqsave(lock, flags) do { (flags) = __kernel_irq_save(); __kernel_local_acquire(this_cpu_ptr(lock), 0); } while (0)
#define local_unlock_irqrestore(lock, flags) do { __kernel_local_release(this_cpu_ptr(lock)); __kernel_irq_restore(flags); } while (0)
#define local_lock_nested_bh(lock) do { lockdep_assert_in_softirq(); __kernel_local_acquire(this_cpu_ptr(lock), 0); } while (0)
#define local_unlock_nested_bh(lock) __kernel_local_release(this_cpu_ptr(lock))
#endif

/* Simple wait queues: under a raw_spinlock_t, so that they wake from any context; one entry is one task, and each is woken alone. */
struct swait_queue_head {
	raw_spinlock_t lock;
	struct list_head task_list;
};
struct swait_queue {
	struct task_struct *task;
	struct list_head task_list;
};
#define __SWAIT_QUEUE_HEAD_INITIALIZER(name) \
	{ .lock = __RAW_SPIN_LOCK_UNLOCKED(name.lock), .task_list = LIST_HEAD_INIT(name.task_list) }
#define DECLARE_SWAIT_QUEUE_HEAD(name) struct swait_queue_head name = __SWAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_SWAITQUEUE(name) struct swait_queue name = { .task = current, .task_list = LIST_HEAD_INIT((name).task_list) }
static inline void init_swait_queue_head(struct swait_queue_head *q)
{
	raw_spin_lock_init(&q->lock);
	INIT_LIST_HEAD(&q->task_list);
}
static inline int swait_active(struct swait_queue_head *q) { return !list_empty(&q->task_list); }
static inline bool swq_has_sleeper(struct swait_queue_head *q) { smp_mb(); return swait_active(q); }
static void swake_up_locked(struct swait_queue_head *q)
{
	struct swait_queue *first;

	if (list_empty(&q->task_list))
		return;
	first = list_first_entry(&q->task_list, struct swait_queue, task_list);
	__kernel_wake_up(first->task, TASK_NORMAL);
	list_del_init(&first->task_list);
}
static void swake_up_one(struct swait_queue_head *q)
{
	unsigned long flags = __raw_spin_lock_irqsave(&q->lock, 0);

	swake_up_locked(q);
	raw_spin_unlock_irqrestore(&q->lock, flags);
}
/* Others may come between two that are woken: the lock is not held for all of them. */
static void swake_up_all(struct swait_queue_head *q)
{
	struct list_head woken;

	INIT_LIST_HEAD(&woken);
	raw_spin_lock_irq(&q->lock);
	list_splice_init(&q->task_list, &woken);
	while (!list_empty(&woken)) {
		struct swait_queue *next = list_first_entry(&woken, struct swait_queue, task_list);

		__kernel_wake_up(next->task, TASK_NORMAL);
		list_del_init(&next->task_list);
		if (list_empty(&woken))
			break;
		raw_spin_unlock_irq(&q->lock);
		raw_spin_lock_irq(&q->lock);
	}
	raw_spin_unlock_irq(&q->lock);
}
static long prepare_to_swait_event(struct swait_queue_head *q, struct swait_queue *wait, int state)
{
	unsigned long flags = __raw_spin_lock_irqsave(&q->lock, 0);
	long ret = 0;

	if (signal_pending_state(state, current)) {
		list_del_init(&wait->task_list);
		ret = -ERESTARTSYS;
	} else {
		wait->task = current;
		if (list_empty(&wait->task_list))
			list_add_tail(&wait->task_list, &q->task_list);
		set_current_state(state);
	}
	raw_spin_unlock_irqrestore(&q->lock, flags);
	return ret;
}
static void finish_swait(struct swait_queue_head *q, struct swait_queue *wait)
{
	__set_current_state(TASK_RUNNING);
	if (!list_empty_careful(&wait->task_list)) {
		unsigned long flags = __raw_spin_lock_irqsave(&q->lock, 0);

		list_del_init(&wait->task_list);
		raw_spin_unlock_irqrestore(&q->lock, flags);
	}
}
#define __SWAIT_EVENT(wq_head, condition, state) ({ \
	struct swait_queue_head *__swq = &(wq_head); \
	struct swait_queue __swait; \
	long __result = 0; \
	__swait.task = current; \
	INIT_LIST_HEAD(&__swait.task_list); \
	for (;;) { \
		long __signal = prepare_to_swait_event(__swq, &__swait, state); \
		if (condition) \
			break; \
		if (__signal) { \
			__result = __signal; \
			break; \
		} \
		schedule(); \
	} \
	finish_swait(__swq, &__swait); \
	__result; })
#define swait_event_exclusive(wq_head, condition) do { \
	if (condition) \
		break; \
	(void)__SWAIT_EVENT(wq_head, condition, TASK_UNINTERRUPTIBLE); \
} while (0)
#define swait_event_interruptible_exclusive(wq_head, condition) \
	((condition) ? 0 : (int)__SWAIT_EVENT(wq_head, condition, TASK_INTERRUPTIBLE))
#define swait_event_idle_exclusive(wq_head, condition) do { \
	if (condition) \
		break; \
	(void)__SWAIT_EVENT(wq_head, condition, TASK_IDLE); \
} while (0)
