/*
 * A hash chain whose head holds its own lock in bit 0. One path adds to the
 * chain without it: hlist_bl_set_first() expects the bit, and would lose it.
 */
#include <linux/list_bl.h>

struct dentry {
	struct hlist_bl_node hash;
	int name;
};

static struct hlist_bl_head chain;
static struct dentry root, child;

static void add(struct dentry *dentry)
{
	hlist_bl_add_head(&dentry->hash, &chain);
}

static void add_root(void)
{
	hlist_bl_lock(&chain);
	add(&root);
	hlist_bl_unlock(&chain);
}

static void add_child(void)
{
	add(&child);
}

THREAD(mounter, add_root);
THREAD(opener, add_child);

EXPECT(unordered_access, bug_on);
