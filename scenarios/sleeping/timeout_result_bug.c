/*
 * wait_event_timeout() gives 0 when the time is over; wait_event_interruptible_timeout() also gives -ERESTARTSYS, when a signal came.
 * Taken for success, that frees the request while the device still has it.
 */
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

struct request {
	int data;
	bool done;
};

static DECLARE_WAIT_QUEUE_HEAD(done_wait);
static DEFINE_SPINLOCK(meter_lock);
static struct request *submitted;	/* meter_lock */

static void device(void)
{
	spin_lock(&meter_lock);
	if (submitted) {
		submitted->data = 42;
		WRITE_ONCE(submitted->done, true);
		submitted = NULL;
		wake_up(&done_wait);
	}
	spin_unlock(&meter_lock);
}

static void transfer(void)
{
	struct request *rq = kzalloc(sizeof(*rq), GFP_KERNEL);
	long left;

	spin_lock(&meter_lock);
	submitted = rq;
	spin_unlock(&meter_lock);
	left = wait_event_interruptible_timeout(done_wait, READ_ONCE(rq->done), HZ);
	if (left == 0) {
		spin_lock(&meter_lock);
		submitted = NULL;
		spin_unlock(&meter_lock);
	}
	kfree(rq);
}

SYSCALL(transfer, transfer, .signals = 1);
THREAD(device, device);
EXPECT(use_after_free);
