/* Kernel threads and their workers, and what waits with their help. */

/* Kernel threads. */
#define kthread_create(function, data, ...) ((struct task_struct *)__kernel_kthread_create(function, data, __VA_ARGS__))
#define kthread_create_on_node(function, data, node, ...) kthread_create(function, data, __VA_ARGS__)
#define kthread_run(function, data, ...) ({ \
	struct task_struct *__created = kthread_create(function, data, __VA_ARGS__); \
	if (!IS_ERR(__created)) \
		wake_up_process(__created); \
	__created; })
#define kthread_run_on_cpu(function, data, cpu, ...) ({ \
	struct task_struct *__created = kthread_create(function, data, __VA_ARGS__); \
	if (!IS_ERR(__created)) { \
		__kernel_kthread_bind(__created, cpu); \
		wake_up_process(__created); \
	} \
	__created; })
static inline void kthread_bind(struct task_struct *task, unsigned int cpu) { __kernel_kthread_bind(task, cpu); }
static inline bool kthread_should_stop(void) { return __kernel_kthread_should_stop(); }
static inline int kthread_stop(struct task_struct *task)
{
	int result;

	__kernel_kthread_stop_request(task);
	__kernel_might_sleep();
	result = __kernel_kthread_stop_wait(task);
	return result;
}
static inline int kthread_stop_put(struct task_struct *task)
{
	int result = kthread_stop(task);

	put_task_struct(task);
	return result;
}
static inline bool kthread_should_park(void) { return __kernel_kthread_should_park(); }
static inline bool kthread_should_stop_or_park(void) { return __kernel_kthread_should_stop() || __kernel_kthread_should_park(); }
static inline void kthread_parkme(void) { __kernel_kthread_parkme(); }
static inline void kthread_unpark(struct task_struct *task) { __kernel_kthread_unpark(task); }
static int kthread_park(struct task_struct *task)
{
	int err = __kernel_kthread_park(task);

	if (WARN_ON(err))
		return err;
	if (task != current) {
		__kernel_might_sleep();
		__kernel_kthread_park_wait(task);
	}
	return 0;
}
static inline void set_freezable(void) { }
static inline bool try_to_freeze(void) { return false; }
static inline bool freezing(struct task_struct *task) { return false; }
static inline bool kthread_freezable_should_stop(bool *was_frozen)
{
	__kernel_might_sleep();
	if (was_frozen)
		*was_frozen = false;
	return __kernel_kthread_should_stop();
}

/* Waiting for a wake-up that is remembered: DEFINE_WAIT_FUNC(wait, woken_wake_function). */
static long wait_woken(wait_queue_entry_t *entry, unsigned int mode, long timeout)
{
	set_current_state(mode);
	if (!(READ_ONCE(entry->flags) & WQ_FLAG_WOKEN) && !kthread_should_stop_or_park())
		timeout = schedule_timeout(timeout);
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(entry->flags, READ_ONCE(entry->flags) & ~WQ_FLAG_WOKEN);
	return timeout;
}

/* Waiting for a bit or a variable. The kernel has a table of queues, and several may share one: so do all here. */
static DECLARE_WAIT_QUEUE_HEAD(__bit_waitqueue);
#define wait_var_event(var, condition) wait_event(*({ (void)(var); &__bit_waitqueue; }), condition)
#define wait_var_event_killable(var, condition) wait_event_killable(*({ (void)(var); &__bit_waitqueue; }), condition)
#define wait_var_event_interruptible(var, condition) wait_event_interruptible(*({ (void)(var); &__bit_waitqueue; }), condition)
#define wait_var_event_timeout(var, condition, timeout) wait_event_timeout(*({ (void)(var); &__bit_waitqueue; }), condition, timeout)
static void wake_up_var(void *var)
{
	if (waitqueue_active(&__bit_waitqueue))
		__wake_up(&__bit_waitqueue, TASK_NORMAL, 0);
}
static int wait_on_bit(unsigned long *word, int bit, unsigned mode)
{
	might_sleep();
	if (!test_bit_acquire(bit, word))
		return 0;
	return wait_event_state(__bit_waitqueue, !test_bit_acquire(bit, word), mode) ? -EINTR : 0;
}
static inline int wait_on_bit_io(unsigned long *word, int bit, unsigned mode) { return wait_on_bit(word, bit, mode); }
static int wait_on_bit_timeout(unsigned long *word, int bit, unsigned mode, unsigned long timeout)
{
	long left;

	might_sleep();
	if (!test_bit_acquire(bit, word))
		return 0;
	left = __WAIT_EVENT_TIMEOUT(__bit_waitqueue, !test_bit_acquire(bit, word), mode, timeout);
	return left < 0 ? -EINTR : left ? 0 : -EAGAIN;
}
static int wait_on_bit_lock(unsigned long *word, int bit, unsigned mode)
{
	might_sleep();
	if (!test_and_set_bit(bit, word))
		return 0;
	return wait_event_state(__bit_waitqueue, !test_and_set_bit(bit, word), mode) ? -EINTR : 0;
}
static inline void wake_up_bit(unsigned long *word, int bit) { wake_up_var(word); }
static void clear_and_wake_up_bit(int bit, unsigned long *word)
{
	clear_bit_unlock(bit, word);
	smp_mb__after_atomic();
	wake_up_bit(word, bit);
}

