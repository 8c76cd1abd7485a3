#define SQUARE(x) ((x) * (x))
#define SQUARE(y) ((y) * (y) + 1)
#define BROKEN(x) (x +
#define STRING(x) #y
#define PASTE(x) ## x
#define TWICE(x, x) x
#define NO_PARENS(x
#define defined 1
#define
#define 3
#define JOIN(a, b) a ## b
#define FIRST(a, ...) a
#define NOT_VARIADIC(a) __VA_ARGS__
#define NULL 0

int a = SQUARE(1, 2);
int b = SQUARE();
int c = BROKEN(1);
int d = JOIN(+, 1);
int e = FIRST();
#define MISTAKE(v) v = = 1
static void f(int v)
{
	MISTAKE(v);
	v = SQUARE(v;
}
