/*
 * An inode cache: looked up under RCU, kept by a reference count under each inode's lock, freed by call_rcu(). Memory that a
 * reader sees may belong to an inode that is being evicted: the lookup must look again under its lock before it takes a
 * reference, or it hands out an inode that is as good as freed.
 */
#include <linux/list.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define BUCKETS 2
#define I_FREEING 1

struct cached_inode {
	unsigned long ino;
	int count;
	int state;
	spinlock_t lock;
	struct hlist_node hash;
	struct rcu_head rcu;
};

static struct hlist_head table[BUCKETS];
static DEFINE_SPINLOCK(table_lock);
static int reads;

static struct hlist_head *chain(unsigned long ino)
{
	return &table[ino % BUCKETS];
}

static void free_inode(struct rcu_head *head)
{
	kfree(container_of(head, struct cached_inode, rcu));
}

/* A reference to the inode with this number, if it is in the cache. */
static struct cached_inode *ilookup(unsigned long ino)
{
	struct cached_inode *inode;

	rcu_read_lock();
	hlist_for_each_entry_rcu(inode, chain(ino), hash) {
		if (inode->ino != ino)
			continue;
		spin_lock(&inode->lock);
		if (inode->state & I_FREEING) {
			spin_unlock(&inode->lock);
			break;
		}
		inode->count++;
		spin_unlock(&inode->lock);
		rcu_read_unlock();
		return inode;
	}
	rcu_read_unlock();
	return NULL;
}

/* The last reference takes the inode out of the cache. */
static void iput(struct cached_inode *inode)
{
	spin_lock(&inode->lock);
	if (--inode->count) {
		spin_unlock(&inode->lock);
		return;
	}
	inode->state |= I_FREEING;
	spin_unlock(&inode->lock);

	spin_lock(&table_lock);
	hlist_del_rcu(&inode->hash);
	spin_unlock(&table_lock);
	call_rcu(&inode->rcu, free_inode);
}

static void insert(unsigned long ino)
{
	struct cached_inode *inode = kzalloc(sizeof(*inode), GFP_KERNEL);

	inode->ino = ino;
	inode->count = 1;
	spin_lock_init(&inode->lock);
	spin_lock(&table_lock);
	hlist_add_head_rcu(&inode->hash, chain(ino));
	spin_unlock(&table_lock);
}

static void read_file(void)
{
	struct cached_inode *inode = ilookup(7);

	if (!inode)
		return;
	WRITE_ONCE(reads, (int)inode->ino);
	iput(inode);
}

static void close_file(void)
{
	struct cached_inode *inode;

	/* The reference that insert() left. */
	rcu_read_lock();
	inode = hlist_entry_safe(READ_ONCE(chain(7)->first), struct cached_inode, hash);
	rcu_read_unlock();
	iput(inode);
}

static void set_up(void)
{
	insert(7);
}

INIT(set_up);
THREAD(reader, read_file);
THREAD(closer, close_file);
EXPECT(clean);
