/*
 * oops_under_mutex_bug.c on a machine that stops at an oops: nobody is left to
 * wait for the mutex. The bug is the same, and so is what it takes to see it.
 */
#include <linux/mutex.h>

struct sensor_data {
	int celsius;
};

static DEFINE_MUTEX(sensor_lock);
static struct sensor_data measured = { .celsius = 21 };
static struct sensor_data *sensor = &measured;

static long read_sensor(void)
{
	long celsius;

	mutex_lock(&sensor_lock);
	celsius = sensor->celsius;
	mutex_unlock(&sensor_lock);
	return celsius;
}

static void unplug(void)
{
	mutex_lock(&sensor_lock);
	sensor = NULL;
	mutex_unlock(&sensor_lock);
}

SYSCALL(read, read_sensor, .count = 2);
THREAD(unplug, unplug);
KCONFIG(PANIC_ON_OOPS, y);
EXPECT(null_deref);
