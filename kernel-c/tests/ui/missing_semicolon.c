int x = 1
int y;
struct device {
	int users;
}
static struct device the_device;

static int f(void)
{
	int a = 1
	a++
	if (a)
		return a
	do {
		a--;
	} while (a)
	goto out
out:
	return 0;
}

THREAD(one, f)
EXPECT(clean);
