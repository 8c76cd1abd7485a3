//! What numbers, characters and strings mean.
//!
//! Invariant: each function takes a spelling that the lexer or `##` made, and never panics whatever it is.

use crate::ast::IntegerLiteral;

/// What can be wrong with a literal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LiteralError {
    #[error("`{0}` is not a number")]
    NotANumber(String),
    #[error("`{0}` does not fit into 64 bits")]
    TooLarge(String),
    #[error("floating-point numbers are not supported")]
    Float,
    #[error("an empty character constant")]
    EmptyChar,
    #[error("a character constant of more than one character")]
    LongChar,
    #[error("unknown escape sequence `\\{}`", .0.escape_default())]
    Escape(char),
    #[error("this escape sequence does not fit into a byte")]
    EscapeTooLarge,
}

/// The value of an integer with its suffix.
pub(crate) fn integer(spelling: &str) -> Result<IntegerLiteral, LiteralError> {
    let not_a_number = || LiteralError::NotANumber(spelling.to_owned());
    let (digits, radix) = match spelling.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&spelling[2..], 16),
        [b'0', b'b' | b'B', ..] => (&spelling[2..], 2),
        [b'0', _, ..] => (&spelling[1..], 8),
        _ => (spelling, 10),
    };
    let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    let (digits, suffix) = digits.split_at(length);
    if is_float(spelling, radix) {
        return Err(LiteralError::Float);
    }
    let (unsigned, longs) = integer_suffix(suffix).ok_or_else(not_a_number)?;
    if digits.is_empty() && radix != 8 {
        return Err(not_a_number());
    }
    let value = match digits {
        "" => 0,
        _ => u64::from_str_radix(digits, radix).map_err(|_| LiteralError::TooLarge(spelling.to_owned()))?,
    };
    Ok(IntegerLiteral { value, decimal: radix == 10, unsigned, longs })
}

fn is_float(spelling: &str, radix: u32) -> bool {
    let exponent: &[char] = if radix == 16 { &['p', 'P'] } else { &['e', 'E'] };
    let number = spelling.trim_end_matches(['f', 'F', 'l', 'L']);
    (spelling.contains('.') || spelling.contains(exponent))
        && number.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | '+' | '-' | 'x' | 'X' | 'p' | 'P'))
}

/// Whether a suffix says unsigned, and how many `l` it has.
fn integer_suffix(suffix: &str) -> Option<(bool, u8)> {
    let lower = suffix.to_ascii_lowercase();
    let longs = match lower.trim_start_matches('u').trim_end_matches('u') {
        "" => 0,
        "l" => 1,
        // `lL` is no suffix.
        "ll" if suffix.contains("ll") || suffix.contains("LL") => 2,
        _ => return None,
    };
    match lower.matches('u').count() {
        0 => Some((false, longs)),
        1 => Some((true, longs)),
        _ => None,
    }
}

/// The value of a character constant with its quotes, which is a `char` made an `int`. (The kernel's `char` is unsigned.)
pub(crate) fn character(spelling: &str) -> Result<i64, LiteralError> {
    match *bytes(spelling)? {
        [] => Err(LiteralError::EmptyChar),
        [byte] => Ok(byte.into()),
        _ => Err(LiteralError::LongChar),
    }
}

/// The bytes of a string or character constant with its quotes.
pub(crate) fn bytes(spelling: &str) -> Result<Vec<u8>, LiteralError> {
    let inner = spelling.get(1..spelling.len().saturating_sub(1)).unwrap_or_default();
    let mut result = Vec::with_capacity(inner.len());
    let mut rest = inner.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\\' {
            result.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let Some(escape) = rest.next() else { break };
        let byte = match escape {
            'n' => b'\n',
            't' => b'\t',
            'r' => b'\r',
            'a' => 7,
            'b' => 8,
            'v' => 11,
            'f' => 12,
            'e' => 27,
            '\\' | '\'' | '"' | '?' => escape as u8,
            '0'..='7' => {
                let mut value = escape as u32 - '0' as u32;
                for _ in 0..2 {
                    let Some(digit) = rest.peek().and_then(|next| next.to_digit(8)) else { break };
                    value = value * 8 + digit;
                    rest.next();
                }
                u8::try_from(value).map_err(|_| LiteralError::EscapeTooLarge)?
            }
            'x' => {
                let mut value = None;
                while let Some(digit) = rest.peek().and_then(|next| next.to_digit(16)) {
                    value = Some(value.unwrap_or(0u32).saturating_mul(16).saturating_add(digit));
                    rest.next();
                }
                u8::try_from(value.ok_or(LiteralError::Escape('x'))?).map_err(|_| LiteralError::EscapeTooLarge)?
            }
            other => return Err(LiteralError::Escape(other)),
        };
        result.push(byte);
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(spelling: &str) -> (u64, bool, bool, u8) {
        let literal = integer(spelling).unwrap();
        (literal.value, literal.decimal, literal.unsigned, literal.longs)
    }

    #[test]
    fn integers_of_every_radix_and_suffix_have_their_values() {
        assert_eq!(value("0"), (0, true, false, 0));
        assert_eq!(value("42"), (42, true, false, 0));
        assert_eq!(value("0x1fUL"), (31, false, true, 1));
        assert_eq!(value("0b101"), (5, false, false, 0));
        assert_eq!(value("017"), (15, false, false, 0));
        assert_eq!(value("1llu"), (1, true, true, 2));
        assert_eq!(value("1ULL"), (1, true, true, 2));
        assert_eq!(value("18446744073709551615u"), (u64::MAX, true, true, 0));
    }

    #[test]
    fn what_is_no_integer_says_why() {
        assert_eq!(integer("18446744073709551616"), Err(LiteralError::TooLarge("18446744073709551616".into())));
        assert_eq!(integer("08"), Err(LiteralError::NotANumber("08".into())));
        assert_eq!(integer("1lL"), Err(LiteralError::NotANumber("1lL".into())));
        assert_eq!(integer("1uu"), Err(LiteralError::NotANumber("1uu".into())));
        assert_eq!(integer("0x"), Err(LiteralError::NotANumber("0x".into())));
        assert_eq!(integer("12abc"), Err(LiteralError::NotANumber("12abc".into())));
        for float in ["1.0", "1e9", ".5", "1.5f", "0x1p3", "1e-3"] {
            assert_eq!(integer(float), Err(LiteralError::Float), "{float}");
        }
    }

    #[test]
    fn escapes_give_their_bytes() {
        assert_eq!(bytes(r#""a\n\t\0\x41\101\"""#).unwrap(), b"a\n\t\0AA\"");
        assert_eq!(bytes(r#""\08""#).unwrap(), b"\08");
        assert_eq!(bytes(r#""\777""#), Err(LiteralError::EscapeTooLarge));
        assert_eq!(bytes(r#""\xfff""#), Err(LiteralError::EscapeTooLarge));
        assert_eq!(bytes(r#""\q""#), Err(LiteralError::Escape('q')));
        assert_eq!(character("'\\xff'"), Ok(255));
        assert_eq!(character("''"), Err(LiteralError::EmptyChar));
        assert_eq!(character("'ab'"), Err(LiteralError::LongChar));
    }
}
