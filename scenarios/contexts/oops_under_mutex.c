/*
 * An unplugged sensor has no data, and who reads it hits an oops. That kills
 * the reader alone, and the mutex that it holds is held for ever: the next one
 * who wants it hangs. With panic_on_oops the whole machine stops instead.
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
	celsius = sensor ? sensor->celsius : -ENODEV;
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
EXPECT(clean);
