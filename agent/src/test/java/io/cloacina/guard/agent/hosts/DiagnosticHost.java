// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.management.ManagementFactory;
import javax.management.ObjectName;

/** Calls commands of the JVM's diagnostic bean: {@code COMMAND COUNT ARGUMENT…}, again and again. */
public final class DiagnosticHost {

    private DiagnosticHost() {}

    public static void main(String[] arguments) throws Exception {
        ObjectName bean = new ObjectName("com.sun.management:type=DiagnosticCommand");
        for (int at = 0; at < arguments.length; ) {
            String command = arguments[at];
            String[] own = new String[Integer.parseInt(arguments[at + 1])];
            System.arraycopy(arguments, at + 2, own, 0, own.length);
            at += 2 + own.length;
            // An array of another type holds arguments as well as one of Object.
            Object[] parameters = at % 2 == 0 ? new Object[] {own} : new String[][] {own};
            Outcome.print(
                    command,
                    () -> ManagementFactory.getPlatformMBeanServer()
                            .invoke(bean, command, parameters, new String[] {String[].class.getName()}));
        }
    }
}
