// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.internal.process.Version;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class VersionLine implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {
            "cloacina " + Version.number() + ", commit " + Version.commit() + " (Java " + Runtime.version() + ")"
        };
    }
}
