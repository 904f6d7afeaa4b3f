// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.management.ManagementFactory;

/** An agent that makes the platform's bean server, as those do that export metrics. */
public final class BeanUsingAgent {

    private BeanUsingAgent() {}

    public static void premain(String arguments) {
        ManagementFactory.getPlatformMBeanServer();
    }
}
