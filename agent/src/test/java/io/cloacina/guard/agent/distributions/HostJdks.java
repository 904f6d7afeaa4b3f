// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import io.cloacina.guard.agent.forked.Jdks;
import java.util.List;

/**
 * The JDKs that hosts are tried on. An ordinary build takes one for each host, the lowest or the highest of the machine;
 * {@code -Dhosts.all=true}, which the profile {@code hosts} sets, takes both, and {@code -Dhosts.jdk=17} that one alone.
 */
final class HostJdks {

    private HostJdks() {}

    static List<Jdks.Jdk> lowest() {
        return choose(false);
    }

    static List<Jdks.Jdk> highest() {
        return choose(true);
    }

    private static List<Jdks.Jdk> choose(boolean highest) {
        List<Jdks.Jdk> all = Jdks.all();
        Jdks.Jdk first = all.get(0);
        Jdks.Jdk last = all.get(all.size() - 1);
        int only = Integer.getInteger("hosts.jdk", 0);
        if (only != 0) {
            return all.stream().filter(jdk -> jdk.feature() == only).toList();
        }
        if (Boolean.getBoolean("hosts.all")) {
            return first.equals(last) ? List.of(first) : List.of(first, last);
        }
        return List.of(highest ? last : first);
    }
}
