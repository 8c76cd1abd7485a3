static const char *s = "not closed;
static char c = 'x;
static int at = 3 @ 4;
static int a = '';
static int b = 'ab';
static int d = 08;
static int e = 18446744073709551616;
static int g = 12monkeys;
static const char *t = "\q \x \xfff";
static int quoted = f(“x”) – 1;
static int größe;
int last;
/* never closed
int hidden;
