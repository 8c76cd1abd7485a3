/*
 * WARN_ON() is for what cannot be unless the kernel itself is wrong. What user
 * space passes in can be anything; where panic_on_warn is set, as on many a
 * server, whoever may make this call may stop the machine.
 */
#include <linux/mutex.h>

#define MAX_SPEED 100

static DEFINE_MUTEX(fan_lock);
static unsigned long fan_speed;

static long set_fan_speed(unsigned long speed)
{
	if (speed > MAX_SPEED)
		return -EINVAL;
	mutex_lock(&fan_lock);
	fan_speed = speed;
	mutex_unlock(&fan_lock);
	return 0;
}

SYSCALL(sensible, set_fan_speed, .arg = 40);
SYSCALL(anybody, set_fan_speed, .arg = 4000);
FINALLY(fan_speed == 40);
EXPECT(clean);
