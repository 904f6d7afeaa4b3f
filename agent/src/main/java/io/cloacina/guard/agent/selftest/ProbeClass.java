// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.selftest;

/** What the start-up check tries to load: harmless, in loaders made for the check and dropped after it. */
final class ProbeClass {
    private ProbeClass() {}
}
