/*
 * A completion, and the one that waits frees it. Whoever completes sets the flag and wakes the waiter under the lock, and touches the
 * lock last: a waiter that sees the flag without the lock frees both while the other still unlocks.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct finished {
	spinlock_t lock;
	bool done;
	struct task_struct *waiter;
};

static struct finished *transfer;

static void set_up(void)
{
	transfer = kzalloc(sizeof(*transfer), GFP_KERNEL);
	spin_lock_init(&transfer->lock);
}

static void finish(struct finished *x)
{
	spin_lock(&x->lock);
	WRITE_ONCE(x->done, true);
	if (x->waiter)
		wake_up_process(x->waiter);
	spin_unlock(&x->lock);
}

static void wait_until_finished(struct finished *x)
{
	if (READ_ONCE(x->done))
		return;
	spin_lock(&x->lock);
	while (!x->done) {
		x->waiter = current;
		set_current_state(TASK_UNINTERRUPTIBLE);
		spin_unlock(&x->lock);
		schedule();
		spin_lock(&x->lock);
	}
	spin_unlock(&x->lock);
}

static void complete_transfer(void)
{
	finish(transfer);
}

static void submit(void)
{
	wait_until_finished(transfer);
	kfree(transfer);
}

INIT(set_up);
THREAD(device, complete_transfer);
THREAD(task, submit);
EXPECT(held_lock_freed, use_after_free);
