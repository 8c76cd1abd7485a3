//! Calls, made in one context after another: what the kernel objects to there is reported, and nothing else.

use crate::found::found;

/// Makes each call in each context. A row is a call and what it must report in each of them; a context is its name and what the rig adds to the setting, in which the
/// call stands for `CALL`.
pub(crate) fn each_in_each<const N: usize>(setting: &str, contexts: &[(&str, &str); N], rows: &[(&str, [&str; N])]) {
    let mut wrong = Vec::new();
    for (call, reported) in rows {
        for ((context, rig), expected) in contexts.iter().zip(reported) {
            let found = found(&(setting.replace("CALL", call) + rig));
            if found != *expected {
                wrong.push(format!("{call} in {context}: {found:?}, expected {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
