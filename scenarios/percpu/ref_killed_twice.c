/*
 * percpu_ref_kill() gives up the reference that percpu_ref_init() took. Both the ioctl and the removal of the device kill it:
 * the second gives up somebody else's.
 */
#include <linux/percpu-refcount.h>

struct queue {
	struct percpu_ref refs;
	unsigned long dying;
};

static struct queue queue;
static int releases;

static void release_queue(struct percpu_ref *refs)
{
	releases++;
}

static void set_up(void)
{
	percpu_ref_init(&queue.refs, release_queue, PERCPU_REF_INIT_ATOMIC, GFP_KERNEL);
	percpu_ref_get(&queue.refs);
}

static void kill_queue(void)
{
	if (!test_and_set_bit(0, &queue.dying))
		percpu_ref_kill(&queue.refs);
}

INIT(set_up);
THREAD(ioctl, kill_queue);
THREAD(remove, kill_queue);
FINALLY(releases == 0);
EXPECT(clean);
