/* Tasks, sleeping, wait queues, kernel threads. */

#define TASK_RUNNING 0
#define TASK_INTERRUPTIBLE 1
#define TASK_UNINTERRUPTIBLE 2
#define TASK_PARKED 0x40
#define TASK_WAKEKILL 0x100
#define TASK_NOLOAD 0x400
#define TASK_KILLABLE (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
#define TASK_IDLE (TASK_UNINTERRUPTIBLE | TASK_NOLOAD)
#define TASK_COMM_LEN 16
#define MAX_SCHEDULE_TIMEOUT LONG_MAX
#define HZ 250

#define current ((struct task_struct *)__kernel_current())
/* A state in a byte. */
#define __TASK_STATE(state) (((state) & 3) | ((state) & TASK_WAKEKILL) >> 6 | ((state) & TASK_PARKED) >> 3 | ((state) & TASK_NOLOAD) >> 6)
#define set_current_state(state) __kernel_set_state(__TASK_STATE(state))
#define __set_current_state(state) __kernel_set_state(__TASK_STATE(state))
static inline struct task_struct *get_task_struct(struct task_struct *task) { __kernel_task_get(task); return task; }
static inline void put_task_struct(struct task_struct *task) { __kernel_task_put(task); }
static inline pid_t task_pid_nr(struct task_struct *task) { return task->pid; }

static inline void might_sleep(void) { __kernel_might_sleep(); }
#define might_sleep_if(condition) do { if (condition) __kernel_might_sleep(); } while (0)
static inline void schedule(void) { __kernel_schedule(); }
static inline void yield(void) { __kernel_cond_resched(); }
static inline int cond_resched(void) { __kernel_cond_resched(); return 0; }
static int cond_resched_lock(spinlock_t *lock)
{
	spin_unlock(lock);
	__kernel_cond_resched();
	spin_lock(lock);
	return 1;
}
static inline bool need_resched(void) { return false; }
static inline void cpu_relax(void) { __kernel_relax(); }
static inline void msleep(unsigned int msecs) { __kernel_msleep(); }
static inline void ssleep(unsigned int seconds) { __kernel_msleep(); }
static inline void fsleep(unsigned long usecs) { __kernel_msleep(); }
static inline void usleep_range(unsigned long min, unsigned long max) { __kernel_msleep(); }
static inline void udelay(unsigned long usecs) { __kernel_relax(); }
static inline void ndelay(unsigned long nsecs) { __kernel_relax(); }
static inline void mdelay(unsigned long msecs) { __kernel_relax(); }
static inline int signal_pending(struct task_struct *task) { return __kernel_signal_pending(); }
static inline int fatal_signal_pending(struct task_struct *task) { return __kernel_fatal_signal_pending(); }
static inline int signal_pending_state(unsigned int state, struct task_struct *task)
{
	if (state & TASK_INTERRUPTIBLE)
		return __kernel_signal_pending();
	return (state & TASK_WAKEKILL) && __kernel_fatal_signal_pending();
}
static long schedule_timeout(long timeout)
{
	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		__kernel_schedule();
		return timeout;
	}
	return __kernel_schedule_timeout();
}
static inline long schedule_timeout_interruptible(long timeout)
{
	__kernel_set_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(timeout);
}
static inline long schedule_timeout_uninterruptible(long timeout)
{
	__kernel_set_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}
static inline long schedule_timeout_killable(long timeout)
{
	__kernel_set_state(__TASK_STATE(TASK_KILLABLE));
	return schedule_timeout(timeout);
}
static inline long schedule_timeout_idle(long timeout)
{
	__kernel_set_state(__TASK_STATE(TASK_IDLE));
	return schedule_timeout(timeout);
}
static inline void io_schedule(void) { __kernel_schedule(); }
static inline long io_schedule_timeout(long timeout) { return schedule_timeout(timeout); }
static inline int schedule_hrtimeout_range(s64 *expires, u64 delta, int mode)
{
	if (!expires) {
		__kernel_schedule();
		return -EINTR;
	}
	return __kernel_schedule_timeout() ? -EINTR : 0;
}
static inline int schedule_hrtimeout(s64 *expires, int mode) { return schedule_hrtimeout_range(expires, 0, mode); }
static inline unsigned long msleep_interruptible(unsigned int msecs)
{
	unsigned long timeout = msecs + 1;

	while (timeout && !signal_pending(current))
		timeout = schedule_timeout_interruptible(timeout);
	return timeout;
}

