/*
 * A kfifo needs no lock for one reader and one writer, as each moves an index of its own. Two writers put their elements
 * into the same place.
 */
#include <linux/kfifo.h>
#include <linux/spinlock.h>

static DEFINE_KFIFO(events, int, 4);

static void report(int event)
{
	kfifo_put(&events, event);
}

THREAD(a, report, .arg = 1);
THREAD(b, report, .arg = 2);
FINALLY(kfifo_len(&events) == 2);
EXPECT(data_race, final_state);
