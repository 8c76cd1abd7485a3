/*
 * get_cpu() turns preemption off until put_cpu(). The spinlock taken in between sleeps on PREEMPT_RT;
 * which CPU it is need only be known, not kept.
 */
#include <linux/smp.h>
#include <linux/spinlock.h>

struct bucket {
	spinlock_t lock;
	int used;
};

static struct bucket buckets[2];

static void set_up(void)
{
	spin_lock_init(&buckets[0].lock);
	spin_lock_init(&buckets[1].lock);
}

static void use_bucket(void)
{
	struct bucket *bucket = &buckets[raw_smp_processor_id()];

	spin_lock(&bucket->lock);
	bucket->used++;
	spin_unlock(&bucket->lock);
}

INIT(set_up);
THREAD(one, use_bucket, .cpu = 0);
THREAD(two, use_bucket, .cpu = 0);
FINALLY(buckets[0].used == 2);
EXPECT(clean);
