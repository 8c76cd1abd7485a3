/*
 * The shrinker of a file system takes a lock; its author tells the validator
 * once, when the file system is mounted. Reclaim never runs here, and yet an
 * allocation with GFP_KERNEL under that lock is found.
 */
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

static DEFINE_MUTEX(inode_lock);

/* What reclaim of our inodes takes. */
static void fs_mount(void)
{
	fs_reclaim_acquire(GFP_KERNEL);
	might_lock(&inode_lock);
	fs_reclaim_release(GFP_KERNEL);
}

static void fs_write(void)
{
	char *buffer;

	mutex_lock(&inode_lock);
	buffer = kmalloc(16, GFP_NOFS);
	kfree(buffer);
	mutex_unlock(&inode_lock);
}

INIT(fs_mount);
THREAD(writer, fs_write);
EXPECT(clean);