/* Priorities. Those of ordinary tasks decide nothing here. */
static inline void sched_set_fifo(struct task_struct *task) { __kernel_set_priority(task, 50); }
static inline void sched_set_fifo_low(struct task_struct *task) { __kernel_set_priority(task, 1); }
static inline void sched_set_normal(struct task_struct *task, int nice) { __kernel_set_priority(task, 0); }
static inline void set_user_nice(struct task_struct *task, long nice) { }

static inline int wake_up_process(struct task_struct *task) { return __kernel_wake_up(task, TASK_NORMAL); }
static inline int wake_up_state(struct task_struct *task, unsigned int state) { return __kernel_wake_up(task, __TASK_STATE(state)); }

/* Wait queues. */
typedef struct wait_queue_head {
	spinlock_t lock;
	struct list_head head;
} wait_queue_head_t;
struct wait_queue_entry;
typedef int (*wait_queue_func_t)(struct wait_queue_entry *wq_entry, unsigned mode, int flags, void *key);
typedef struct wait_queue_entry {
	unsigned int flags;
	void *private;
	wait_queue_func_t func;
	struct list_head entry;
} wait_queue_entry_t;
#define WQ_FLAG_EXCLUSIVE 1
#define WQ_FLAG_WOKEN 2
/* In place of the two common functions, so that those who need no others are spared a call: NULL is default_wake_function. */
#define __AUTOREMOVE ((wait_queue_func_t)1L)
#define __WAIT_QUEUE_HEAD_INITIALIZER(name) \
	{ .lock = __SPIN_LOCK_UNLOCKED(name.lock), .head = LIST_HEAD_INIT(name.head) }
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAITQUEUE(name, task) wait_queue_entry_t name = { .private = (task) }
#define DEFINE_WAIT(name) \
	wait_queue_entry_t name = { .private = current, .func = __AUTOREMOVE, .entry = LIST_HEAD_INIT((name).entry) }
#define DEFINE_WAIT_FUNC(name, function) \
	wait_queue_entry_t name = { .private = current, .func = function, .entry = LIST_HEAD_INIT((name).entry) }

