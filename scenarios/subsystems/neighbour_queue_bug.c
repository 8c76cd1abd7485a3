/*
 * Packets for a neighbour whose address is not known yet wait in a queue, and the answer sends them. Whoever queues looks at the
 * state under the lock that the answer takes: else a packet joins the queue when it has just been emptied, and stays.
 */
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/spinlock.h>

struct packet {
	struct list_head node;
	bool sent;
};

static LIST_HEAD(waiting);
static DEFINE_SPINLOCK(neighbour_lock);
static bool resolved;
static struct packet packet;

static void transmit(struct packet *p)
{
	p->sent = true;
}

static void output(void)
{
	struct packet *p = &packet;

	if (READ_ONCE(resolved)) {
		transmit(p);
		return;
	}
	spin_lock_irq(&neighbour_lock);
	list_add_tail(&p->node, &waiting);
	spin_unlock_irq(&neighbour_lock);
}

static irqreturn_t answer(int irq, void *dev_id)
{
	struct packet *p, *next;

	spin_lock(&neighbour_lock);
	WRITE_ONCE(resolved, true);
	list_for_each_entry_safe(p, next, &waiting, node) {
		list_del(&p->node);
		transmit(p);
	}
	spin_unlock(&neighbour_lock);
	return IRQ_HANDLED;
}

THREAD(sender, output);
IRQ(nic, answer);
FINALLY(packet.sent || !resolved);
EXPECT(final_state);
