//! Lines of JSON, for whoever has lock events from elsewhere: `docs/lockdep.md` describes them.
//!
//! Invariant: a member that is not known is an error, so that a misspelt one is not silently the default.

use super::event::{Acquire, Event, Line, Task, What, address};
use lockdep_model::class::{LockType, Mode};
use lockdep_model::held::{HardIrq, IrqState};
use serde::Deserialize;

/// A line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    event: Name,
    task: Option<u32>,
    comm: Option<String>,
    cpu: Option<u16>,
    lock: Option<Address>,
    class: Option<String>,
    #[serde(rename = "type")]
    kind: Option<TypeName>,
    mode: Option<ModeName>,
    #[serde(rename = "try", default)]
    trylock: bool,
    #[serde(default)]
    subclass: u8,
    nest: Option<Address>,
    #[serde(rename = "in")]
    inside: Option<Inside>,
    irqs: Option<bool>,
    bh: Option<bool>,
    at: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Acquire,
    Release,
    ContentionBegin,
    ContentionEnd,
    Lost,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ModeName {
    Write,
    Read,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TypeName {
    RawSpinlock,
    Spinlock,
    Rwlock,
    Mutex,
    Rwsem,
    RtMutex,
    WwMutex,
    PercpuRwsem,
    LocalLock,
    Rcu,
    RcuSched,
    Srcu,
    Seqcount,
    Map,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Inside {
    Task,
    Softirq,
    Hardirq,
    HardirqInSoftirq,
    Nmi,
}

/// A number, or its hexadecimal digits: not every writer of JSON has numbers of 64 bits.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Address {
    Number(u64),
    Digits(String),
}

impl Address {
    fn value(&self) -> Result<u64, String> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Digits(digits) => address(digits).ok_or_else(|| format!("`{digits}` is no address of a lock")),
        }
    }
}

impl TypeName {
    fn lock(self) -> LockType {
        match self {
            Self::RawSpinlock => LockType::RawSpin,
            Self::Spinlock => LockType::Spin,
            Self::Rwlock => LockType::RwLock,
            Self::Mutex => LockType::Mutex,
            Self::Rwsem => LockType::RwSem,
            Self::RtMutex => LockType::RtMutex,
            Self::WwMutex => LockType::WwMutex,
            Self::PercpuRwsem => LockType::PercpuRwSem,
            Self::LocalLock => LockType::LocalLock,
            Self::Rcu => LockType::Rcu,
            Self::RcuSched => LockType::RcuSched,
            Self::Srcu => LockType::Srcu,
            Self::Seqcount => LockType::SeqCount,
            Self::Map => LockType::Map,
        }
    }
}

impl Record {
    /// Reads a line.
    ///
    /// # Errors
    /// It is not JSON, or not of this form.
    pub fn read(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map_err(|error| {
            let text = error.to_string();
            // Every line is line 1 to the reader of one line.
            text.replace(" at line 1 column ", " at column ")
        })
    }

    /// What it says.
    pub fn line(&self) -> Line<'_> {
        match self.event {
            Name::ContentionBegin | Name::ContentionEnd => Line::Contention,
            Name::Lost => Line::Lost,
            Name::Acquire | Name::Release => self.event().map_or_else(Line::Broken, Line::Event),
        }
    }

    fn event(&self) -> Result<Event<'_>, String> {
        let pid = self.task.ok_or("there is no `task`")?;
        let lock = self.lock.as_ref().ok_or("there is no `lock`")?.value()?;
        let what = if self.event == Name::Acquire { What::Acquire(self.acquire()?) } else { What::Release };
        let comm = self.comm.as_deref().unwrap_or("task");
        Ok(Event { task: Task { pid, comm, cpu: self.cpu }, irq: self.irq(), lock, at: self.at.as_deref(), what })
    }

    fn acquire(&self) -> Result<Acquire<'_>, String> {
        let class = self.class.as_deref().filter(|class| !class.is_empty()).ok_or("there is no `class`")?;
        if self.subclass >= lockdep_model::class::SUBCLASSES {
            return Err(format!("a `subclass` is 0 to 7, not {}", self.subclass));
        }
        Ok(Acquire {
            class,
            lock: self.kind.map_or(LockType::Unknown, TypeName::lock),
            subclass: Some(self.subclass),
            mode: if matches!(self.mode, Some(ModeName::Read)) { Mode::Read } else { Mode::Write },
            trylock: self.trylock,
            nest: self.nest.as_ref().map(Address::value).transpose()?,
        })
    }

    /// The interrupt state, if the line tells any of it; what it leaves out is as it usually is there.
    fn irq(&self) -> Option<IrqState> {
        if self.inside.is_none() && self.irqs.is_none() && self.bh.is_none() {
            return None;
        }
        let inside = self.inside.unwrap_or(Inside::Task);
        let base = match inside {
            Inside::Task => IrqState::TASK,
            Inside::Softirq => IrqState::SOFTIRQ,
            Inside::Hardirq => IrqState::HARDIRQ,
            Inside::HardirqInSoftirq => {
                IrqState { hardirqs_on: false, hardirq: HardIrq::Threadable, ..IrqState::SOFTIRQ }
            }
            Inside::Nmi => IrqState::NMI,
        };
        Some(IrqState {
            hardirqs_on: self.irqs.unwrap_or(base.hardirqs_on),
            softirqs_on: self.bh.unwrap_or(true) && base.softirqs_on,
            ..base
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acquisition_tells_what_text_cannot() {
        let text = r#"{"event":"acquire","task":7,"comm":"nic","cpu":1,"lock":"0x10","class":"&q->lock","type":"rwlock",
            "mode":"read","try":true,"subclass":1,"nest":32,"in":"softirq","irqs":false,"at":"drivers/nic.c:12"}"#;
        let record = Record::read(text).expect("it is of the form");
        let Line::Event(event) = record.line() else { panic!("no event") };
        assert_eq!(event.task, Task { pid: 7, comm: "nic", cpu: Some(1) });
        assert_eq!(event.irq, Some(IrqState { hardirqs_on: false, ..IrqState::SOFTIRQ }));
        assert_eq!((event.lock, event.at), (16, Some("drivers/nic.c:12")));
        let What::Acquire(acquire) = event.what else { panic!("a release") };
        let expected = Acquire {
            class: "&q->lock",
            lock: LockType::RwLock,
            subclass: Some(1),
            mode: Mode::Read,
            trylock: true,
            nest: Some(32),
        };
        assert_eq!(acquire, expected);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, why) in [
            (r#"{"event":"release","lock":1}"#, "there is no `task`"),
            (r#"{"event":"acquire","task":1,"lock":1}"#, "there is no `class`"),
            (r#"{"event":"acquire","task":1,"lock":"x","class":"a"}"#, "`x` is no address of a lock"),
            (r#"{"event":"acquire","task":1,"lock":1,"class":"a","subclass":8}"#, "a `subclass` is 0 to 7, not 8"),
        ] {
            let record = Record::read(text).expect("it is of the form");
            assert_eq!(record.line(), Line::Broken(why.to_owned()), "{text}");
        }
        for (text, why) in [
            ("{", "EOF while parsing an object at column 1"),
            (r#"{"event":"acquire","tsk":1}"#, "unknown field `tsk`, expected one of"),
            (r#"{"event":"grab"}"#, "unknown variant `grab`, expected one of"),
        ] {
            let error = Record::read(text).expect_err(text);
            assert!(error.starts_with(why), "{error}");
        }
    }
}
