/*
 * A module that keeps spare buffers: a kernel thread fills the cache in the background, and reclaim empties it when memory is short.
 * The thread waits for room with the cache's lock held, which reclaim needs to make any: both wait for ever, and with them whoever
 * unloads the module.
 */
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/wait.h>

#define CACHE_MAX 1

struct buffer {
	struct list_head node;
	int data;
};

struct cache {
	struct mutex lock;		/* spare, count, closing */
	struct list_head spare;
	int count;
	bool closing;			/* the module is being unloaded */
	wait_queue_head_t room;		/* the thread waits here until there are fewer than CACHE_MAX */
	struct task_struct *filler;
};

static struct cache cache;

/* Whether the thread has something to do. */
static bool cache_has_room(void)
{
	return READ_ONCE(cache.count) < CACHE_MAX || READ_ONCE(cache.closing);
}

/* Waits until a buffer may be added; the lock is held when it is over. */
static void cache_wait_for_room(void)
{
	mutex_lock(&cache.lock);
	while (cache.count >= CACHE_MAX && !cache.closing) {
		mutex_unlock(&cache.lock);
		wait_event_interruptible(cache.room, cache_has_room());
		mutex_lock(&cache.lock);
	}
}

static void cache_add(struct buffer *buffer)
{
	list_add(&buffer->node, &cache.spare);
	WRITE_ONCE(cache.count, cache.count + 1);
}

static int cache_fill(void *unused)
{
	struct buffer *buffer;
	int filled;

	/* As often as the scenario looks at it. */
	for (filled = 0; filled < 2; filled++) {
		cache_wait_for_room();
		if (cache.closing) {
			mutex_unlock(&cache.lock);
			return 0;
		}
		buffer = kzalloc(sizeof(*buffer), GFP_NOIO);
		if (buffer)
			cache_add(buffer);
		mutex_unlock(&cache.lock);
	}
	return 0;
}

/* Frees one spare buffer: 1 if there was one. */
static int cache_free_one(void)
{
	struct buffer *buffer;

	mutex_lock(&cache.lock);
	buffer = list_first_entry_or_null(&cache.spare, struct buffer, node);
	if (buffer) {
		list_del(&buffer->node);
		WRITE_ONCE(cache.count, cache.count - 1);
	}
	mutex_unlock(&cache.lock);
	kfree(buffer);
	return buffer ? 1 : 0;
}

/* What the shrinker calls when memory is short. */
static unsigned long cache_shrink(void)
{
	unsigned long freed = cache_free_one();

	if (freed)
		wake_up(&cache.room);
	return freed;
}

/* An allocation that finds no memory: it reclaims, and tries again. */
static void allocate_under_pressure(void)
{
	cache_shrink();
}

static int __init cache_init(void)
{
	mutex_init(&cache.lock);
	INIT_LIST_HEAD(&cache.spare);
	init_waitqueue_head(&cache.room);
	cache.filler = kthread_create(cache_fill, NULL, "filler");
	if (IS_ERR(cache.filler))
		return PTR_ERR(cache.filler);
	/* It may end by itself. */
	get_task_struct(cache.filler);
	wake_up_process(cache.filler);
	return 0;
}

static void __exit cache_exit(void)
{
	mutex_lock(&cache.lock);
	WRITE_ONCE(cache.closing, true);
	mutex_unlock(&cache.lock);
	wake_up(&cache.room);
	kthread_stop_put(cache.filler);
	while (cache_free_one())
		;
}

module_init(cache_init);
module_exit(cache_exit);
SYSCALL(allocate, allocate_under_pressure);
EXPECT(clean);
