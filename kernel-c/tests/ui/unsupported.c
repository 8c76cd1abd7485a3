float ratio;
static long double precise(void);
_Complex double z;
_Atomic int counter;
static _Thread_local int mine;
int old_style(a, b)
int a, b;
{
	return a + b;
}
asm(".globl x");
extern int renamed asm("other_name");
SYSCALL_DEFINE1(close, unsigned int, fd)
{
	return 0;
}
class Widget;

static void f(int n)
{
	double d = 1.5e3;
	__label__ here;
	void *where = &&here;
	char *wide = L"text";
	int inner(int a)
	{
		return a;
	}
	asm volatile("mfence" ::: "memory");
	n = _Generic(n, int: 1, default: 2);
	goto *where;
here:
	n = .5 + 0x1p3;
}
