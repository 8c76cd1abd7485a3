/*
 * Locks of one ww_class may be taken in any order, but only under an acquire
 * context: without one they are plain mutexes, and two orders deadlock.
 */
#include <linux/ww_mutex.h>

static DEFINE_WW_CLASS(buffer_class);

struct buffer {
	struct ww_mutex lock;
	int frames;
};

static struct buffer front, back;

static void set_up(void)
{
	ww_mutex_init(&front.lock, &buffer_class);
	ww_mutex_init(&back.lock, &buffer_class);
}

static void swap_frames(struct buffer *first, struct buffer *second)
{
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &buffer_class);
	if (ww_mutex_lock(&first->lock, NULL))
		BUG();
	while (ww_mutex_lock(&second->lock, NULL) == -EDEADLK) {
		ww_mutex_unlock(&first->lock);
		ww_mutex_lock_slow(&second->lock, &ctx);
		swap(first, second);
	}
	ww_acquire_done(&ctx);
	first->frames++;
	second->frames++;
	ww_mutex_unlock(&second->lock);
	ww_mutex_unlock(&first->lock);
	ww_acquire_fini(&ctx);
}

static void draw(void)
{
	swap_frames(&front, &back);
}

static void flip(void)
{
	swap_frames(&back, &front);
}

INIT(set_up);
THREAD(drawer, draw);
THREAD(flipper, flip);

FINALLY(front.frames == 2 && back.frames == 2);
EXPECT(deadlock, recursive_lock);
