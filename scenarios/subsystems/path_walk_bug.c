/*
 * A path is walked without locks while a rename changes a directory's parent and its name. Whoever reads both must ask the sequence
 * counter whether they belong together; RCU only keeps the memory.
 */
#include <linux/rcupdate.h>
#include <linux/seqlock.h>

struct dentry {
	int parent;	/* of which directory */
	int name;
};

static struct dentry child = { .parent = 1, .name = 1 };
static DEFINE_SEQLOCK(rename_lock);

static void rename_child(int to)
{
	write_seqlock(&rename_lock);
	child.parent = to;
	child.name = to;
	write_sequnlock(&rename_lock);
}

static void walk(void)
{
	unsigned int seq;
	int parent, name;

	rcu_read_lock();
	seq = read_seqbegin(&rename_lock);
	parent = child.parent;
	name = child.name;
	read_seqretry(&rename_lock, seq);
	rcu_read_unlock();
	WARN_ON(parent != name);
}

THREAD(rename, rename_child, .arg = 2);
THREAD(walker, walk);
EXPECT(warn_on);
