/*
 * Two numbers of a route that belong together are read under a sequence counter, in softirq. The writer must keep softirqs
 * from its CPU while the counter is odd: a reader that interrupts it there waits for a writer that cannot go on.
 */
#include <linux/interrupt.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>

struct fib {
	spinlock_t lock;
	seqcount_spinlock_t generation;
	u32 gateway;
	u32 mtu;
};

static struct fib fib;
static u32 used_gateway, used_mtu;

static void forward(struct tasklet_struct *t)
{
	unsigned int start;
	u32 gateway, mtu;

	do {
		start = read_seqcount_begin(&fib.generation);
		gateway = fib.gateway;
		mtu = fib.mtu;
	} while (read_seqcount_retry(&fib.generation, start));
	WARN_ON(mtu != 1500 * gateway);
	WRITE_ONCE(used_gateway, gateway);
	WRITE_ONCE(used_mtu, mtu);
}

static DECLARE_TASKLET(rx, forward);

static irqreturn_t packet(int irq, void *dev)
{
	tasklet_schedule(&rx);
	return IRQ_HANDLED;
}

static void change_route(void)
{
	spin_lock(&fib.lock);
	write_seqcount_begin(&fib.generation);
	fib.gateway = 2;
	fib.mtu = 3000;
	write_seqcount_end(&fib.generation);
	spin_unlock(&fib.lock);
}

static void set_up(void)
{
	spin_lock_init(&fib.lock);
	seqcount_spinlock_init(&fib.generation, &fib.lock);
	fib.gateway = 1;
	fib.mtu = 1500;
}

INIT(set_up);
THREAD(admin, change_route);
IRQ(nic, packet);
EXPECT(soft_lockup);
