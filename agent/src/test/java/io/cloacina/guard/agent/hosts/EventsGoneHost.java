// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

/** {@link OddHost}, once the process that reads the events has ended. */
public final class EventsGoneHost {

    private EventsGoneHost() {}

    /** {@code PID WAY=VALUE…} */
    public static void main(String[] arguments) throws Exception {
        ProcessHandle.of(Long.parseLong(arguments[0]))
                .ifPresent(reader -> reader.onExit().join());
        String[] rest = new String[arguments.length - 1];
        System.arraycopy(arguments, 1, rest, 0, rest.length);
        OddHost.main(rest);
    }
}
