/*
 * A handler may not take an rw_semaphore, not even to read, and not even by trying: to give it back may have to wake a writer, who
 * may run nowhere but here. RCU lets it read.
 */
#include <linux/interrupt.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>

static DECLARE_RWSEM(config_sem);
static int limit = 10;
static int dropped;

static irqreturn_t receive(int irq, void *dev_id)
{
	rcu_read_lock();
	if (READ_ONCE(limit) < 10)
		dropped++;
	rcu_read_unlock();
	return IRQ_HANDLED;
}

static void set_limit(void)
{
	down_write(&config_sem);
	WRITE_ONCE(limit, 5);
	up_write(&config_sem);
}

THREAD(admin, set_limit);
IRQ(nic, receive);
EXPECT(clean);
