/*
 * An inode cache: lookups walk a hash chain under RCU, and the last iput() takes the inode out of it. RCU keeps the memory, not the
 * inode: a lookup may find one that has nobody left, and must leave it alone.
 */
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct cached_inode {
	unsigned long ino;
	refcount_t count;
	int opens;
	struct hlist_node hash;
	struct rcu_head rcu;
};

static HLIST_HEAD(inode_hash);
static DEFINE_SPINLOCK(inode_hash_lock);

static struct cached_inode *find_inode(unsigned long ino)
{
	struct cached_inode *inode, *found = NULL;

	rcu_read_lock();
	hlist_for_each_entry_rcu(inode, &inode_hash, hash) {
		if (inode->ino != ino)
			continue;
		refcount_inc(&inode->count);
		found = inode;
		break;
	}
	rcu_read_unlock();
	return found;
}

static void put_inode(struct cached_inode *inode)
{
	if (!refcount_dec_and_test(&inode->count))
		return;
	spin_lock(&inode_hash_lock);
	hlist_del_rcu(&inode->hash);
	spin_unlock(&inode_hash_lock);
	kfree_rcu(inode, rcu);
}

static void mount(void)
{
	struct cached_inode *inode = kzalloc(sizeof(*inode), GFP_KERNEL);

	inode->ino = 2;
	refcount_set(&inode->count, 1);
	hlist_add_head_rcu(&inode->hash, &inode_hash);
}

static int open_file(void)
{
	struct cached_inode *inode = find_inode(2);

	if (!inode)
		return -ENOENT;
	WRITE_ONCE(inode->opens, READ_ONCE(inode->opens) + 1);
	put_inode(inode);
	return 0;
}

static void umount(void)
{
	struct cached_inode *inode = hlist_entry(inode_hash.first, struct cached_inode, hash);

	put_inode(inode);
}

INIT(mount);
SYSCALL(open, open_file);
THREAD(umount_task, umount);
EXPECT(refcount, use_after_free);
