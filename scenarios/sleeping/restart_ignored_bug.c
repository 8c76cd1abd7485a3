/*
 * wait_event_interruptible() ends early when a signal comes, with -ERESTARTSYS. Whoever does not look at what it returns goes on
 * without what it waited for.
 */
#include <linux/wait.h>

struct reply {
	int value;
};

static DECLARE_WAIT_QUEUE_HEAD(reply_wait);
static struct reply the_reply = { .value = 42 };
static struct reply *reply;

static long ask(void)
{
	wait_event_interruptible(reply_wait, READ_ONCE(reply));
	return READ_ONCE(reply)->value;
}

static void answer(void)
{
	WRITE_ONCE(reply, &the_reply);
	wake_up_interruptible(&reply_wait);
}

SYSCALL(ask, ask, .signals = 1);
THREAD(answer, answer);
EXPECT(null_deref);
