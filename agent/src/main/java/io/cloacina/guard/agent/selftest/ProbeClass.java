// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.selftest;

/** What the start-up self-test tries to load: harmless, in loaders made for the self-test and dropped after it. */
final class ProbeClass {
    private ProbeClass() {}
}
