// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import io.cloacina.guard.agent.forked.Jdks;
import java.util.List;

/** The JDKs that hosts are tried on: the lowest and the highest of this machine, or {@code -Dhosts.jdk=17} alone. */
final class HostJdks {

    private HostJdks() {}

    static List<Jdks.Jdk> lowestAndHighest() {
        List<Jdks.Jdk> all = Jdks.all();
        int only = Integer.getInteger("hosts.jdk", 0);
        return all.stream()
                .filter(jdk -> only == 0 ? jdk == all.get(0) || jdk == all.get(all.size() - 1) : jdk.feature() == only)
                .toList();
    }
}
