/*
 * cancel_work_sync() of work on system_bh_wq may be called in atomic context: it spins
 * while the work runs. Under the lock that the work function takes it spins for ever.
 */
#include <linux/spinlock.h>
#include <linux/workqueue.h>

static DEFINE_SPINLOCK(ring_lock);
static int filled, stopping;

static void refill_ring(struct work_struct *work)
{
	spin_lock(&ring_lock);
	filled++;
	spin_unlock(&ring_lock);
}
static DECLARE_WORK(refill, refill_ring);

static void probe(void)
{
	queue_work(system_bh_wq, &refill);
}

static void stop(void)
{
	spin_lock_bh(&ring_lock);
	stopping = 1;
	cancel_work_sync(&refill);
	spin_unlock_bh(&ring_lock);
}

INIT(probe);
THREAD(stop, stop, .cpu = 1);
EXPECT(deadlock, lock_order);
