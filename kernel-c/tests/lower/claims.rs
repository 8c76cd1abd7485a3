//! Claims and expectations.

use crate::interpreter::Interpreter;
use crate::support::{program, titles};

const F: &str =
    "static int a = 3, b; static atomic_t n = ATOMIC_INIT(2); static LIST_HEAD(list); static DEFINE_MUTEX(m);
static void f(void) { }\nTHREAD(t, f);\n";

#[test]
fn a_claim_is_a_function_with_the_claim_s_text() {
    let program =
        program(&format!("{F}INVARIANT(a == 3 && !b); FINALLY(atomic_read(&n) == 2); REACHABLE(!list_empty(&list));"));
    let claims = &program.claims;
    assert_eq!(claims.invariants[0].text, "a == 3 && !b");
    for (claim, value) in [(&claims.invariants[0], 1), (&claims.finally[0], 1), (&claims.reachable[0], 0)] {
        let name = program.functions[claim.function as usize].name.clone();
        assert_eq!(Interpreter::new(&program).call_by_name(&name, &[]), value, "{name}");
    }
}

#[test]
fn a_claim_only_looks() {
    let said = |claim: &str| titles(&format!("{F}{claim}"));
    assert_eq!(said("INVARIANT(a++ == 3);"), ["a claim must only look, and this writes to memory"]);
    assert_eq!(said("FINALLY(atomic_inc_return(&n));"), ["a claim must only look, and this writes to memory"]);
    assert_eq!(said("FINALLY(!mutex_is_locked(&m));"), ["a claim must only look, and this calls the kernel"]);
    assert_eq!(said("FINALLY(f());"), ["a claim must be a number or a pointer, and this is `void`"]);
}

#[test]
fn expectations_are_names_of_findings() {
    let expected = |text: &str| program(&format!("{F}{text}")).claims.expect.map(|e| e.findings);
    assert_eq!(expected(""), None);
    assert_eq!(expected("EXPECT(clean);"), Some(vec![]));
    assert_eq!(expected("EXPECT(data_race, deadlock);"), Some(vec!["data_race".into(), "deadlock".into()]));
    assert_eq!(
        expected("EXPECT(clean); EXPECT_IF(CONFIG_SMP, data_race); EXPECT_IF(!CONFIG_SMP, deadlock);"),
        Some(vec!["data_race".into()])
    );
    assert_eq!(titles(&format!("{F}EXPECT(data_rase);")), ["there is no finding `data_rase`"]);
    assert_eq!(titles(&format!("{F}EXPECT(clean, deadlock);")), ["`clean` cannot stand with findings"]);
}
