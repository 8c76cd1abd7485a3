/*
 * A completion on the stack of a task that gives up: after the timeout its
 * frame is gone, and the late interrupt completes it all the same. The mended
 * form takes the request back before it returns.
 */
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(pending_lock);
static struct completion *pending;

static irqreturn_t done_interrupt(int irq, void *dev_id)
{
	spin_lock(&pending_lock);
	if (pending)
		complete(pending);
	pending = NULL;
	spin_unlock(&pending_lock);
	return IRQ_HANDLED;
}

static int run_command(void)
{
	DECLARE_COMPLETION_ONSTACK(done);

	spin_lock_irq(&pending_lock);
	pending = &done;
	spin_unlock_irq(&pending_lock);

	if (!wait_for_completion_timeout(&done, HZ)) {
		return -ETIMEDOUT;
	}
	return 0;
}

static void command_task(void)
{
	run_command();
}

THREAD(command, command_task);
IRQ(done, done_interrupt, .times = 1);
EXPECT(use_after_free);
