/*
 * A queue without a lock (Michael and Scott): the last node is linked first and the tail moved after it. Who finds the tail behind
 * helps it on. One that waits for the other to do so has made a lock of it: an interrupt on top of that one waits for ever.
 */
#include <linux/atomic.h>
#include <linux/interrupt.h>
#include <linux/processor.h>

struct node {
	int value;
	struct node *next;
};

static struct node dummy;
static struct node *head = &dummy, *tail = &dummy;
static struct node from_task = { .value = 1 }, from_interrupt = { .value = 2 };

static void enqueue(struct node *node)
{
	struct node *last, *next;

	for (;;) {
		last = READ_ONCE(tail);
		next = smp_load_acquire(&last->next);
		if (next) {
			cmpxchg(&tail, last, next);
			continue;
		}
		if (cmpxchg(&last->next, NULL, node) == NULL)
			break;
	}
	cmpxchg(&tail, last, node);
}

static void submit(void)
{
	enqueue(&from_task);
}

static irqreturn_t submit_in_interrupt(int irq, void *dev_id)
{
	enqueue(&from_interrupt);
	return IRQ_HANDLED;
}

THREAD(task, submit, .cpu = 0);
IRQ(device, submit_in_interrupt);
FINALLY((tail == head->next || tail == head->next->next) && !tail->next);
EXPECT(clean);