static void init_waitqueue_head(wait_queue_head_t *wq)
{
	spin_lock_init(&wq->lock);
	INIT_LIST_HEAD(&wq->head);
}
static void init_waitqueue_entry(wait_queue_entry_t *entry, struct task_struct *task)
{
	entry->flags = 0;
	entry->private = task;
	entry->func = NULL;
}
static void init_waitqueue_func_entry(wait_queue_entry_t *entry, wait_queue_func_t func)
{
	entry->flags = 0;
	entry->private = NULL;
	entry->func = func;
}
static void init_wait_entry(wait_queue_entry_t *entry, int flags)
{
	entry->flags = flags;
	entry->private = current;
	entry->func = __AUTOREMOVE;
	INIT_LIST_HEAD(&entry->entry);
}
#define init_wait(entry) init_wait_entry(entry, 0)
static inline int waitqueue_active(wait_queue_head_t *wq) { return !list_empty(&wq->head); }
static inline bool wq_has_sleeper(wait_queue_head_t *wq) { smp_mb(); return waitqueue_active(wq); }
static void add_wait_queue(wait_queue_head_t *wq, wait_queue_entry_t *entry)
{
	unsigned long flags;

	entry->flags &= ~WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	list_add(&entry->entry, &wq->head);
	spin_unlock_irqrestore(&wq->lock, flags);
}
static void add_wait_queue_exclusive(wait_queue_head_t *wq, wait_queue_entry_t *entry)
{
	unsigned long flags;

	entry->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	list_add_tail(&entry->entry, &wq->head);
	spin_unlock_irqrestore(&wq->lock, flags);
}
static void remove_wait_queue(wait_queue_head_t *wq, wait_queue_entry_t *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	list_del(&entry->entry);
	spin_unlock_irqrestore(&wq->lock, flags);
}
/* The kernel changes the flags before it takes the lock, where a wake-up may read them: that it does is none of the scenario's business. */
static void prepare_to_wait(wait_queue_head_t *wq, wait_queue_entry_t *entry, int state)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	entry->flags &= ~WQ_FLAG_EXCLUSIVE;
	if (list_empty(&entry->entry))
		list_add(&entry->entry, &wq->head);
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
}
static bool prepare_to_wait_exclusive(wait_queue_head_t *wq, wait_queue_entry_t *entry, int state)
{
	unsigned long flags;
	bool was_empty = false;

	spin_lock_irqsave(&wq->lock, flags);
	entry->flags |= WQ_FLAG_EXCLUSIVE;
	if (list_empty(&entry->entry)) {
		was_empty = list_empty(&wq->head);
		list_add_tail(&entry->entry, &wq->head);
	}
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
	return was_empty;
}
static long prepare_to_wait_event(wait_queue_head_t *wq, wait_queue_entry_t *entry, int state)
{
	unsigned long flags;
	long ret = 0;

	spin_lock_irqsave(&wq->lock, flags);
	if (signal_pending_state(state, current)) {
		list_del_init(&entry->entry);
		ret = -ERESTARTSYS;
	} else {
		if (list_empty(&entry->entry)) {
			if (entry->flags & WQ_FLAG_EXCLUSIVE)
				list_add_tail(&entry->entry, &wq->head);
			else
				list_add(&entry->entry, &wq->head);
		}
		set_current_state(state);
	}
	spin_unlock_irqrestore(&wq->lock, flags);
	return ret;
}
static void finish_wait(wait_queue_head_t *wq, wait_queue_entry_t *entry)
{
	unsigned long flags;

	__set_current_state(TASK_RUNNING);
	if (!list_empty_careful(&entry->entry)) {
		spin_lock_irqsave(&wq->lock, flags);
		list_del_init(&entry->entry);
		spin_unlock_irqrestore(&wq->lock, flags);
	}
}
static int default_wake_function(wait_queue_entry_t *entry, unsigned mode, int flags, void *key)
{
	return __kernel_wake_up(entry->private, mode & TASK_NORMAL);
}
static int autoremove_wake_function(wait_queue_entry_t *entry, unsigned mode, int flags, void *key)
{
	int ret = __kernel_wake_up(entry->private, mode & TASK_NORMAL);

	if (ret)
		list_del_init_careful(&entry->entry);
	return ret;
}
static int woken_wake_function(wait_queue_entry_t *entry, unsigned mode, int flags, void *key)
{
	WRITE_ONCE(entry->flags, entry->flags | WQ_FLAG_WOKEN);
	return __kernel_wake_up(entry->private, mode & TASK_NORMAL);
}
static void __wake_up_common_key(wait_queue_head_t *wq, unsigned int mode, int exclusive, void *key)
{
	wait_queue_entry_t *entry, *next;

	list_for_each_entry_safe(entry, next, &wq->head, entry) {
		unsigned int flags = entry->flags;
		wait_queue_func_t func = entry->func;
		int ret;

		if (!func || func == __AUTOREMOVE) {
			ret = __kernel_wake_up(entry->private, mode & TASK_NORMAL);
			if (ret && func)
				list_del_init_careful(&entry->entry);
		} else {
			ret = func(entry, mode, 0, key);
			if (ret < 0)
				break;
		}
		if (ret && (flags & WQ_FLAG_EXCLUSIVE) && !--exclusive)
			break;
	}
}
static void __wake_up_common(wait_queue_head_t *wq, unsigned int mode, int exclusive) { __wake_up_common_key(wq, mode, exclusive, NULL); }
static void __wake_up_key(wait_queue_head_t *wq, unsigned int mode, int exclusive, void *key)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	__wake_up_common_key(wq, mode, exclusive, key);
	spin_unlock_irqrestore(&wq->lock, flags);
}
static void __wake_up(wait_queue_head_t *wq, unsigned int mode, int exclusive)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	__wake_up_common(wq, mode, exclusive);
	spin_unlock_irqrestore(&wq->lock, flags);
}
static inline void __wake_up_locked(wait_queue_head_t *wq, unsigned int mode, int exclusive) { __wake_up_common(wq, mode, exclusive); }
#define wake_up(wq) __wake_up(wq, TASK_NORMAL, 1)
#define wake_up_nr(wq, nr) __wake_up(wq, TASK_NORMAL, nr)
#define wake_up_all(wq) __wake_up(wq, TASK_NORMAL, 0)
#define wake_up_locked(wq) __wake_up_locked(wq, TASK_NORMAL, 1)
#define wake_up_all_locked(wq) __wake_up_locked(wq, TASK_NORMAL, 0)
#define wake_up_interruptible(wq) __wake_up(wq, TASK_INTERRUPTIBLE, 1)
#define wake_up_interruptible_nr(wq, nr) __wake_up(wq, TASK_INTERRUPTIBLE, nr)
#define wake_up_interruptible_all(wq) __wake_up(wq, TASK_INTERRUPTIBLE, 0)
#define wake_up_sync(wq) __wake_up(wq, TASK_NORMAL, 1)
#define wake_up_interruptible_sync(wq) __wake_up(wq, TASK_INTERRUPTIBLE, 1)
#define wake_up_poll(wq, events) __wake_up_key(wq, TASK_NORMAL, 1, (void *)(unsigned long)(events))
#define wake_up_interruptible_poll(wq, events) __wake_up_key(wq, TASK_INTERRUPTIBLE, 1, (void *)(unsigned long)(events))