/* Kernel thread workers: a thread that runs what is on its list, in order. */
struct kthread_work;
typedef void (*kthread_work_func_t)(struct kthread_work *work);
struct kthread_worker {
	unsigned int flags;
	raw_spinlock_t lock;
	struct list_head work_list;
	struct list_head delayed_work_list;
	struct task_struct *task;
	struct kthread_work *current_work;
};
struct kthread_work {
	struct list_head node;
	kthread_work_func_t func;
	struct kthread_worker *worker;
	int canceling;
};
struct kthread_delayed_work {
	struct kthread_work work;
	struct timer_list timer;
};
struct __kthread_flush_work {
	struct kthread_work work;
	struct completion done;
};
#define KTW_FREEZABLE 1
#define KTHREAD_WORKER_INIT(worker) { \
	.lock = __RAW_SPIN_LOCK_UNLOCKED((worker).lock), \
	.work_list = LIST_HEAD_INIT((worker).work_list), \
	.delayed_work_list = LIST_HEAD_INIT((worker).delayed_work_list) }
#define KTHREAD_WORK_INIT(work, function) { .node = LIST_HEAD_INIT((work).node), .func = (function) }
#define KTHREAD_DELAYED_WORK_INIT(dwork, fn) { \
	.work = KTHREAD_WORK_INIT((dwork).work, fn), \
	.timer = { .__magic = 17, .__flags = TIMER_IRQSAFE >> 16, .function = kthread_delayed_work_timer_fn } }
#define DEFINE_KTHREAD_WORKER(worker) struct kthread_worker worker = KTHREAD_WORKER_INIT(worker)
#define DEFINE_KTHREAD_WORK(work, function) struct kthread_work work = KTHREAD_WORK_INIT(work, function)
#define DEFINE_KTHREAD_DELAYED_WORK(dwork, function) struct kthread_delayed_work dwork = KTHREAD_DELAYED_WORK_INIT(dwork, function)
static void kthread_init_worker(struct kthread_worker *worker)
{
	worker->flags = 0;
	raw_spin_lock_init(&worker->lock);
	INIT_LIST_HEAD(&worker->work_list);
	INIT_LIST_HEAD(&worker->delayed_work_list);
	worker->task = NULL;
	worker->current_work = NULL;
}
static void __kthread_init_work(struct kthread_work *work, kthread_work_func_t function)
{
	INIT_LIST_HEAD(&work->node);
	work->func = function;
	work->worker = NULL;
	work->canceling = 0;
}
#define kthread_init_work(work, function) __kthread_init_work(work, function)
#define kthread_init_delayed_work(dwork, function) do { \
	struct kthread_delayed_work *__dwork = (dwork); \
	__kthread_init_work(&__dwork->work, function); \
	timer_setup(&__dwork->timer, kthread_delayed_work_timer_fn, TIMER_IRQSAFE); \
} while (0)
static int kthread_worker_fn(void *data)
{
	struct kthread_worker *worker = data;
	struct kthread_work *work;

	WRITE_ONCE(worker->task, current);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop()) {
			__set_current_state(TASK_RUNNING);
			raw_spin_lock_irq(&worker->lock);
			WRITE_ONCE(worker->task, NULL);
			raw_spin_unlock_irq(&worker->lock);
			return 0;
		}
		work = NULL;
		raw_spin_lock_irq(&worker->lock);
		if (!list_empty(&worker->work_list)) {
			work = list_first_entry(&worker->work_list, struct kthread_work, node);
			list_del_init(&work->node);
		}
		worker->current_work = work;
		raw_spin_unlock_irq(&worker->lock);
		if (work) {
			kthread_work_func_t func = work->func;

			__set_current_state(TASK_RUNNING);
			func(work);
		} else {
			schedule();
		}
		cond_resched();
	}
}
#define kthread_create_worker(flags_, ...) ({ \
	struct kthread_worker *__worker = kzalloc(sizeof(struct kthread_worker), GFP_KERNEL); \
	struct task_struct *__task; \
	if (__worker) { \
		kthread_init_worker(__worker); \
		__task = kthread_create(kthread_worker_fn, __worker, __VA_ARGS__); \
		if (IS_ERR(__task)) { \
			kfree(__worker); \
			__worker = ERR_CAST(__task); \
		} else { \
			__worker->flags = (flags_); \
			__worker->task = __task; \
			wake_up_process(__task); \
		} \
	} else { \
		__worker = ERR_PTR(-ENOMEM); \
	} \
	__worker; })
