/*
 * An early return between lock and unlock. A scope-based guard unlocks on
 * every way out.
 */
#include <linux/mutex.h>
#include <linux/cleanup.h>

static DEFINE_MUTEX(led_lock);
static bool suspended = true;
static int brightness;

static int led_set(int value)
{
	guard(mutex)(&led_lock);
	if (suspended)
		return -EBUSY;
	brightness = value;
	return 0;
}

static void led_on(void)
{
	led_set(255);
}

static void led_resume(void)
{
	mutex_lock(&led_lock);
	suspended = false;
	mutex_unlock(&led_lock);
}

THREAD(on, led_on);
THREAD(resume, led_resume);
EXPECT(clean);
