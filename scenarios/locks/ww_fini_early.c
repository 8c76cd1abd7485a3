/*
 * The acquire context ends before its locks are released: who waits for one
 * of them looks at a context that is no more. Released first, it is clean.
 */
#include <linux/ww_mutex.h>

static DEFINE_WD_CLASS(object_class);
static struct ww_mutex object;
static int pins;

static void set_up(void)
{
	ww_mutex_init(&object, &object_class);
}

static void pin(void)
{
	struct ww_acquire_ctx ctx;

	ww_acquire_init(&ctx, &object_class);
	if (ww_mutex_lock(&object, &ctx))
		BUG();
	ww_acquire_done(&ctx);
	pins++;
	ww_mutex_unlock(&object);
	ww_acquire_fini(&ctx);
}

INIT(set_up);
THREAD(first, pin);
THREAD(second, pin);

FINALLY(pins == 2);
EXPECT(clean);
