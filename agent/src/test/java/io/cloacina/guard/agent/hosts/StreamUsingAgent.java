// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.ByteArrayInputStream;
import java.util.zip.ZipInputStream;

/** An agent that reads an archive as a stream before the guard is started. */
public final class StreamUsingAgent {

    private StreamUsingAgent() {}

    public static void premain(String arguments) throws Exception {
        new ZipInputStream(new ByteArrayInputStream(new byte[0])).close();
    }
}
