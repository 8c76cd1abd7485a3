//! Kernel options: what `KCONFIG`, `CPUS` and the command line say, and what that makes of the configuration.
//!
//! Invariant: what the command line says wins over the file, and the file over the defaults; the same table decides what `#ifdef CONFIG_*` sees and how the
//! machine behaves.
//!
//! Bounds are options too: `KCONFIG(BOUND_FAILED_ALLOCATIONS, 1);`. `docs/language.md` lists them.

use sim_core::program::{Config, Preemption};
use std::collections::BTreeMap;

/// The most CPUs that a scenario can have.
pub(crate) const MAX_CPUS: u8 = 16;

/// The options that a scenario is compiled under.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    /// Options by name, without `CONFIG_`.
    pub(crate) values: BTreeMap<String, String>,
    /// The number of CPUs comes from the command line, so that a pin to one that does not exist is not the file's mistake.
    pub(crate) cpus_overridden: bool,
    /// Where the file sets options that were heard: they are looked for before anything else is known, at the start of lines.
    pub(crate) heard: Vec<u32>,
}

/// What is wrong with an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OptionProblem {
    /// Its value is none that it can have; what it can be.
    BadValue(&'static str),
}

impl Default for Settings {
    fn default() -> Self {
        let fixed = [
            "64BIT",
            "SMP",
            "LOCKDEP",
            "PROVE_LOCKING",
            "DEBUG_ATOMIC_SLEEP",
            "DEBUG_LIST",
            "PREEMPT_COUNT",
            "MODULES",
            "PRINTK",
            "QUEUED_RWLOCKS",
        ];
        let mut values: BTreeMap<String, String> = fixed.iter().map(|n| (n.to_string(), "y".to_string())).collect();
        values.insert("HZ".into(), "250".into());
        let mut settings = Self { config: Config::default(), values, cpus_overridden: false, heard: Vec::new() };
        settings.publish();
        settings
    }
}

impl Settings {
    /// `CPUS(n)`
    pub(crate) fn set_cpus(&mut self, value: &str) -> Result<(), OptionProblem> {
        match value.parse::<u8>() {
            Ok(n) if (1..=MAX_CPUS).contains(&n) => {
                self.config.cpus = n;
                self.publish();
                Ok(())
            }
            _ => Err(OptionProblem::BadValue("a number from 1 to 16")),
        }
    }

