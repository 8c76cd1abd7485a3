/*
 * The reader follows a pointer that it found under a seqlock. That it would have been told to try again does not help
 * it: by then it has read what was freed. Memory that readers follow needs RCU, be there a seqlock or not.
 */
#include <linux/rcupdate.h>
#include <linux/seqlock.h>
#include <linux/slab.h>

struct zone {
	int offset;
	struct rcu_head rcu;
};

static DEFINE_SEQLOCK(zone_lock);
static struct zone *zone;
static int changes;

static void set_up(void)
{
	zone = kzalloc(sizeof(*zone), GFP_KERNEL);
}

static int local_offset(void)
{
	unsigned int seq;
	int offset;

	rcu_read_lock();
	do {
		struct zone *z;

		seq = read_seqbegin(&zone_lock);
		z = zone;
		offset = z ? z->offset + changes : 0;
	} while (read_seqretry(&zone_lock, seq));
	rcu_read_unlock();
	return offset;
}

static void read_offset(void)
{
	local_offset();
}

static void clear_zone(void)
{
	struct zone *old;

	write_seqlock(&zone_lock);
	old = zone;
	zone = NULL;
	changes++;
	write_sequnlock(&zone_lock);
	kfree_rcu(old, rcu);
}

INIT(set_up);
THREAD(reader, read_offset);
THREAD(clearer, clear_zone);
EXPECT(clean);
