/*
 * A kfifo needs no lock for one reader and one writer, as each moves an index of its own. Two writers put their elements
 * into the same place.
 */
#include <linux/kfifo.h>
#include <linux/spinlock.h>

static DEFINE_KFIFO(events, int, 4);
static DEFINE_SPINLOCK(events_lock);

static void report(int event)
{
	kfifo_in_spinlocked(&events, &event, 1, &events_lock);
}

THREAD(a, report, .arg = 1);
THREAD(b, report, .arg = 2);
FINALLY(kfifo_len(&events) == 2);
EXPECT(clean);
