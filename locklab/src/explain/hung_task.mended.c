#include <linux/completion.h>

static DECLARE_COMPLETION(loaded);

static int read_firmware(void)
{
	return -EIO;
}

static void load(void)
{
	read_firmware();
	complete(&loaded);
}

static void probe(void)
{
	wait_for_completion(&loaded);
}

THREAD(load, load);
THREAD(probe, probe);
EXPECT(clean);
