/*
 * A callback is called with the lock of its own list held, and the callback
 * takes that lock to unregister itself. The mended form fetches the callback
 * under the lock and calls it without.
 */
#include <linux/mutex.h>

typedef void (*link_fn)(void);

static DEFINE_MUTEX(notifier_lock);
static link_fn on_link_down;

static void register_link_down(link_fn fn)
{
	mutex_lock(&notifier_lock);
	on_link_down = fn;
	mutex_unlock(&notifier_lock);
}

/* Called once: it needs to hear of the first loss only. */
static void first_loss(void)
{
	pr_info("link lost\n");
	register_link_down(NULL);
}

static void setup(void)
{
	register_link_down(first_loss);
}

static void link_down_event(void)
{
	link_fn fn;

	mutex_lock(&notifier_lock);
	fn = on_link_down;
	if (fn)
		fn();
	mutex_unlock(&notifier_lock);
}

INIT(setup);
THREAD(event, link_down_event);
EXPECT(deadlock, recursive_lock);
