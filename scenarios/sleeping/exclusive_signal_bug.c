/*
 * An exclusive waiter is woken and killed before it looks: it leaves with -EINTR and takes the only wake-up along, while the next
 * one sleeps beside a free buffer. wait_event_killable_exclusive() looks once more with its entry off the queue.
 */
#include <linux/atomic.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(buffer_wait);
static atomic_t free_buffers = ATOMIC_INIT(0);

static bool take_buffer(void)
{
	return atomic_dec_if_positive(&free_buffers) >= 0;
}

static void put_buffer(void)
{
	atomic_inc(&free_buffers);
	wake_up(&buffer_wait);
}

static int get_buffer(void)
{
	DEFINE_WAIT(wait);
	int err = 0;

	for (;;) {
		prepare_to_wait_exclusive(&buffer_wait, &wait, TASK_KILLABLE);
		if (take_buffer())
			break;
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
		schedule();
	}
	finish_wait(&buffer_wait, &wait);
	return err;
}

static void transmit(void)
{
	if (!get_buffer())
		put_buffer();
}

SYSCALL(impatient, transmit, .signals = 1);
SYSCALL(patient, transmit);
THREAD(driver, put_buffer);
EXPECT(hung_task);
