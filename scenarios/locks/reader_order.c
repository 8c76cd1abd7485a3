/*
 * Two readers that never wait for each other deadlock when a writer comes
 * between them: a reader that comes after a waiting writer waits.
 */
#include <linux/spinlock.h>

static DEFINE_RWLOCK(tree_lock);
static DEFINE_SPINLOCK(stats_lock);
static int depth;
static int lookups;

static void look_up(void)
{
	read_lock(&tree_lock);
	if (READ_ONCE(depth) >= 0) {
		spin_lock(&stats_lock);
		lookups++;
		spin_unlock(&stats_lock);
	}
	read_unlock(&tree_lock);
}

static void report(void)
{
	read_lock(&tree_lock);
	spin_lock(&stats_lock);
	WARN_ON(depth < 0 || lookups < 0);
	spin_unlock(&stats_lock);
	read_unlock(&tree_lock);
}

static void grow(void)
{
	write_lock(&tree_lock);
	WRITE_ONCE(depth, depth + 1);
	write_unlock(&tree_lock);
}

CPUS(3);
THREAD(reader, look_up);
THREAD(reporter, report);
THREAD(grower, grow);

FINALLY(depth == 1 && lookups == 1);
EXPECT(clean);