#define __WAIT_EVENT(wq_head, condition, state, exclusive, sleep) ({ \
	wait_queue_head_t *__wq = &(wq_head); \
	long __result = 0; \
	wait_queue_entry_t __entry; \
	init_wait_entry(&__entry, exclusive); \
	for (;;) { \
		long __signal = prepare_to_wait_event(__wq, &__entry, state); \
		if (condition) \
			break; \
		if (__signal) { \
			__result = __signal; \
			break; \
		} \
		sleep; \
	} \
	if (!__result) \
		finish_wait(__wq, &__entry); \
	__result; })
#define __WAIT_EVENT_TIMEOUT(wq_head, condition, state, timeout) ({ \
	long __left = (timeout); \
	long __stopped; \
	might_sleep(); \
	__stopped = (condition) ? 0 : __WAIT_EVENT(wq_head, (condition) || !__left, state, 0, \
		__left = schedule_timeout(__left)); \
	__stopped ? __stopped : __left ? __left : (condition) ? 1L : 0L; })
#define wait_event(wq_head, condition) do { \
	might_sleep(); \
	if (condition) \
		break; \
	(void)__WAIT_EVENT(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, schedule()); \
} while (0)
#define __wait_event_in(wq_head, condition, state, exclusive) do { \
	might_sleep(); \
	if (condition) \
		break; \
	(void)__WAIT_EVENT(wq_head, condition, state, exclusive, schedule()); \
} while (0)
#define wait_event_idle(wq_head, condition) __wait_event_in(wq_head, condition, TASK_IDLE, 0)
#define wait_event_idle_exclusive(wq_head, condition) __wait_event_in(wq_head, condition, TASK_IDLE, WQ_FLAG_EXCLUSIVE)
#define wait_event_freezable(wq_head, condition) wait_event_interruptible(wq_head, condition)
#define wait_event_freezable_timeout(wq_head, condition, timeout) wait_event_interruptible_timeout(wq_head, condition, timeout)
#define wait_event_cmd(wq_head, condition, before, after) do { \
	if (condition) \
		break; \
	(void)__WAIT_EVENT(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, ({ before; schedule(); after; })); \
} while (0)
#define wait_event_exclusive_cmd(wq_head, condition, before, after) do { \
	if (condition) \
		break; \
	(void)__WAIT_EVENT(wq_head, condition, TASK_UNINTERRUPTIBLE, WQ_FLAG_EXCLUSIVE, ({ before; schedule(); after; })); \
} while (0)
#define io_wait_event(wq_head, condition) wait_event(wq_head, condition)
#define wait_event_exclusive(wq_head, condition) do { \
	might_sleep(); \
	if (condition) \
		break; \
	(void)__WAIT_EVENT(wq_head, condition, TASK_UNINTERRUPTIBLE, WQ_FLAG_EXCLUSIVE, schedule()); \
} while (0)
#define wait_event_interruptible(wq_head, condition) ({ \
	might_sleep(); \
	(condition) ? 0 : (int)__WAIT_EVENT(wq_head, condition, TASK_INTERRUPTIBLE, 0, schedule()); })
#define wait_event_interruptible_exclusive(wq_head, condition) ({ \
	might_sleep(); \
	(condition) ? 0 : (int)__WAIT_EVENT(wq_head, condition, TASK_INTERRUPTIBLE, WQ_FLAG_EXCLUSIVE, schedule()); })
#define wait_event_killable(wq_head, condition) ({ \
	might_sleep(); \
	(condition) ? 0 : (int)__WAIT_EVENT(wq_head, condition, TASK_KILLABLE, 0, schedule()); })