    /// `KCONFIG(name, value)`
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), OptionProblem> {
        let name = name.strip_prefix("CONFIG_").unwrap_or(name);
        match (name, yes(value)) {
            ("PREEMPT_RT", Some(true)) => self.config.preemption = Preemption::Rt,
            ("PREEMPT_RT", Some(false)) if self.config.preemption == Preemption::Rt => {
                self.config.preemption = Preemption::Full;
            }
            ("PREEMPT_NONE", Some(true)) => self.config.preemption = Preemption::None,
            ("PREEMPT_VOLUNTARY", Some(true)) => self.config.preemption = Preemption::Voluntary,
            ("PREEMPT" | "PREEMPTION", Some(true)) => self.config.preemption = Preemption::Full,
            ("PREEMPT", Some(false)) if self.config.preemption == Preemption::Full => {
                self.config.preemption = Preemption::None;
            }
            ("PREEMPT_NONE" | "PREEMPT_VOLUNTARY" | "PREEMPT" | "PREEMPTION", Some(false)) => {}
            ("SMP", Some(on)) => self.config.smp = on,
            ("QUEUED_RWLOCKS", Some(on)) => self.config.queued_rwlocks = on,
            ("THREADIRQS", Some(on)) => self.config.threadirqs = on,
            ("PANIC_ON_OOPS", Some(on)) => self.config.panic_on_oops = on,
            ("PANIC_ON_WARN", Some(on)) => self.config.panic_on_warn = on,
            ("PREEMPT_RT", Some(false)) => {}
            (
                "PREEMPT_RT" | "PREEMPT_NONE" | "PREEMPT_VOLUNTARY" | "PREEMPT" | "SMP" | "QUEUED_RWLOCKS"
                | "PANIC_ON_OOPS" | "PANIC_ON_WARN" | "THREADIRQS",
                None,
            ) => {
                return Err(OptionProblem::BadValue("`y` or `n`"));
            }
            ("NR_CPUS", _) => return self.set_cpus(value),
            _ if name.starts_with("BOUND_") => self.bound(name, value)?,
            _ => {}
        }
        self.values.insert(name.to_string(), value.to_string());
        self.publish();
        Ok(())
    }

    fn bound(&mut self, name: &str, value: &str) -> Result<(), OptionProblem> {
        const NUMBER: OptionProblem = OptionProblem::BadValue("a number that fits");
        let bounds = &mut self.config.bounds;
        match name {
            "BOUND_CALL_DEPTH" => bounds.call_depth = value.parse().map_err(|_| NUMBER)?,
            "BOUND_ALLOCATIONS" => bounds.allocations = value.parse().map_err(|_| NUMBER)?,
            "BOUND_SPAWNS" => bounds.spawns = value.parse().map_err(|_| NUMBER)?,
            "BOUND_WORKERS" => bounds.workers = value.parse().ok().filter(|n| *n <= 16).ok_or(NUMBER)?,
            "BOUND_REQUEUES" => bounds.requeues = value.parse().map_err(|_| NUMBER)?,
            "BOUND_WORKER_FAILURES" => {
                bounds.worker_failures = value.parse().ok().filter(|n| *n <= 1).ok_or(NUMBER)?;
            }
            "BOUND_FAILED_ALLOCATIONS" => bounds.failed_allocations = value.parse().map_err(|_| NUMBER)?,
            "BOUND_RECLAIMS" => bounds.reclaims = value.parse().map_err(|_| NUMBER)?,
            "BOUND_USER_FAULTS" => bounds.user_faults = value.parse().map_err(|_| NUMBER)?,
            "BOUND_SPURIOUS_WAKEUPS" => bounds.spurious_wakeups = value.parse().map_err(|_| NUMBER)?,
            "BOUND_TIMER_FIRINGS" => bounds.timer_firings = value.parse().map_err(|_| NUMBER)?,
            "BOUND_CLOCK_ADVANCES" => bounds.clock_advances = value.parse().map_err(|_| NUMBER)?,
            "BOUND_INDICES" => bounds.indices = value.parse().ok().filter(|n| (1..=64).contains(n)).ok_or(NUMBER)?,
            "BOUND_LOCAL_INSTRUCTIONS" => bounds.local_instructions = value.parse().map_err(|_| NUMBER)?,
            _ => {
                return Err(OptionProblem::BadValue(
                    "the name of a bound: CALL_DEPTH, ALLOCATIONS, SPAWNS, WORKERS, REQUEUES, WORKER_FAILURES, FAILED_ALLOCATIONS, USER_FAULTS, RECLAIMS, SPURIOUS_WAKEUPS, TIMER_FIRINGS, CLOCK_ADVANCES, INDICES or LOCAL_INSTRUCTIONS",
                ));
            }
        }
        Ok(())
    }

    /// Makes the table say what the configuration is.
    fn publish(&mut self) {
        if !self.config.smp {
            self.config.cpus = 1;
        }
        let model = self.config.preemption;
        for option in [Preemption::None, Preemption::Voluntary, Preemption::Full, Preemption::Rt] {
            self.values.insert(option.name().into(), if option == model { "y" } else { "n" }.into());
        }
        self.values.insert("PREEMPTION".into(), if model.preempts() { "y" } else { "n" }.into());
        self.values.insert("IRQ_FORCED_THREADING".into(), if model == Preemption::Rt { "y" } else { "n" }.into());
        self.values.insert("SMP".into(), if self.config.smp { "y" } else { "n" }.into());
        self.values.insert("NR_CPUS".into(), self.config.cpus.to_string());
        let bounds = &self.config.bounds;
        self.values.insert("BOUND_INDICES".into(), bounds.indices.to_string());
        self.values.insert("BOUND_FAILED_ALLOCATIONS".into(), bounds.failed_allocations.to_string());
    }

    /// Whether `CONFIG_name` is set.
    pub(crate) fn enabled(&self, name: &str) -> bool {
        let name = name.strip_prefix("CONFIG_").unwrap_or(name);
        self.values.get(name).is_some_and(|v| v != "n" && v != "0")
    }

    /// The macros that stand for the options: `CONFIG_SMP` and `1`.
    pub(crate) fn macros(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.values
            .iter()
            .filter(|(_, value)| *value != "n")
            .map(|(name, value)| (format!("CONFIG_{name}"), if value == "y" { "1".into() } else { value.clone() }))
    }
}

fn yes(value: &str) -> Option<bool> {
    match value {
        "y" | "Y" | "1" => Some(true),
        "n" | "N" | "0" => Some(false),
        _ => None,
    }
}
