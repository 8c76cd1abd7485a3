/*
 * A lock that does not nest is taken twice: port_reset() holds the port's
 * lock and calls a helper that takes it again. The mended form calls the
 * helper's half that expects the lock to be held.
 */
#include <linux/spinlock.h>

struct port {
	spinlock_t lock;
	bool running;
	unsigned int resets;
};

static struct port port = {
	.lock = __SPIN_LOCK_UNLOCKED(port.lock),
	.running = true,
};

static void __port_stop(struct port *p)
{
	lockdep_assert_held(&p->lock);
	p->running = false;
}

static void port_stop(struct port *p)
{
	spin_lock(&p->lock);
	__port_stop(p);
	spin_unlock(&p->lock);
}

static void port_reset(struct port *p)
{
	spin_lock(&p->lock);
	port_stop(p);		/* takes p->lock again */
	p->resets++;
	spin_unlock(&p->lock);
}

static void reset_task(void)
{
	port_reset(&port);
	port_stop(&port);
}

THREAD(reset, reset_task);
EXPECT(deadlock, recursive_lock);
