int x = 1
int y;
foo_t z;
static void f(void)
{
	int a = 1.5;
	a = ;
	if (a {
		b;
	}
	asm volatile("nop");
	return 0
}

void g(void) { uint a; u33 b; }
#define BAD(x) x +
int q = BAD(1);