#define kthread_run_worker(flags, ...) kthread_create_worker(flags, __VA_ARGS__)
static void __kthread_insert_work(struct kthread_worker *worker, struct kthread_work *work, struct list_head *pos)
{
	struct task_struct *task;

	lockdep_assert_held(&worker->lock);
	WARN_ON_ONCE(!list_empty(&work->node));
	WARN_ON_ONCE(work->worker && work->worker != worker);
	list_add_tail(&work->node, pos);
	WRITE_ONCE(work->worker, worker);
	task = READ_ONCE(worker->task);
	if (!worker->current_work && task)
		wake_up_process(task);
}
static inline bool __kthread_queuing_blocked(struct kthread_work *work) { return !list_empty(&work->node) || work->canceling; }
static bool kthread_queue_work(struct kthread_worker *worker, struct kthread_work *work)
{
	bool queued = false;
	unsigned long flags;

	raw_spin_lock_irqsave(&worker->lock, flags);
	if (!__kthread_queuing_blocked(work)) {
		__kthread_insert_work(worker, work, &worker->work_list);
		queued = true;
	}
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	return queued;
}
static void kthread_delayed_work_timer_fn(struct timer_list *timer)
{
	struct kthread_delayed_work *dwork = container_of(timer, struct kthread_delayed_work, timer);
	struct kthread_work *work = &dwork->work;
	struct kthread_worker *worker = READ_ONCE(work->worker);
	unsigned long flags;

	if (WARN_ON_ONCE(!worker))
		return;
	raw_spin_lock_irqsave(&worker->lock, flags);
	WARN_ON_ONCE(work->worker != worker);
	WARN_ON_ONCE(list_empty(&work->node));
	list_del_init(&work->node);
	if (!work->canceling)
		__kthread_insert_work(worker, work, &worker->work_list);
	raw_spin_unlock_irqrestore(&worker->lock, flags);
}
static void __kthread_queue_delayed_work(struct kthread_worker *worker, struct kthread_delayed_work *dwork, unsigned long delay)
{
	struct kthread_work *work = &dwork->work;

	if (!delay) {
		__kthread_insert_work(worker, work, &worker->work_list);
		return;
	}
	WARN_ON_ONCE(!list_empty(&work->node));
	WARN_ON_ONCE(work->worker && work->worker != worker);
	list_add(&work->node, &worker->delayed_work_list);
	WRITE_ONCE(work->worker, worker);
	add_timer(&dwork->timer);
}
static bool kthread_queue_delayed_work(struct kthread_worker *worker, struct kthread_delayed_work *dwork, unsigned long delay)
{
	bool queued = false;
	unsigned long flags;

	raw_spin_lock_irqsave(&worker->lock, flags);
	if (!__kthread_queuing_blocked(&dwork->work)) {
		__kthread_queue_delayed_work(worker, dwork, delay);
		queued = true;
	}
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	return queued;
}
static void __kthread_flush_work_fn(struct kthread_work *work)
{
	complete(&container_of(work, struct __kthread_flush_work, work)->done);
}
static void kthread_flush_work(struct kthread_work *work)
{
	struct kthread_worker *worker = READ_ONCE(work->worker);
	struct __kthread_flush_work flush;
	bool noop = false;

	if (!worker)
		return;
	__kthread_init_work(&flush.work, __kthread_flush_work_fn);
	init_completion(&flush.done);
	raw_spin_lock_irq(&worker->lock);
	WARN_ON_ONCE(work->worker != worker);
	if (!list_empty(&work->node))
		__kthread_insert_work(worker, &flush.work, work->node.next);
	else if (worker->current_work == work)
		__kthread_insert_work(worker, &flush.work, worker->work_list.next);
	else
		noop = true;
	raw_spin_unlock_irq(&worker->lock);
	if (!noop)
		wait_for_completion(&flush.done);
}
static void kthread_flush_worker(struct kthread_worker *worker)
{
	struct __kthread_flush_work flush;

	__kthread_init_work(&flush.work, __kthread_flush_work_fn);
	init_completion(&flush.done);
	kthread_queue_work(worker, &flush.work);
	wait_for_completion(&flush.done);
}
static void __kthread_cancel_timer(struct kthread_worker *worker, struct kthread_delayed_work *dwork, unsigned long *flags)
{
	dwork->work.canceling++;
	raw_spin_unlock_irqrestore(&worker->lock, *flags);
	timer_delete_sync(&dwork->timer);
	raw_spin_lock_irqsave(&worker->lock, *flags);
	dwork->work.canceling--;
}
static bool __kthread_cancel_work(struct kthread_work *work)
{
	if (list_empty(&work->node))
		return false;
	list_del_init(&work->node);
	return true;
}
static bool kthread_mod_delayed_work(struct kthread_worker *worker, struct kthread_delayed_work *dwork, unsigned long delay)
{
	struct kthread_work *work = &dwork->work;
	unsigned long flags;
	bool pending = false;

	raw_spin_lock_irqsave(&worker->lock, flags);
	if (work->worker) {
		WARN_ON_ONCE(work->worker != worker);
		__kthread_cancel_timer(worker, dwork, &flags);
		if (work->canceling) {
			raw_spin_unlock_irqrestore(&worker->lock, flags);
			return true;
		}
		pending = __kthread_cancel_work(work);
	}
	__kthread_queue_delayed_work(worker, dwork, delay);
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	return pending;
}
/* The second half of a cancellation, with the lock held: waits for the work if it runs. */
static void __kthread_wait_cancelled(struct kthread_worker *worker, struct kthread_work *work, unsigned long flags)
{
	if (worker->current_work == work) {
		work->canceling++;
		raw_spin_unlock_irqrestore(&worker->lock, flags);
		kthread_flush_work(work);
		raw_spin_lock_irqsave(&worker->lock, flags);
		work->canceling--;
	}
	raw_spin_unlock_irqrestore(&worker->lock, flags);
}
static bool kthread_cancel_work_sync(struct kthread_work *work)
{
	struct kthread_worker *worker = READ_ONCE(work->worker);
	unsigned long flags;
	bool pending;

	if (!worker)
		return false;
	raw_spin_lock_irqsave(&worker->lock, flags);
	WARN_ON_ONCE(work->worker != worker);
	pending = __kthread_cancel_work(work);
	__kthread_wait_cancelled(worker, work, flags);
	return pending;
}
static bool kthread_cancel_delayed_work_sync(struct kthread_delayed_work *dwork)
{
	struct kthread_worker *worker = READ_ONCE(dwork->work.worker);
	unsigned long flags;
	bool pending;

	if (!worker)
		return false;
	raw_spin_lock_irqsave(&worker->lock, flags);
	WARN_ON_ONCE(dwork->work.worker != worker);
	__kthread_cancel_timer(worker, dwork, &flags);
	pending = __kthread_cancel_work(&dwork->work);
	__kthread_wait_cancelled(worker, &dwork->work, flags);
	return pending;
}
static void kthread_destroy_worker(struct kthread_worker *worker)
{
	struct task_struct *task = READ_ONCE(worker->task);

	if (WARN_ON(!task))
		return;
	kthread_flush_worker(worker);
	kthread_stop(task);
	WARN_ON(!list_empty(&worker->delayed_work_list));
	WARN_ON(!list_empty(&worker->work_list));
	kfree(worker);
}
