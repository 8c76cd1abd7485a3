u23 x;
spinlok_t lock;
pthread_mutex_t m;
foo_t *pointer;
static zork make(int a, lock_t *l);

static void f(siz_t n, unknown)
{
	list_heads p;
	foo_t *q = (foo_t *)0;
	q = (bar_t)n;
	uint64_t big = 1;
}
