/*
 * Told to back off, the task asks for the lock again without giving up the
 * one that it has: it is told so once more, and goes on without the lock. It
 * must release everything, and then wait for the lock that was missing.
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
	if (ww_mutex_lock(&first->lock, &ctx))
		BUG();
	while (ww_mutex_lock(&second->lock, &ctx) == -EDEADLK) {
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
EXPECT(clean);
