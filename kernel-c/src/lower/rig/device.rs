//! `PLATFORM_DEVICE`: the prelude's macro declares the object, and here it gets those who bring it, take it away and shut it down.

use super::{ContextOptions, Pin, RigState};
use crate::ast::Invocation;
use crate::lower::Lower;
use crate::lower::code::Value;
use sim_core::program::{ContextDecl, ContextKind, pointer};

impl<'u> Lower<'u> {
    /// `__PLATFORM_DEVICE(device, ...)`
    pub(super) fn platform_device(&mut self, invocation: &'u Invocation, state: &mut RigState) {
        let (plain, options) = self.parts(invocation);
        let [device] = plain[..] else {
            self.error(invocation.name.place, "`PLATFORM_DEVICE` is written `PLATFORM_DEVICE(name, \"driver\", ...)`");
            return;
        };
        for (given, option) in
            [(options.arg.is_some(), "arg"), (options.count.is_some(), "count"), (options.times.is_some(), "times")]
        {
            if given {
                self.error(invocation.name.place, format!("`PLATFORM_DEVICE` has no option `.{option}`"));
            }
        }
        let Some(name) = self.context_name(device, state) else { return };
        let place = self.lvalue(device);
        let Value::Static { object, .. } = self.address(&place) else { return };
        let address = pointer::to_static(object, 0);
        let is_set = |option: Option<i64>| option.is_some_and(|value| value != 0);
        self.life(format!("{name}.add"), ContextKind::Init, "__device_exists", address, &options, state);
        if is_set(options.hotplug) || is_set(options.unplug) {
            self.life(name.clone(), ContextKind::Thread, "__device_comes_and_goes", address, &options, state);
        }
        if is_set(options.shutdown) {
            let name = format!("{name}.shutdown");
            self.life(name, ContextKind::Thread, "__device_shutdown", address, &options, state);
        }
    }

    /// A context that calls a function of the prelude with the device.
    fn life(
        &mut self,
        name: String,
        kind: ContextKind,
        function: &str,
        device: u64,
        options: &ContextOptions<'u>,
        state: &mut RigState,
    ) {
        let Some(symbol) = self.prelude_function(function) else { return };
        let cpu = match options.cpu {
            _ if kind.is_setup() => None,
            Some(Pin::Any) => None,
            Some(Pin::Cpu(cpu)) => Some(cpu),
            None => Some(state.next_cpu(self.settings.config.cpus)),
        };
        let entry = Some(self.want(symbol));
        let group = state.next_group();
        let span = self.b.span;
        self.out.contexts.push(ContextDecl {
            name,
            kind,
            entry,
            args: vec![device],
            cpu,
            prio: 0,
            signals: 0,
            span,
            group,
        });
    }
}
