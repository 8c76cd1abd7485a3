//! Formats of `printk` (`Documentation/core-api/printk-formats.rst`), for the log of a replayed execution.

use super::Machine;
use super::exec::Run;
use crate::model::Observer;
use crate::program::{Reg, Scalar, pointer};

impl<O: Observer> Run<'_, O> {
    /// The text that a format gives with these registers.
    pub(super) fn formatted(&self, format: u32, args: &[Reg]) -> String {
        let all: Vec<u64> = args.iter().map(|reg| self.reg(*reg)).collect();
        self.m.format(self.s, format, &all)
    }
}

impl Machine {
    /// The text that a format gives with these arguments.
    pub(super) fn format(&self, s: &[u8], format: u32, args: &[u64]) -> String {
        let Some(text) = self.program.strings.get(format as usize) else { return String::new() };
        let mut args = args.iter().copied();
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find('%') {
            out.push_str(&rest[..at]);
            let spec = Conversion::parse(&rest[at + 1..]);
            rest = &rest[at + 1 + spec.len..];
            let value = if spec.letter == '%' { 0 } else { args.next().unwrap_or(0) };
            out.push_str(&spec.pad(self.convert(s, &spec, value)));
        }
        out.push_str(rest);
        out
    }

    fn convert(&self, s: &[u8], spec: &Conversion, value: u64) -> String {
        let unsigned = Scalar { size: spec.size, signed: false }.wrap(value);
        let signed = Scalar { size: spec.size, signed: true }.wrap(value) as i64;
        match spec.letter {
            '%' => "%".into(),
            'd' | 'i' => signed.to_string(),
            'u' => unsigned.to_string(),
            'x' if spec.alternate => format!("{unsigned:#x}"),
            'x' => format!("{unsigned:x}"),
            'X' => format!("{unsigned:X}"),
            'o' => format!("{unsigned:o}"),
            'c' => char::from(value as u8).to_string(),
            's' => self.c_string(s, value),
            'p' => self.pointer_text(value),
            _ => String::new(),
        }
    }

    fn pointer_text(&self, value: u64) -> String {
        if value == 0 {
            "(null)".into()
        } else if pointer::id(value) == 0 {
            format!("{value:016x}")
        } else {
            self.name_of(value)
        }
    }

    fn c_string(&self, s: &[u8], address: u64) -> String {
        if address == 0 {
            return "(null)".into();
        }
        let bytes = (0..256).map_while(|i| self.peek(s, address + i, Scalar::U8)).take_while(|b| *b != 0);
        bytes.map(|b| char::from(b as u8)).collect()
    }
}

/// One conversion of a format, without its `%`.
struct Conversion {
    letter: char,
    /// Bytes of the argument.
    size: u8,
    alternate: bool,
    zero: bool,
    left: bool,
    width: usize,
    /// Bytes that it takes in the format.
    len: usize,
}

impl Conversion {
    fn parse(text: &str) -> Self {
        let mut it = Self { letter: '%', size: 4, alternate: false, zero: false, left: false, width: 0, len: 0 };
        let mut longs = 0;
        for c in text.chars() {
            it.len += c.len_utf8();
            match c {
                '#' => it.alternate = true,
                '0' if it.width == 0 => it.zero = true,
                '-' => it.left = true,
                '+' | ' ' | '.' => {}
                '0'..='9' => it.width = it.width * 10 + c as usize - '0' as usize,
                'l' | 'z' | 't' | 'j' => longs += 1,
                'h' => longs -= 1,
                _ => {
                    it.letter = c;
                    break;
                }
            }
        }
        it.size = match longs {
            1.. => 8,
            0 => 4,
            -1 => 2,
            _ => 1,
        };
        if it.letter == 'p' {
            let extension = text[it.len..].chars().take_while(char::is_ascii_alphanumeric).map(char::len_utf8);
            it.len += extension.sum::<usize>();
        }
        it
    }

    fn pad(&self, text: String) -> String {
        let width = self.width.min(64);
        match (self.left, self.zero) {
            (true, _) => format!("{text:<width$}"),
            (false, true) => format!("{text:0>width$}"),
            (false, false) => format!("{text:>width$}"),
        }
    }
}
