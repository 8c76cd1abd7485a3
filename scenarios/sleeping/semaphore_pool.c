/*
 * A semaphore counts the free engines: as many tasks as it was initialised
 * with may be inside at once.
 */
#include <linux/semaphore.h>
#include <linux/atomic.h>

#define ENGINES 2

static struct semaphore engines;
static atomic_t busy = ATOMIC_INIT(0);

static void engines_setup(void)
{
	sema_init(&engines, ENGINES);
}

static void run_job(void)
{
	down(&engines);
	atomic_inc(&busy);
	atomic_dec(&busy);
	up(&engines);
}

INIT(engines_setup);
THREAD(job, run_job, .count = 3);
INVARIANT(atomic_read(&busy) <= ENGINES);
EXPECT(clean);
