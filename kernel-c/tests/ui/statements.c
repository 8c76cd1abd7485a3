static void f(int a)
{
	else a++;
	if a a++;
	if (a) int b = 1;
	while () a--;
	for (a = 0, a < 3, a++) ;
	for (int i = 0; i < 3) a++;
	do a++; until (a);
	switch (a) {
	case: a++;
	case 1 a++;
	default a++;
	}
	goto;
	goto 3;
	return return;
	break a;
	a = = 3;
	a = (3;
	a[1 = 2;
	f(a, );
	f(, a);
	f(a;
	a ? 1;
	a.;
	a->3;
	sizeof;
	(int) ;
	* ;
	guard(mutex, &m);
	guard(mutex)
	scoped_guard() a++;
	struct t { int x; } = 1;
	int = 3;
	{ a++; ) }
	case_of(a) b++;
	offsetof(struct s);
	return 0;
}
int after = 1;
