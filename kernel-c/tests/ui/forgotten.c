#include <linux/spinlock.h>
static int x;
static void f(void)
{
	unsigned long flags
	spin_lock_irqsave(&lock, flags);
	if (x == 1
		x = 2;
	while (x) {
		x--;
	}
	for (i = 0; i < 3; i++ {
		x++;
	}
	x = foo(1, 2;
	return;
}

static int g(int a, int b
{
	return a + b;
}

static void h(void)
	x = 1;
}

struct foo {
	int a;
	int b
};

static struct foo v = {
	.a = 1
	.b = 2,
};

int arr[] = { 1, 2 3 };

THREAD(a, f)
THREAD(b, g);
EXPECT(clean)
