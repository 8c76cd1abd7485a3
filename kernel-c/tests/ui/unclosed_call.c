#define SQUARE(x) ((x) * (x))
#define PAIR(a, b) (a, b)
static int first(int v)
{
	v = SQUARE(v;
	v = ;
	return SQUARE(v);
}

static int second(int v)
{
	v = PAIR(v, SQUARE(1);
	return v + ;
}

int third = SQUARE(2;
int fourth = SQUARE(2) +;
int fifth = SQUARE(
