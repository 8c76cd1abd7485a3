/*
 * A character device: the interrupt fills a ring, readers wait until there is something. That there was something when the reader
 * was woken says nothing under the lock: another reader may have taken it, and the condition is looked at again.
 */
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define SIZE 4

static char ring[SIZE];
static unsigned int in, out;	/* ring_lock */
static DEFINE_SPINLOCK(ring_lock);
static DECLARE_WAIT_QUEUE_HEAD(readers);

static bool is_empty(void)
{
	return READ_ONCE(in) == READ_ONCE(out);
}

static ssize_t ring_read(char __user *to)
{
	char c;
	int err;

	for (;;) {
		err = wait_event_interruptible(readers, !is_empty());
		if (err)
			return err;
		spin_lock_irq(&ring_lock);
		break;
	}
	WARN_ON(is_empty());
	c = ring[out % SIZE];
	WRITE_ONCE(out, out + 1);
	spin_unlock_irq(&ring_lock);
	return copy_to_user(to, &c, 1) ? -EFAULT : 1;
}

static irqreturn_t byte_arrives(int irq, void *dev_id)
{
	spin_lock(&ring_lock);
	if (in - out < SIZE) {
		ring[in % SIZE] = 'x';
		WRITE_ONCE(in, in + 1);
	}
	spin_unlock(&ring_lock);
	wake_up_interruptible(&readers);
	return IRQ_HANDLED;
}

SYSCALL(reader, ring_read, .count = 2);
IRQ(uart, byte_arrives);
EXPECT(warn_on);
