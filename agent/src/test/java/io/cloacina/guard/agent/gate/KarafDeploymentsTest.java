// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KarafDeploymentsTest {

    @TempDir
    Path base;

    @Test
    void baseOf_bundlesOfBothFrameworks_isKarafsDirectory() {
        assertEquals("/opt/karaf", KarafDeployments.baseOf("/opt/karaf/data/cache/bundle12/version0.0/bundle.jar"));
        assertEquals("/opt/karaf", KarafDeployments.baseOf("/opt/karaf/data/cache/org.eclipse.osgi/12/0/bundleFile"));
        assertNull(KarafDeployments.baseOf("/opt/karaf/data/cache/other/a.jar"));
        assertNull(KarafDeployments.baseOf("/opt/host/lib/bundle.jar"));
    }

    @Test
    void archivesOf_karsInDeploy_andNothingElse() throws Exception {
        assertEquals(List.of(), KarafDeployments.archivesOf(base.toString()));
        Path deploy = Files.createDirectory(base.resolve("deploy"));
        Files.createFile(deploy.resolve("a.kar"));
        Files.createFile(deploy.resolve("a.kar.sig"));
        Files.createFile(deploy.resolve("b.jar"));

        assertEquals(List.of(deploy.resolve("a.kar").toString()), KarafDeployments.archivesOf(base.toString()));
    }
}
