/*
 * Four locks of a network device in a circle: each function takes two, in an
 * order that its own neighbours agree with, and only all four together are
 * wrong. The last of them is also taken by the interrupt handler, and held
 * with interrupts on.
 */
#include <linux/interrupt.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(dev_lock);
static DEFINE_SPINLOCK(queue_lock);
static DEFINE_SPINLOCK(pool_lock);
static DEFINE_SPINLOCK(ring_lock);

static int is_up = 1;
static int queued;
static int buffers = 4;
static int slots;

static irqreturn_t nic_interrupt(int irq, void *dev_id)
{
	spin_lock(&ring_lock);
	slots++;
	spin_unlock(&ring_lock);
	return IRQ_HANDLED;
}

static void nic_open(void)
{
	spin_lock(&dev_lock);
	spin_lock(&queue_lock);
	queued = is_up;
	spin_unlock(&queue_lock);
	spin_unlock(&dev_lock);
}

static void nic_send(void)
{
	spin_lock(&queue_lock);
	spin_lock(&pool_lock);
	buffers -= queued;
	spin_unlock(&pool_lock);
	spin_unlock(&queue_lock);
}

static void nic_refill(void)
{
	spin_lock(&pool_lock);
	spin_lock_irq(&ring_lock);
	slots += buffers;
	spin_unlock_irq(&ring_lock);
	spin_unlock(&pool_lock);
}

static void nic_reset(void)
{
	spin_lock(&dev_lock);
	spin_lock_irq(&ring_lock);
	is_up = slots > 0;
	spin_unlock_irq(&ring_lock);
	spin_unlock(&dev_lock);
}

THREAD(open, nic_open);
THREAD(send, nic_send);
THREAD(refill, nic_refill);
THREAD(reset, nic_reset);
IRQ(nic, nic_interrupt, .times = 1);
EXPECT(clean);
