// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.example;

import io.cloacina.guard.audit.AuditSinks;
import io.cloacina.guard.audit.SinkConfigurationException;

/** An application that names a sink of Logback and has no Logback. */
public final class SinkHost {

    private SinkHost() {}

    /** The arguments do not matter. */
    public static void main(String[] arguments) {
        try {
            AuditSinks.check("logback:host.xml");
        } catch (SinkConfigurationException e) {
            System.out.println(e.getMessage());
        }
    }
}
