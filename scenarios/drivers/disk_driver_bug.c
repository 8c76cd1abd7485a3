/*
 * A disk's completion path, as a sketch for review: each request has a tag, the hard
 * interrupt leaves what is done to the BLOCK softirq, and what takes too long is issued
 * once more and then given up. An interrupt and a timeout may both want to end a
 * request; the COMPLETE bit says which of them does. The bug is in the timeout.
 */
#include <linux/bitops.h>
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#define DISK_IRQ	14
#define DISK_TAGS	2
#define DISK_TIMEOUT	(30 * HZ)
#define DISK_RETRIES	1

enum { REQ_COMPLETE };

struct disk_request {
	struct list_head node;		/* on disk.done */
	unsigned long state;
	int retries;
	int error;
	struct timer_list timeout;
	struct completion *waiter;
};

static struct {
	spinlock_t lock;		/* done */
	struct list_head done;
	unsigned long tags;
	struct disk_request requests[DISK_TAGS];
} disk;

/* The device's register: the tag of what it has finished. */
static u32 disk_finished;

/* Whoever it is true for ends the request, or issues it again. */
static bool disk_claim(struct disk_request *rq)
{
	return !test_and_set_bit(REQ_COMPLETE, &rq->state);
}

static void disk_issue(struct disk_request *rq)
{
	clear_bit(REQ_COMPLETE, &rq->state);
	mod_timer(&rq->timeout, jiffies + DISK_TIMEOUT);
}

static void disk_end(struct disk_request *rq, int error)
{
	rq->error = error;
	complete(rq->waiter);
}

static irqreturn_t disk_interrupt(int irq, void *dev_id)
{
	struct disk_request *rq = &disk.requests[READ_ONCE(disk_finished)];

	if (!disk_claim(rq))
		return IRQ_NONE;
	spin_lock(&disk.lock);
	list_add_tail(&rq->node, &disk.done);
	spin_unlock(&disk.lock);
	raise_softirq_irqoff(BLOCK_SOFTIRQ);
	return IRQ_HANDLED;
}

static struct disk_request *disk_next_done(void)
{
	struct disk_request *rq;

	spin_lock_irq(&disk.lock);
	rq = list_first_entry_or_null(&disk.done, struct disk_request, node);
	if (rq)
		list_del_init(&rq->node);
	spin_unlock_irq(&disk.lock);
	return rq;
}

static void disk_done_action(void)
{
	struct disk_request *rq;

	while ((rq = disk_next_done()) != NULL) {
		timer_delete(&rq->timeout);
		disk_end(rq, 0);
	}
}

static void disk_timeout(struct timer_list *t)
{
	struct disk_request *rq = from_timer(rq, t, timeout);

	if (test_bit(REQ_COMPLETE, &rq->state))
		return;
	if (rq->retries > 0) {
		rq->retries--;
		disk_issue(rq);
	} else {
		disk_end(rq, -ETIMEDOUT);
	}
}

static int disk_get_tag(void)
{
	int tag;

	for (tag = 0; tag < DISK_TAGS; tag++) {
		if (!test_and_set_bit(tag, &disk.tags))
			return tag;
	}
	return -EBUSY;
}

/* Reads or writes a block, and waits for it. */
static int disk_transfer(void)
{
	DECLARE_COMPLETION_ONSTACK(wait);
	struct disk_request *rq;
	int tag, error;

	tag = disk_get_tag();
	if (tag < 0)
		return tag;
	rq = &disk.requests[tag];
	rq->waiter = &wait;
	rq->retries = DISK_RETRIES;
	disk_issue(rq);

	wait_for_completion(&wait);
	timer_delete_sync(&rq->timeout);
	error = rq->error;
	clear_bit(tag, &disk.tags);
	return error;
}

static int disk_probe(void)
{
	int tag;

	spin_lock_init(&disk.lock);
	INIT_LIST_HEAD(&disk.done);
	for (tag = 0; tag < DISK_TAGS; tag++) {
		struct disk_request *rq = &disk.requests[tag];

		INIT_LIST_HEAD(&rq->node);
		timer_setup(&rq->timeout, disk_timeout, 0);
		set_bit(REQ_COMPLETE, &rq->state);
	}
	open_softirq(BLOCK_SOFTIRQ, disk_done_action);
	return request_irq(DISK_IRQ, disk_interrupt, 0, "disk", &disk);
}

module_init(disk_probe);
MODULE_LICENSE("GPL");

/* Who calls it. */
SYSCALL(reader, disk_transfer, .cpu = 0);
RAISES(DISK_IRQ, .times = 1);
EXPECT(data_race, use_after_free);
