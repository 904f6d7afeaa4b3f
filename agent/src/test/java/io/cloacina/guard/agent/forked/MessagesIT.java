// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.ErrorPageHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What of a refusal a host shows to strangers, and what its log has. */
class MessagesIT {

    private static final String ORG = "6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40";
    private static final Pattern SENTENCE =
            Pattern.compile("cloacina-guard refused a package \\((\\w+)\\): see event ([0-9a-f-]{36})");

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private static String lines(Result result, String prefix) {
        return result.out().lines().filter(line -> line.startsWith(prefix)).collect(Collectors.joining("\n"));
    }

    @EachJdk
    void errorPage_hasNoPathOrganisationOrCommand_logHasAll(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        Path jar = packages.jar("plugin.jar", fixture.file("marker"), "evil");
        Path classes = fixture.file("plugin.jar-classes");
        Path library = Files.write(fixture.file("libplugin.so"), new byte[] {1, 2, 3});

        Result result = fixture.jvm(jdk)
                .set("cloacina.require_signatures", true)
                .set("cloacina.verification_org_id", ORG)
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .run(ErrorPageHost.class, jar, classes, library);

        assertEquals(0, result.status(), result::toString);
        assertFalse(result.out().contains("LOADED"), result::toString);
        String page = lines(result, "PAGE ");
        for (String secret :
                new String[] {fixture.directory().toString(), "plugin.jar", ORG, "java -jar", "--private-key", "sign "
                }) {
            assertFalse(page.contains(secret), () -> secret + " is shown: " + result);
        }
        String log = lines(result, "LOG ");
        for (Path refused : new Path[] {jar, classes, library}) {
            assertTrue(
                    log.contains("cloacina-guard refused [" + refused + "] (signature_not_found)"), result::toString);
        }
        assertTrue(log.contains("sign --private-key KEY.pem " + jar), result::toString);
        Matcher sentences = SENTENCE.matcher(page);
        int found = 0;
        while (sentences.find()) {
            found++;
            String id = sentences.group(2);
            assertEquals("signature_not_found", sentences.group(1));
            assertEquals(
                    1,
                    result.events("package.load.failure").stream()
                            .filter(event -> event.has("event_id", id))
                            .count(),
                    result::toString);
        }
        // Of own class loader and library; a class that is missing says nothing of it but to the log.
        assertTrue(found >= 2, result::toString);
        assertEquals(4, result.events("package.load.failure").size(), result::toString);
    }
}
