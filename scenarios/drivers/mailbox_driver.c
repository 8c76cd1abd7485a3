/*
 * A mailbox controller, as a sketch for review: probe, interrupt handler,
 * ioctl, remove. User space sends one message at a time and waits for the
 * answer, which the device announces by an interrupt. The bug is in remove.
 */
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#define MBOX_IRQ	17
#define MBOX_TIMEOUT	(HZ / 10)

/* The ioctl commands. */
#define MBOX_SEND	0x4d01
#define MBOX_STATS	0x4d02

struct mbox_message {
	u32 request;
	u32 answer;
};

struct mbox_stats {
	u32 sent;
	u32 answered;
	u32 timeouts;
};

struct mbox {
	spinlock_t lock;		/* all below but the completion */
	bool busy;			/* the device owns the message */
	struct mbox_message message;
	struct mbox_stats stats;
	struct completion answered;
};

/* Comes with probe, goes with remove; an ioctl holds the mutex while using it. */
static DEFINE_MUTEX(mbox_mutex);
static struct mbox *mbox;

/* The device has answered the message. */
static irqreturn_t mbox_interrupt(int irq, void *dev_id)
{
	struct mbox *mb = dev_id;
	irqreturn_t ret = IRQ_NONE;

	spin_lock(&mb->lock);
	if (mb->busy) {
		mb->message.answer = ~mb->message.request;
		mb->busy = false;
		mb->stats.answered++;
		complete(&mb->answered);
		ret = IRQ_HANDLED;
	}
	spin_unlock(&mb->lock);
	return ret;
}

static void mbox_start(struct mbox *mb, const struct mbox_message *message)
{
	reinit_completion(&mb->answered);

	spin_lock_irq(&mb->lock);
	mb->message = *message;
	mb->busy = true;
	mb->stats.sent++;
	spin_unlock_irq(&mb->lock);
}

/* Takes the message back from the device, answered or not. */
static int mbox_finish(struct mbox *mb, struct mbox_message *message)
{
	int err = 0;

	spin_lock_irq(&mb->lock);
	if (mb->busy) {
		mb->busy = false;
		mb->stats.timeouts++;
		err = -ETIMEDOUT;
	} else {
		*message = mb->message;
	}
	spin_unlock_irq(&mb->lock);
	return err;
}

static long mbox_send(struct mbox *mb, struct mbox_message __user *arg)
{
	struct mbox_message message;
	int err;

	if (copy_from_user(&message, arg, sizeof(message)))
		return -EFAULT;

	mbox_start(mb, &message);
	wait_for_completion_timeout(&mb->answered, MBOX_TIMEOUT);
	err = mbox_finish(mb, &message);
	if (err)
		return err;
	WARN_ON(message.answer != ~message.request);

	if (copy_to_user(arg, &message, sizeof(message)))
		return -EFAULT;
	return 0;
}

static long mbox_read_stats(struct mbox *mb, struct mbox_stats __user *arg)
{
	struct mbox_stats stats;

	spin_lock_irq(&mb->lock);
	stats = mb->stats;
	spin_unlock_irq(&mb->lock);
	WARN_ON(stats.answered + stats.timeouts > stats.sent);

	if (copy_to_user(arg, &stats, sizeof(stats)))
		return -EFAULT;
	return 0;
}

static long mbox_ioctl(unsigned int cmd, void __user *arg)
{
	long ret;

	mutex_lock(&mbox_mutex);
	if (!mbox) {
		ret = -ENODEV;
		goto unlock;
	}
	switch (cmd) {
	case MBOX_SEND:
		ret = mbox_send(mbox, arg);
		break;
	case MBOX_STATS:
		ret = mbox_read_stats(mbox, arg);
		break;
	default:
		ret = -ENOTTY;
	}
unlock:
	mutex_unlock(&mbox_mutex);
	return ret;
}

static int mbox_probe(void)
{
	struct mbox *mb;
	int err;

	mb = kzalloc(sizeof(*mb), GFP_KERNEL);
	if (!mb)
		return -ENOMEM;
	spin_lock_init(&mb->lock);
	init_completion(&mb->answered);

	err = request_irq(MBOX_IRQ, mbox_interrupt, 0, "mbox", mb);
	if (err)
		goto free;

	mutex_lock(&mbox_mutex);
	mbox = mb;
	mutex_unlock(&mbox_mutex);
	pr_info("mbox: irq %d\n", MBOX_IRQ);
	return 0;

free:
	kfree(mb);
	return err;
}

static void mbox_remove(void)
{
	struct mbox *mb;

	mutex_lock(&mbox_mutex);
	mb = mbox;
	mbox = NULL;
	mutex_unlock(&mbox_mutex);

	free_irq(MBOX_IRQ, mb);
	kfree(mb);
}

static int __init mbox_init(void)
{
	return mbox_probe();
}

static void __exit mbox_exit(void)
{
	mbox_remove();
}

module_init(mbox_init);
module_exit(mbox_exit);
MODULE_LICENSE("GPL");

/* Who calls it: one process sends, one reads the statistics. */
static struct mbox_message user_message = { .request = 7 };
static struct mbox_stats user_stats;

static long send(void)
{
	return mbox_ioctl(MBOX_SEND, &user_message);
}

static long read_stats(void)
{
	return mbox_ioctl(MBOX_STATS, &user_stats);
}

SYSCALL(send, send);
SYSCALL(stats, read_stats);
RAISES(MBOX_IRQ, .times = 1);
EXPECT(clean);