#define wait_event_killable_exclusive(wq_head, condition) ({ \
	might_sleep(); \
	(condition) ? 0 : (int)__WAIT_EVENT(wq_head, condition, TASK_KILLABLE, WQ_FLAG_EXCLUSIVE, schedule()); })
#define wait_event_state(wq_head, condition, state) ({ \
	might_sleep(); \
	(condition) ? 0 : (int)__WAIT_EVENT(wq_head, condition, state, 0, schedule()); })
#define wait_event_timeout(wq_head, condition, timeout) \
	__WAIT_EVENT_TIMEOUT(wq_head, condition, TASK_UNINTERRUPTIBLE, timeout)
#define wait_event_interruptible_timeout(wq_head, condition, timeout) \
	__WAIT_EVENT_TIMEOUT(wq_head, condition, TASK_INTERRUPTIBLE, timeout)
#define wait_event_killable_timeout(wq_head, condition, timeout) \
	__WAIT_EVENT_TIMEOUT(wq_head, condition, TASK_KILLABLE, timeout)
#define wait_event_idle_timeout(wq_head, condition, timeout) \
	__WAIT_EVENT_TIMEOUT(wq_head, condition, TASK_IDLE, timeout)
/* When the time is over, -ETIME. */
#define __WAIT_EVENT_HRTIMEOUT(wq_head, condition, timeout, state) ({ \
	long __over = 0; \
	long __stopped; \
	might_sleep(); \
	(void)(timeout); \
	__stopped = (condition) ? 0 : __WAIT_EVENT(wq_head, (condition) || __over, state, 0, \
		__over = !__kernel_schedule_timeout()); \
	__stopped ? (int)__stopped : __over && !(condition) ? -ETIME : 0; })
#define wait_event_hrtimeout(wq_head, condition, timeout) \
	__WAIT_EVENT_HRTIMEOUT(wq_head, condition, timeout, TASK_UNINTERRUPTIBLE)
#define wait_event_interruptible_hrtimeout(wq_head, condition, timeout) ({ \
	int __failed = __WAIT_EVENT_HRTIMEOUT(wq_head, condition, timeout, TASK_INTERRUPTIBLE); \
	__failed; })
#define wait_event_lock_irq(wq_head, condition, lock) do { \
	if (condition) \
		break; \
	(void)__WAIT_EVENT(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, \
		({ spin_unlock_irq(&(lock)); schedule(); spin_lock_irq(&(lock)); })); \
} while (0)
#define wait_event_lock_irq_cmd(wq_head, condition, lock, cmd) do { \
	if (condition) \
		break; \
	(void)__WAIT_EVENT(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, \
		({ spin_unlock_irq(&(lock)); cmd; schedule(); spin_lock_irq(&(lock)); })); \
} while (0)
#define wait_event_interruptible_lock_irq(wq_head, condition, lock) ({ \
	(condition) ? 0 : (int)__WAIT_EVENT(wq_head, condition, TASK_INTERRUPTIBLE, 0, \
		({ spin_unlock_irq(&(lock)); schedule(); spin_lock_irq(&(lock)); })); })
#define wait_event_interruptible_lock_irq_cmd(wq_head, condition, lock, cmd) ({ \
	(condition) ? 0 : (int)__WAIT_EVENT(wq_head, condition, TASK_INTERRUPTIBLE, 0, \
		({ spin_unlock_irq(&(lock)); cmd; schedule(); spin_lock_irq(&(lock)); })); })
#define wait_event_lock_irq_timeout(wq_head, condition, lock, timeout) \
	__WAIT_EVENT_LOCK_IRQ_TIMEOUT(wq_head, condition, lock, timeout, TASK_UNINTERRUPTIBLE)
#define wait_event_interruptible_lock_irq_timeout(wq_head, condition, lock, timeout) \
	__WAIT_EVENT_LOCK_IRQ_TIMEOUT(wq_head, condition, lock, timeout, TASK_INTERRUPTIBLE)
#define __WAIT_EVENT_LOCK_IRQ_TIMEOUT(wq_head, condition, lock, timeout, state) ({ \
	long __left = (timeout); \
	long __stopped = (condition) ? 0 : __WAIT_EVENT(wq_head, (condition) || !__left, state, 0, \
		({ spin_unlock_irq(&(lock)); __left = schedule_timeout(__left); spin_lock_irq(&(lock)); })); \
	__stopped ? __stopped : __left ? __left : (condition) ? 1L : 0L; })
